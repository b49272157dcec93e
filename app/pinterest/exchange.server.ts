import { scrub } from "./scrub.server.ts";

export interface PinterestRequest {
  method: "GET" | "POST";
  /** Below the API's base, query included. Whoever builds it answers for what he puts in. */
  path: string;
  authorization: string;
  body?: { type: string; text: string };
  /** Removed from every message that comes of this request; asked for only when there is one. */
  secrets: () => readonly string[];
  maxAnswerBytes?: number;
  /** Delivery takes its own turns; all else is asked because somebody clicked. */
  isDelivery?: boolean;
}

/** An answer that says no, 4xx or 5xx; also when its body never arrived, for the status is known. */
export interface Refusal {
  kind: "refusal";
  httpStatus: number;
  /** Pinterest's own; without it somebody in between may have answered. */
  code: number | null;
  /** The body was a JSON object, and no page of a proxy or of Pinterest's edge. */
  isJson: boolean;
  message: string;
  retryAfterSeconds: number | null;
  /** Untyped at Pinterest, documented nowhere. */
  details: unknown;
}

/** Whether Pinterest did what was asked is not known. */
export interface Lost {
  kind: "lost";
  reason: "timeout" | "network" | "unreadable" | "too_large";
  httpStatus: number | null;
  message: string;
}

/** Statuses that say something of whoever asks, or of what he asks about. */
const ABOUT_THE_CALLER = new Set([401, 403, 404]);

/**
 * Whether a refusal says nothing, since Pinterest may not have said it: a statement about a token, a
 * role or an account counts in Pinterest's own form with its code, any other 4xx in JSON.
 */
export function isForeign({
  httpStatus,
  code,
  isJson,
}: Pick<Refusal, "httpStatus" | "code" | "isJson">): boolean {
  return ABOUT_THE_CALLER.has(httpStatus) ? code === null : !isJson;
}

export type Exchange = { kind: "answer"; httpStatus: number; json: unknown } | Refusal | Lost;

/** An answer that came whole and cannot be understood, a redirect among them. */
export function unreadable(httpStatus: number): Lost {
  const message = `Pinterest answered ${httpStatus} and nothing that can be read`;
  return { kind: "lost", reason: "unreadable", httpStatus, message };
}

/** Names of the abort signal's error, and codes of undici's. */
const TIMEOUTS = new Set([
  "TimeoutError",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
]);

/** What undici threw. `httpStatus` is known when it happened in the answer's body. */
export function lostTo(
  thrown: unknown,
  httpStatus: number | null,
  { secrets }: PinterestRequest,
): Lost {
  const { name = "", code = "", message = "" } = thrown as Partial<Error & { code: unknown }>;
  if (TIMEOUTS.has(name) || TIMEOUTS.has(String(code))) {
    return { kind: "lost", reason: "timeout", httpStatus, message: "Pinterest took too long" };
  }
  const text = [message, code].filter((part) => part !== "").join(", ");
  return {
    kind: "lost",
    reason: "network",
    httpStatus,
    message: scrub(`The connection to Pinterest failed: ${text}`, secrets()),
  };
}
