import { setTimeout as wait } from "node:timers/promises";

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

/**
 * SQLSTATE classes that concern the statement or its content (data, constraint, syntax, limit): the
 * same statement fails again. All others concern the server, the connection or contention.
 */
const LASTING = new Set(["0A", "22", "23", "42", "54"]);

/** Whether a fault of the database may be gone when the same is tried again. */
export function isPassingFault(error: unknown): boolean {
  // Programming errors of ours have no SQLSTATE either.
  if (error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError) {
    return false;
  }
  const { code, name } = error as { code?: unknown; name?: unknown };
  if (typeof code === "string" && /^[0-9A-Z]{5}$/.test(code)) return !LASTING.has(code.slice(0, 2));
  // Errors of Node and pg: no connection in the pool, reset, time-out. Ours have names of their
  // own.
  return name === "Error";
}
