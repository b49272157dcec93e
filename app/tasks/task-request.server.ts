import type { ConversionEvent } from "#app/events/conversion-event.ts";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import type { RowError, TaskName } from "./task-document.server.ts";

/** An event of a task, by its place in the input. */
export type TaskRow =
  | ({ index: number; kind: "event" } & GivenRow)
  | { index: number; kind: "faulty"; eventName: string | null; error: RowError };

export interface GivenRow {
  mapped: MappedEvent;
  /** As Pinterest gets it, or would: also where `mapped` says that it is not sent. */
  event: ConversionEvent;
  /** Of the event's JSON. */
  bytes: number;
}

/** What a task is asked to do, read and checked; the same whichever door it came in by. */
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
  /** How long a call through a shop waits for outcomes. */
  waitSeconds: number;
  /** Of `get_conversion_tag`. */
  conversionTagId: string | null;
  /** Of the sending tasks; one for `send_event`. */
  rows: TaskRow[];
}
