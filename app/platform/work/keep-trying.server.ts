import { setTimeout as wait } from "node:timers/promises";
import { isPassingFault } from "#app/platform/is-passing-fault.server.ts";

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;

/**
 * Does work on the database again while what stops it may pass: a full pool, a failover, a deadlock.
 * For what exists nowhere else and would be lost. After `forMs` it rejects with the last fault.
 */
export async function keepTrying<T>(work: () => Promise<T>, forMs: number): Promise<T> {
  const giveUpAt = performance.now() + forMs;
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    try {
      return await work();
    } catch (fault) {
      if (!isPassingFault(fault) || performance.now() + waitMs > giveUpAt) throw fault;
    }
    await wait(waitMs);
  }
}
