import { setTimeout as wait } from "node:timers/promises";
import type { Lease } from "#app/outbox/drain/claim-accounts.server.ts";
import { extendLease } from "#app/outbox/drain/renew-lease.server.ts";
import { settleBatch } from "#app/outbox/drain/settle-batch.server.ts";
import type { Settled, SettledBatch } from "#app/outbox/drain/settlement.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import { isPassingFault } from "#app/platform/work/keep-trying.server.ts";

/** The state that the sessions of a process share with its loop. */
export interface SessionSignals {
  /** Aborted when the process ends: no new request is sent. */
  stop: AbortSignal;
  /** The number of sessions whose settlement the database has not accepted yet. */
  unsettled: number;
}

export function createSessionSignals(
  stop: AbortSignal = new AbortController().signal,
): SessionSignals {
  return { stop, unsettled: 0 };
}

const FIRST_WAIT_MS = 50;
/** Short: a worker that claims after a fault of the database waits longer, so that this comes first. */
export const LONGEST_WAIT_MS = 1_000;
/** After a stop: below the 25 s after which the process is killed. */
const GIVE_UP_AFTER_STOP_MS = 20_000;

/**
 * Settles like `settleBatch`, and retries while the database fails for a passing reason:
 * Pinterest's answer is known only here, and an accepted event that is not settled is sent a second
 * time, which Pinterest counts twice where it took place offline. The fence ensures that nothing is
 * settled once another worker has the account.
 */
export async function settleSurely(
  { db, log }: { db: Pick<Database, "pool" | "transaction">; log: Logger },
  signals: SessionSignals,
  lease: Lease,
  batch: SettledBatch,
): Promise<Settled> {
  let isCounted = false;
  let stoppedAt: number | null = null;
  try {
    for (let tries = 0; ; tries += 1) {
      try {
        return await settleBatch({ db }, lease, batch);
      } catch (error) {
        if (signals.stop.aborted) stoppedAt ??= performance.now();
        const isTooLate =
          stoppedAt !== null && performance.now() - stoppedAt > GIVE_UP_AFTER_STOP_MS;
        const { ending: isClosed } = db.pool;
        if (!isPassingFault(error) || isTooLate || isClosed) throw error;
        if (!isCounted) {
          signals.unsettled += 1;
          isCounted = true;
          log.warn({ err: error, adAccountId: lease.adAccountId }, "settling is retried");
        }
        // If only the other rows of the settlement are locked, the lease can still be renewed.
        await extendLease({ db }, lease).catch(() => {});
        await wait(Math.min(FIRST_WAIT_MS * 2 ** tries, LONGEST_WAIT_MS));
      }
    }
  } finally {
    if (isCounted) signals.unsettled -= 1;
  }
}
