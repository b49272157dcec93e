import { setTimeout as wait } from "node:timers/promises";

const POLL_MS = 20;

/**
 * Returns the result of `check` once it gives one: until then it may throw, or give false, null or
 * undefined. Past the deadline it throws the last error of `check`. It is for events whose moment
 * is unknown. The deadline ends a wait for what never comes: a busy machine must not reach it.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { deadlineMs = 60_000 }: { deadlineMs?: number } = {},
): Promise<NonNullable<T>> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    let failure: unknown;
    try {
      const result = await check();
      if (result !== false && result !== null && result !== undefined) return result;
    } catch (error) {
      failure = error;
    }
    if (Date.now() > deadline) {
      throw failure ?? new Error(`What was waited for did not happen within ${deadlineMs} ms`);
    }
    await wait(POLL_MS);
  }
}
