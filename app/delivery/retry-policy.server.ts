const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const DELAYS_MS = [
  5 * SECOND,
  30 * SECOND,
  2 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  4 * HOUR,
];
const LAST_DELAY_MS = 6 * HOUR;
const JITTER = 0.2;

const FAILURES_BEFORE_PAUSE = 3;
const FIRST_PAUSE_MS = 5 * SECOND;
const LONGEST_PAUSE_MS = 10 * MINUTE;

/**
 * Computes the milliseconds until an event is sent again. `attempts` counts earlier tries; `random`
 * from 0 to 1 spreads the delay by a fifth either way: otherwise events that failed together would
 * come back together. The schedule has no end; the event's age limits it (SENDABLE_SECONDS).
 */
export function retryDelayMs(attempts: number, random: number): number {
  const base = DELAYS_MS[attempts] ?? LAST_DELAY_MS;
  return Math.round(base * (1 - JITTER + 2 * JITTER * random));
}

/**
 * Computes the milliseconds until a connection that Pinterest refused so many times in a row is
 * tried again: 30 s, then a minute and a half, then up to 4 minutes.
 */
export function unauthorizedPauseMs(times: number, random: number): number {
  const base = times <= 1 ? 30 * SECOND : Math.min(45 * SECOND * 2 ** (times - 1), 4 * MINUTE);
  return Math.round(base * (1 - JITTER + 2 * JITTER * random));
}

/**
 * Computes the milliseconds until an account whose events were all rejected, so many times in a
 * row, is tried with a few: a minute, doubling to 10, so that its purchases are not an hour late
 * once it is well.
 */
export function rejectionPauseMs(times: number): number {
  return Math.min(MINUTE * 2 ** (times - 1), LONGEST_PAUSE_MS);
}

/**
 * The ad account's breaker: milliseconds without any request after `failures` requests in a row
 * failed as a whole, or null while it stays closed. The next request after the pause is the probe:
 * an account has one lease, so there is only ever one.
 */
export function accountPauseMs(failures: number): number | null {
  if (failures < FAILURES_BEFORE_PAUSE) return null;
  return rateLimitPauseMs(failures - FAILURES_BEFORE_PAUSE);
}

/** The pause of an account, in milliseconds, after a 429 that names no time. */
export function rateLimitPauseMs(failures: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS);
}
