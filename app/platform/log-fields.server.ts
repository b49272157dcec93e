/**
 * The fields that a log line may have besides its time, level, message and `requestId`. A field is a
 * name, an id, a count or a word of ours: a change that adds one here claims that it never holds what a
 * shopper told us, nor a token.
 */
export const FIELDS = [
  // What it is about
  "shop",
  "shopId",
  "adAccountId",
  "webhookId",
  "topic",
  "job",
  "request",
  "callback",
  "alertMessage",
  "cause",
  "channel",
  "flowRun",
  "thread",
  "method",
  "path",
  "library",
  // What became of it
  "status",
  "outcome",
  "result",
  "verdict",
  "reason",
  "failure",
  "fault",
  "trouble",
  "effect",
  "end",
  "why",
  "detail",
  "message",
  "shopifyError",
  // How much, how long
  "attempt",
  "times",
  "events",
  "rows",
  "shops",
  "missing",
  "sent",
  "resumed",
  "expired",
  "deleted",
  "charged",
  "made",
  "left",
  "renewed",
  "refused",
  "unavailable",
  "failed",
  "changed",
  "gone",
  "httpStatus",
  "durationMs",
  // The process
  "host",
  "port",
  "role",
  "signal",
  "dataDir",
] as const;

type Field = (typeof FIELDS)[number];
export type Value = string | number | boolean | readonly string[] | null | undefined;

/** What a log call may say besides its message. `err` takes whatever was thrown. */
export type LogFields = { readonly [name in Field]?: Value } & { readonly err?: unknown };
