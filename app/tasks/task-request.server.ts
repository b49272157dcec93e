import type { ConversionEvent } from "#app/events/conversion-event.ts";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import type { RowError, TaskName, TaskResult } from "./task-document.server.ts";

/** An event of a task, by its place in the input. */
export type TaskRow =
  | ({ index: number; kind: "event" } & GivenRow)
  | { index: number; kind: "faulty"; eventName: string | null; error: RowError };

export interface GivenRow {
  mapped: MappedEvent;
  /** The event as Pinterest gets it or would get it, even if `mapped` says that it is skipped. */
  event: ConversionEvent;
  /** The size of the event's JSON. */
  bytes: number;
}

/** A parsed and checked task request; it is the same for every caller. */
export interface TaskRequest {
  task: TaskName;
  /** Null: the shop's own connection. */
  accessToken: string | null;
  /** Null: the connection's. */
  adAccountId: string | null;
  isDemo: boolean;
  /** Pinterest checks the events and records nothing. */
  isTest: boolean;
  webhookUrl: string | null;
  /** A call through a shop waits this long for outcomes. */
  waitSeconds: number;
  /** Used by `get_conversion_tag`. */
  conversionTagId: string | null;
  /** The events of the sending tasks; one for `send_event`. */
  rows: TaskRow[];
}

export interface SortedRows {
  outgoing: OutgoingEvent[];
  /** The rows that are not sent, each with its reason. */
  skipped: TaskResult[];
  /** The skipped rows that Pinterest itself would reject, as it would get them. */
  refusable: { event: ConversionEvent; bytes: number; reason: RefusableReason }[];
}

export type RefusableReason = "no_match_key" | "too_old";

/** A row of the input that is to be sent. */
export interface OutgoingEvent {
  /** Its place in the input. */
  index: number;
  mapped: MappedEvent;
  event: ConversionEvent;
  /** The size of the event's JSON. */
  bytes: number;
}
