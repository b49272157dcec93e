import { setTimeout as wait } from "node:timers/promises";

/** Stands for a result that did not come in time. */
export const LATE = Symbol("late");

/** The result of `ask`; LATE when it throws, or takes longer than `timeoutMs`. */
export async function resultWithin<T>(
  timeoutMs: number,
  ask: () => Promise<T>,
): Promise<T | typeof LATE> {
  const late = (): typeof LATE => LATE;
  const timer = new AbortController();
  const tooLate = wait(timeoutMs, null, { signal: timer.signal }).then(late, late);
  const asked = (async () => ask())().catch(late);
  return Promise.race([asked, tooLate]).finally(() => timer.abort());
}
