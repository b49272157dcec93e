import type { Verdict } from "#app/delivery/classify-answer.server.ts";
import { rateLimitPauseMs, retryDelayMs } from "#app/delivery/retry-policy.server.ts";
import type { PinterestError } from "#app/pinterest/result.server.ts";
import type { SendAnswer } from "#app/pinterest/send-events.server.ts";
import type { DirectTarget } from "./choose-target.server.ts";
import type { TaskError } from "./task-document.server.ts";
import { taskError } from "./task-error.server.ts";

/** Refusals of a whole request that Pinterest would repeat. */
export function refusalError(
  target: DirectTarget,
  { reason }: Extract<Verdict, { kind: "not_authorized" }>,
): TaskError {
  const account = target.adAccountId;
  switch (reason) {
    case "unauthorized":
      return unauthorized(target);
    case "forbidden": {
      const name = target.isOwnToken ? "wrong_account" : "role_missing";
      return taskError("forbidden", name, { account });
    }
    case "account_not_found":
      return taskError("not_found", "account_unknown", { account });
  }
}

export function rateLimitError(
  { adAccountId: account, isTest }: Pick<DirectTarget, "adAccountId" | "isTest">,
  seconds: number,
): TaskError {
  const error = isTest
    ? taskError("rate_limited", "test_limit", { seconds })
    : taskError("rate_limited", "rate_limited", { account, seconds });
  return { ...error, retry_after_seconds: seconds };
}

/** Codes of a connection that never came about, as they end the client's message: nothing was sent. */
const NEVER_CONNECTED = /\b(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)\b/;

/** The reason why an answer counts for none of the sent events. */
export function lostError(answer: SendAnswer, detail: string): TaskError {
  const isDown =
    answer.kind === "refused" || (answer.kind === "lost" && NEVER_CONNECTED.test(answer.message));
  return isDown
    ? taskError("pinterest_unavailable", "pinterest_down", { detail })
    : taskError("undetermined", "answer_lost", { detail });
}

/** Why tags could not be read; `tag` is null for a list. */
export function readingError(
  target: DirectTarget,
  { kind, message, retryAfterSeconds }: PinterestError,
  tag: string | null,
): TaskError {
  const account = target.adAccountId;
  switch (kind) {
    case "unauthorized":
      return unauthorized(target);
    case "forbidden":
      return taskError("forbidden", "tags_closed", { account });
    case "not_found":
      return tag === null
        ? taskError("not_found", "account_unknown", { account })
        : taskError("not_found", "tag_unknown", { account, tag });
    case "rate_limited":
      return rateLimitError(target, retryAfterSeconds ?? rateLimitPauseMs(0) / 1_000);
    case "unavailable":
      return taskError("pinterest_unavailable", "pinterest_down", { detail: message });
    case "unreadable":
      return taskError("pinterest_unavailable", "answer_unreadable", {});
    case "invalid":
      return taskError("invalid_input", "input_unusable", { faults: message });
  }
}

function unauthorized({ isOwnToken }: DirectTarget): TaskError {
  return taskError("unauthorized", isOwnToken ? "token_refused" : "connection_refused", {});
}

/** A task that is not durable retries with delivery's delays, until a deadline. */
export interface RetryBudget {
  nowMs: () => number;
  /** A number from 0 to 1. */
  random: () => number;
  wait: (ms: number) => Promise<void>;
  /** No attempt starts later because of an earlier one; what is under way is waited for. */
  giveUpAtMs: number;
}

/** Otherwise a server that always says "at once" would be called without a pause. */
const LEAST_PAUSE_SECONDS = 1;

/** Milliseconds before the next attempt, after `attempts` others; what Pinterest asks for wins. */
export function retryPauseMs(
  { random }: RetryBudget,
  attempts: number,
  retryAfterSeconds: number | null,
): number {
  return asked(retryAfterSeconds) ?? retryDelayMs(attempts, random());
}

/** The same after a 429. */
export function slowDownMs(attempts: number, retryAfterSeconds: number | null): number {
  return asked(retryAfterSeconds) ?? rateLimitPauseMs(attempts);
}

export function isInTime({ nowMs, giveUpAtMs }: RetryBudget, pauseMs: number): boolean {
  return nowMs() + pauseMs <= giveUpAtMs;
}

function asked(retryAfterSeconds: number | null): number | null {
  if (retryAfterSeconds === null) return null;
  return Math.max(retryAfterSeconds, LEAST_PAUSE_SECONDS) * 1_000;
}
