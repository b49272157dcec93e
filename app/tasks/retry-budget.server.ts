import { rateLimitPauseMs, retryDelayMs } from "#app/delivery/retry-policy.server.ts";

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
