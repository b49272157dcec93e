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

/** 0 done; 1 not done, or not known, in whole or part; 2 nothing was tried for want of input. */
export function toExitCode(document: TaskDocument): 0 | 1 | 2 {
  if (document.ok) return 0;
  if ("results" in document) return 1;
  const { code } = document.error;
  return code === "missing_token" || code === "invalid_input" ? 2 : 1;
}

const HTTP_STATUS: Record<TaskErrorCode, number> = {
  missing_token: 400,
  invalid_input: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  rate_limited: 429,
  pinterest_unavailable: 502,
  undetermined: 502,
};

/** 200 also for what came to something in part: a caller that sees an error sends all again. */
export function toHttpStatus(document: TaskDocument): number {
  const { error } = document as { error?: { code: TaskErrorCode } };
  if (error === undefined) return 200;
  const results = "results" in document ? document.results : [];
  const isTaken = results.some(({ status }) => status === "accepted" || status === "pending");
  return isTaken ? 200 : HTTP_STATUS[error.code];
}

/** The request as the client would make it, with a word in the token's place. */
export function demoExchange(
  apiUrl: string,
  { path, body = null, answer }: { path: string; body?: unknown; answer: unknown },
): DemoExchange {
  const isPost = body !== null;
  return {
    method: isPost ? "POST" : "GET",
    url: apiUrl.replace(/\/+$/, "") + path,
    headers: {
      Accept: "application/json",
      "User-Agent": "pinrelay",
      Authorization: "Bearer <your token>",
      ...(isPost ? { "Content-Type": "application/json" } : {}),
    },
    body,
    answer: { http_status: 200, body: answer },
  };
}
