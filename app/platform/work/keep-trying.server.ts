import { setTimeout as wait } from "node:timers/promises";
import { isPassingFault } from "#app/platform/is-passing-fault.server.ts";

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;

/**
 * Retries work on the database while the fault may pass: a full pool, a failover, a deadlock. It is
 * for data that exists nowhere else and would be lost. After `forMs` it rejects with the last
 * fault.
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
