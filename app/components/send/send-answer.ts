import type { SendFaults, SendFields, SendMode } from "#app/events/screens/send-form.ts";

/** What the page starts with. */
export interface SendFormView {
  fields: SendFields;
  eventId: string;
  connection: "none" | "active" | "paused";
  eventNames: { value: string; label: string }[];
  timeHelp: string;
  liveQuestion: string;
  columnsHelp: string;
  sampleFile: string;
}

export interface PreviewView {
  body: string | null;
  faults: SendFaults;
  isIdentified: boolean | null;
}

export interface ReportView {
  tone: "success" | "info" | "warning" | "critical";
  title: string;
  text: string | null;
  body: string | null;
  sampleAnswer: string | null;
  eventId: string | null;
  isStored: boolean;
  nextEventId: string;
}

export interface ProblemView {
  title: string;
  cause: string;
  fix: string;
}

export interface FaultView {
  row: number;
  column: string;
  problem: string;
  fix: string;
}

export interface CheckedFileView {
  title: string;
  text: string;
  ready: number;
  unfit: number;
  faults: FaultView[];
  moreFaults: string | null;
  download: { label: string; name: string; text: string } | null;
  firstBody: string | null;
  /** The buttons, and the question before the live one. */
  words: Record<"demo" | "test" | "live" | "askTitle" | "askText" | "confirm", string>;
}

export interface FileReportView extends Pick<ReportView, "tone" | "title" | "text"> {
  mode: SendMode;
  firstBody: string | null;
  refused: { row: number; problem: string }[];
}

export interface OrderView {
  name: string;
  title: string;
  facts: string;
  verdict: string;
  isHeldBack: boolean;
  eventId: string;
  eventIdHelp: string;
  standing: string;
  body: string | null;
  notes: string[];
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
