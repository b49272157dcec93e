import type { ConversionEvent } from "#app/events/conversion-event.ts";
import type { SkipReason } from "#app/events/event-state.ts";
import type { ConversionTag } from "#app/pinterest/answers.server.ts";

export const TASKS = [
  "send_event",
  "send_batch_events",
  "list_conversion_tags",
  "get_conversion_tag",
] as const;

export type TaskName = (typeof TASKS)[number];

/** Why a task, or one event of it, came to nothing: the cause, and what to do next. */
export interface TaskError {
  code: TaskErrorCode;
  message: string;
  action: string;
  /** The faulty keys of `invalid_input`. */
  fields?: FieldFault[];
  /** Set for `rate_limited`. */
  retry_after_seconds?: number;
}

export type TaskErrorCode =
  | "missing_token"
  | "invalid_input"
  | "unauthorized"
  | "forbidden"
  | "rate_limited"
  | "not_found"
  | "pinterest_unavailable"
  | "undetermined";

/** Why one event was not accepted: a task's code, or a reason of its own. */
export interface RowError extends Omit<TaskError, "code"> {
  code: TaskErrorCode | SkipReason | "rejected" | "expired" | "paused";
}

export interface FieldFault {
  /** The key of the input: `email`, `contents.0.id`; `events` for a batch that cannot be read. */
  path: string;
  message: string;
}

export type RowStatus = "accepted" | "failed" | "skipped" | "undetermined" | "pending";

export interface TaskResult {
  index: number;
  event_id: string | null;
  event_name: string | null;
  status: RowStatus;
  warning: string | null;
  error: RowError | null;
  /**
   * Exactly what was sent; in demo mode what would be. Null for what was not. Left out of a document
   * that would be too large, and where `stored` stands.
   */
  event?: ConversionEvent | null;
  /** The store has the event from elsewhere, or with other content, which is not the caller's to see. */
  stored?: true;
}

export interface Summary {
  received: number;
  accepted: number;
  failed: number;
  skipped: number;
  /** The field is omitted if there are none. */
  undetermined?: number;
  pending?: number;
}

/** The whole answer of a task: the only output on stdout with `--json`. */
export type TaskDocument = SendDocument | TagsDocument | TagDocument | FailureDocument;

export interface SendDocument {
  task: TaskName;
  demo: boolean;
  test: boolean;
  ok: boolean;
  ad_account_id: string;
  summary: Summary;
  results: TaskResult[];
  /** The rows have no `event`: the document would be too large with them. */
  events_omitted?: true;
  /** The error that stopped the task before its end, if any. */
  error?: TaskError;
  /** Set in demo mode: each request that would be sent, and Pinterest's answer to it. */
  requests?: DemoExchange[];
}

export interface DemoExchange {
  method: "GET" | "POST";
  url: string;
  headers: Record<string, string>;
  body: unknown;
  answer: { http_status: number; body: unknown };
  /** The reason why a request is shown that would not be sent. */
  note?: string;
}

export interface TagsDocument {
  task: TaskName;
  demo: boolean;
  ok: true;
  ad_account_id: string;
  tags: ConversionTag[];
  /** If there are none: what that means, and what to do. */
  note?: string;
  requests?: DemoExchange[];
}

export interface TagDocument {
  task: TaskName;
  demo: boolean;
  ok: true;
  ad_account_id: string;
  tag: ConversionTag;
  requests?: DemoExchange[];
}

export interface FailureDocument {
  task: TaskName | null;
  ok: false;
  error: TaskError;
}
