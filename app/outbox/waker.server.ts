import { setTimeout as wait } from "node:timers/promises";
import type { Database } from "#app/platform/db.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import { type FreshByAccount, scheduleFreeAccounts } from "./schedule-accounts.server.ts";

/**
 * Schedules ad accounts after the commit that stored their events, so that the commit waits for
 * none of their rows.
 */
export interface Waker {
  /** Never throws, and never waits. */
  wake(freshByAccount: FreshByAccount): void;
  /** Resolves when every account is scheduled, or after `withinMs`: the job of each minute finds the rest. */
  settle(withinMs: number): Promise<void>;
}

/**
 * How long accounts are gathered, so that one statement schedules those of several commits. They wait
 * half a second for other events anyway. A worker that settles a batch locks its account's row for
 * about so long.
 */
const GATHER_MS = 25;

export function createWaker({ db, log }: { db: Pick<Database, "pool">; log: Logger }): Waker {
  const asleep = new Map<string, number>();
  let running: Promise<void> | null = null;

  function add(freshByAccount: FreshByAccount): void {
    for (const [account, fresh] of freshByAccount) {
      asleep.set(account, (asleep.get(account) ?? 0) + fresh);
    }
  }

  async function run(): Promise<void> {
    while (asleep.size > 0) {
      await wait(GATHER_MS);
      const taken = new Map(asleep);
      asleep.clear();
      try {
        for (const account of await scheduleFreeAccounts(db.pool, taken)) taken.delete(account);
      } catch (error) {
        log.warn({ err: error }, "ad accounts could not be scheduled: retried in a moment");
      }
      add(taken);
    }
    running = null;
  }

  return {
    wake(freshByAccount) {
      add(freshByAccount);
      if (asleep.size > 0) running ??= run();
    },
    async settle(withinMs) {
      if (running !== null)
        await Promise.race([running, wait(withinMs, undefined, { ref: false })]);
    },
  };
}
