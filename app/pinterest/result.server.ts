import type { z } from "zod";
import {
  type Exchange,
  isForeign,
  type Lost,
  type Refusal,
  unreadable,
} from "./exchange.server.ts";

/** Why a call other than sending events failed. Messages hold no secret. */
export interface PinterestError {
  kind:
    | "unauthorized"
    | "forbidden"
    | "rate_limited"
    | "not_found"
    | "invalid"
    | "unavailable"
    | "unreadable";
  /** Null when no answer came, or nothing was sent. */
  httpStatus: number | null;
  code: number | null;
  message: string;
  retryAfterSeconds: number | null;
}

export type Result<T> = { ok: true; value: T } | { ok: false; error: PinterestError };

/** The value of an answer, or what went wrong. */
export function readResult<T>(exchange: Exchange, schema: z.ZodType<T>): Result<T> {
  if (exchange.kind === "refusal") return { ok: false, error: refusalError(exchange) };
  if (exchange.kind === "lost") return { ok: false, error: lostError(exchange) };
  const read = schema.safeParse(exchange.json);
  if (read.success) return { ok: true, value: read.data };
  return { ok: false, error: lostError(unreadable(exchange.httpStatus)) };
}

/** Makes the failure for a request that cannot be sent as it stands; nothing was sent. */
export function invalid(message: string): { ok: false; error: PinterestError } {
  const nothingSent = { httpStatus: null, code: null, retryAfterSeconds: null };
  return { ok: false, error: { kind: "invalid", message, ...nothingSent } };
}

const KINDS: Partial<Record<number, PinterestError["kind"]>> = {
  401: "unauthorized",
  403: "forbidden",
  404: "not_found",
  408: "unavailable",
  429: "rate_limited",
};

function refusalError(refusal: Refusal): PinterestError {
  const { httpStatus, code, message, retryAfterSeconds } = refusal;
  const isSilent = httpStatus >= 500 || (httpStatus !== 429 && isForeign(refusal));
  const kind = isSilent ? "unavailable" : (KINDS[httpStatus] ?? "invalid");
  return { kind, httpStatus, code, message, retryAfterSeconds };
}

function lostError({ reason, httpStatus, message }: Lost): PinterestError {
  const isSilence = reason === "timeout" || reason === "network";
  const kind = isSilence ? "unavailable" : "unreadable";
  return { kind, httpStatus, code: null, message, retryAfterSeconds: null };
}
