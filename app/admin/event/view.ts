import type { StateBadge } from "#app/admin/shell/badge.ts";
import type { Moment } from "#app/admin/shell/format/moment.ts";

/** One event as its screen shows it; every text is ready to be read. */
export interface EventView {
  eventId: string;
  /** Pinterest's event name. */
  kind: string;
  title: string;
  badge: StateBadge;
  zone: string;
  /** It may still change by itself. */
  isOpen: boolean;
  timeline: TimelineItem[];
  facts: EventFact[];
  sent: SentView;
  actions: ActionView[];
  /** For whoever helps: states and times to the millisecond, nothing of a person. */
  report: string;
}

export interface TimelineItem {
  /** Null: of the present, or of no moment. */
  at: Moment | null;
  text: string;
  lines: string[];
}

export interface EventFact {
  label: string;
  value: string;
  /** An id: monospace, with a button that copies it. */
  isCode: boolean;
  moment: Moment | null;
  link: { url: string; label: string } | null;
}

/** What was sent, or why there is nothing to show. */
export interface SentView {
  /** Null: there is a body. */
  absence: string | null;
  fields: SentField[];
  /** The body part of this event, as text; IP address, browser and click id masked or not. */
  json: string;
  curl: string;
  isRevealed: boolean;
  /** There is something to reveal. */
  hasSecrets: boolean;
  /** No reasons were kept with the event. */
  lacksNotes: boolean;
}

export interface SentField {
  /** As the API names it. */
  key: string;
  label: string;
  treatment: string;
  /** What was sent, or why not. */
  values: string[];
  origin: string;
  isLeftOut: boolean;
  isMasked: boolean;
}

export type ActionName = "sendNow" | "sendAgain" | "rebuild";

export interface ActionView {
  name: ActionName;
  label: string;
  /** Null: it can be done. Else why not. */
  bar: string | null;
}

/** What a rebuilt event would be, beside what it is. */
export interface RebuildView {
  /** Null: it can be sent. */
  fault: string | null;
  rows: { key: string; label: string; before: string; after: string }[];
  notes: string[];
  /** Of the body that is shown: what is sent must be this one. */
  fingerprint: string;
}
