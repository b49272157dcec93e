import { scrub } from "./scrub.server.ts";

export interface PinterestRequest {
  method: "GET" | "POST";
  /** The path below the API's base, with its query. Callers must validate what they interpolate. */
  path: string;
  authorization: string;
  body?: { type: string; text: string };
  /** Values removed from every message of this request; only computed when there is a message. */
  secrets: () => readonly string[];
  maxAnswerBytes?: number;
  /** Delivery limits its own requests; all others come from a person's click. */
  isDelivery?: boolean;
}

/** A 4xx or 5xx answer; also when its body never arrived, because the status is known. */
export interface Refusal {
  kind: "refusal";
  httpStatus: number;
  /** Pinterest's own code; without it a proxy may have answered. */
  code: number | null;
  /** The body was a JSON object, not a page of a proxy or of Pinterest's edge. */
  isJson: boolean;
  message: string;
  retryAfterSeconds: number | null;
  /** Untyped by Pinterest, and not documented. */
  details: unknown;
}

/** It is unknown whether Pinterest did what was asked. */
export interface Lost {
  kind: "lost";
  reason: "timeout" | "network" | "unreadable" | "too_large";
  httpStatus: number | null;
  message: string;
}

/** Statuses that concern the caller, or the resource. */
const ABOUT_THE_CALLER = new Set([401, 403, 404]);

/**
 * Whether a refusal proves nothing, because Pinterest may not have sent it: a statement about a
 * token, a role or an account counts only in Pinterest's own form with its code, any other 4xx only
 * in JSON.
 */
export function isForeign({
  httpStatus,
  code,
  isJson,
}: Pick<Refusal, "httpStatus" | "code" | "isJson">): boolean {
  return ABOUT_THE_CALLER.has(httpStatus) ? code === null : !isJson;
}

export type Exchange = { kind: "answer"; httpStatus: number; json: unknown } | Refusal | Lost;

/** An answer that came whole and cannot be understood, including a redirect. */
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

/** Describes what undici threw. `httpStatus` is known when it happened in the answer's body. */
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
