import type { SendFaults, SendFields, SendMode } from "./send-form.ts";

/** What the page "Send events" starts with. */
export interface SendFormView {
  fields: SendFields;
  /** For the event of this form; it stays the form's, however often that is posted. */
  eventId: string;
  connection: "none" | "active" | "paused";
  /** With the event's API name behind its words. */
  eventNames: { value: string; label: string }[];
  timeHelp: string;
  /** Of the question before a live event; empty where none can be sent. */
  liveQuestion: string;
  columnsHelp: string;
  sampleFile: string;
}

export interface PreviewView {
  /** Null: there are faults. */
  body: string | null;
  faults: SendFaults;
  /** Whether Pinterest could match it to a person; null: not known, for faults. */
  isIdentified: boolean | null;
}

export interface ResultWords {
  tone: "success" | "info" | "warning" | "critical";
  title: string;
  text: string | null;
}

export interface ReportView extends ResultWords {
  /** What was sent, or would be. */
  body: string | null;
  /** Of demo mode. */
  sampleAnswer: string | null;
  eventId: string | null;
  /** Whether the list of events has it. */
  isStored: boolean;
  /** For what the form says next: this id is taken. */
  nextEventId: string;
}

/** Why no row of a file can be used. */
export interface ProblemView {
  title: string;
  cause: string;
  fix: string;
}

/** One thing that is wrong with a row of a file. Repeats nothing of what the row holds. */
export interface FaultView {
  /** As in the file. */
  row: number;
  /** The column's own name, or words for the whole row. */
  column: string;
  problem: string;
  fix: string;
}

export interface CheckedFileView {
  /** `962 ready, 38 need changes` */
  title: string;
  text: string;
  ready: number;
  unfit: number;
  faults: FaultView[];
  /** Said where there are more than are shown. */
  moreFaults: string | null;
  /** The rows that need changes, as a file of the same kind; null: there are none. */
  download: { label: string; name: string; text: string } | null;
  /** The start of the first request; null: no row is ready. */
  firstBody: string | null;
  /** The buttons, and the question before the live one. */
  words: Record<"demo" | "test" | "live" | "askTitle" | "askText" | "confirm", string>;
}

export interface FileReportView extends ResultWords {
  mode: SendMode;
  /** The start of what was sent, or would be. */
  firstBody: string | null;
  /** Rows that Pinterest would refuse, in its own words. */
  refused: Pick<FaultView, "row" | "problem">[];
}

/** An order of the past as the event that it would be. */
export interface OrderView {
  /** As Shopify has it, for the request that sends it. */
  name: string;
  title: string;
  facts: string;
  /** Whether it would be sent, and why not. */
  verdict: string;
  isHeldBack: boolean;
  eventId: string;
  eventIdHelp: string;
  /** How the event stands that the store has already. */
  standing: string;
  /** Null: the settings keep it back, and nothing is built. */
  body: string | null;
  notes: string[];
  /** The match keys that it lacks, and why. */
  leftOut: string[];
  /** Why it may not be sent in a mode; null: it may. */
  barred: { test: string | null; live: string | null };
}

/** What each request of the page is answered. `lost`: there was no answer. */
export type SendAnswer =
  | { intent: "preview" | "check"; preview: PreviewView }
  | { intent: "send"; mode: SendMode; faults: SendFaults; report: ReportView | null }
  | { intent: "check-file"; problem: ProblemView }
  | { intent: "check-file"; problem: null; check: CheckedFileView }
  | { intent: "send-file"; problem: ProblemView }
  | { intent: "send-file"; problem: null; report: FileReportView | null; runUrl: string | null }
  | { intent: "show-order" | "send-order"; fault: string }
  | {
      intent: "show-order" | "send-order";
      fault: null;
      mode: SendMode;
      view: OrderView;
      report: ReportView | null;
    }
  | { intent: "lost" };
