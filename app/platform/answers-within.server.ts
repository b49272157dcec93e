import { setTimeout as wait } from "node:timers/promises";

/** The result of `check`; false when it throws, or takes longer than `timeoutMs`. */
export async function answersWithin(
  timeoutMs: number,
  check: () => Promise<boolean>,
): Promise<boolean> {
  const timer = new AbortController();
  const tooLate = wait(timeoutMs, false, { signal: timer.signal }).catch(() => false);
  return Promise.race([check().catch(() => false), tooLate]).finally(() => timer.abort());
}
