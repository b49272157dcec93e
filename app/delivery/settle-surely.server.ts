import { setTimeout as wait } from "node:timers/promises";
import type { Lease } from "#app/outbox/drain/claim-accounts.server.ts";
import { extendLease } from "#app/outbox/drain/renew-lease.server.ts";
import { settleBatch } from "#app/outbox/drain/settle-batch.server.ts";
import type { Settled, SettledBatch } from "#app/outbox/drain/settlement.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import { isPassingFault } from "#app/platform/is-passing-fault.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";

/** What the turns of a process and its loop tell each other. */
export interface TurnSignals {
  /** Aborted: the process ends, no request is begun any more. */
  stop: AbortSignal;
  /** Turns whose settlement the database has not taken yet. */
  unsettled: number;
}

export function createTurnSignals(stop: AbortSignal = new AbortController().signal): TurnSignals {
  return { stop, unsettled: 0 };
}

const FIRST_WAIT_MS = 50;
/** Short: a worker that claims after a fault of the database waits longer, so that this comes first. */
export const LONGEST_WAIT_MS = 1_000;
/** After a stop: below the 25 s after which the process is ended. */
const GIVE_UP_AFTER_STOP_MS = 20_000;

/**
 * Settles as `settleBatch` does, and again for as long as the database refuses it for a passing
 * reason: what Pinterest answered is known here alone, and an accepted event that is not settled is
 * sent a second time, which Pinterest counts twice where it took place offline. The fence sees that
 * nothing is settled once another worker has the account.
 */
export async function settleSurely(
  { db, log }: { db: Pick<Database, "pool" | "transaction">; log: Logger },
  signals: TurnSignals,
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
          log.warn({ err: error, adAccountId: lease.adAccountId }, "settling is tried again");
        }
        // Where only what else the settlement needs is held by others, the lease need not run out.
        await extendLease({ db }, lease).catch(() => {});
        await wait(Math.min(FIRST_WAIT_MS * 2 ** tries, LONGEST_WAIT_MS));
      }
    }
  } finally {
    if (isCounted) signals.unsettled -= 1;
  }
}
