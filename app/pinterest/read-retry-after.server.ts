import { MAX_RETRY_AFTER_SECONDS } from "./limits.server.ts";

/** Without this, V8 reads "about 5" as a day in May 2001, and the wait would be over at once. */
const HTTP_DATE = /^[A-Z][a-z]+, .+ GMT$/;

/**
 * Parses a `Retry-After` header, in seconds or as an HTTP date (RFC 9110, 10.2.3), into seconds to
 * wait; 0 to 86,400, or null when it cannot be read.
 */
export function readRetryAfter(header: string | undefined, nowMs: number): number | null {
  const text = header?.trim() ?? "";
  if (/^-?\d+(\.\d+)?$/.test(text)) return bounded(Number(text));
  if (!HTTP_DATE.test(text)) return null;
  const untilMs = Date.parse(text);
  return Number.isNaN(untilMs) ? null : bounded((untilMs - nowMs) / 1_000);
}

function bounded(seconds: number): number {
  return Math.min(Math.max(Math.ceil(seconds), 0), MAX_RETRY_AFTER_SECONDS);
}
