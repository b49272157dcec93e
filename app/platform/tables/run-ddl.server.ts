import { setTimeout as wait } from "node:timers/promises";
import type pg from "pg";
import { transactionOn } from "#app/platform/pool.server.ts";

/** A change of a table that could not get its lock in the time it was allowed. */
export class TableBusyError extends Error {
  override name = "TableBusyError";
  code = "table_busy";
}

/**
 * Queries that come after a change that waits for its lock must wait as well, so it waits no longer
 * than this: a webhook's commit has 1.5 s in all.
 */
const LOCK_TIMEOUT_MS = 80;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/** SQLSTATEs of a lock that was not granted: timed out, or a deadlock's victim. */
const BUSY = new Set(["55P03", "40P01"]);

/**
 * The one way to create, alter or drop tables that are in use. `work` runs in a transaction of its
 * own, as often as it takes to get its locks, until `patienceMs` have passed: a long read, such as
 * a backup, must not make other queries wait behind us.
 *
 * @throws TableBusyError
 */
export async function runDdl(
  pool: pg.Pool,
  what: string,
  work: (client: pg.PoolClient) => Promise<unknown>,
  patienceMs: number,
): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      await transactionOn(pool)(async (client) => {
        await client.query(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
        await work(client);
      });
      return;
    } catch (error) {
      if (!isBusy(error)) throw error;
      const untilNextMs = pauseMs * (0.5 + Math.random());
      if (Date.now() + untilNextMs > deadline) {
        throw new TableBusyError(
          `${what}: a table was in use for ${Math.round(patienceMs / 1_000)} s without a pause; look in pg_stat_activity for a transaction that stays open`,
          { cause: error },
        );
      }
      await wait(untilNextMs);
    }
  }
}

function isBusy(error: unknown): boolean {
  return BUSY.has(String((error as { code?: unknown }).code));
}
