import { setTimeout as wait } from "node:timers/promises";
import type { Pool, PoolClient } from "pg";
import { computeLane } from "#app/events/lane.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";

/** Milliseconds that an event waits for others of its ad account, to share a request. */
export const BATCH_WINDOW_MS = 500;

/** Most events in one request to Pinterest; this many due end the wait at once. */
export const BATCH_SIZE = 1_000;

/**
 * The limit of stored payload bytes that are read for one lease, and so for one request; as many
 * due bytes end the wait at once. A payload that is larger alone is never read, so that every
 * process can hold what it reads.
 */
export const BATCH_BYTES = 2 * 1024 * 1024;

/**
 * The share of a batch, in thousandths, that an ad account's unannounced events fill, by account:
 * one each, or more by their bytes.
 */
export type FreshByAccount = ReadonlyMap<string, number>;

/** Rounded up: a request that is not quite full costs less than one that waits. */
export function shareOfBatch(bytes: number): number {
  return Math.max(1, Math.ceil((bytes * BATCH_SIZE) / BATCH_BYTES));
}

/** Makes ad accounts due: in half a second, or at once when a full batch is waiting. */
export async function scheduleAccounts(
  client: Pick<PoolClient, "query">,
  freshByAccount: FreshByAccount,
): Promise<void> {
  if (freshByAccount.size === 0) return;
  await client.query({
    name: "schedule-accounts",
    text: scheduleSql("true"),
    values: [toRecords(freshByAccount)],
  });
}

/**
 * Locks an ad account's row for a caller that locks events next, and schedules the account only
 * after them.
 */
export async function lockAccount(
  client: Pick<PoolClient, "query">,
  adAccountId: string,
): Promise<void> {
  await client.query(
    "select from due_account where lane = $1 and ad_account_id = $2 for no key update",
    [computeLane(adAccountId), adAccountId],
  );
}

/**
 * SQL: the commit of this statement does not wait for the disk. A schedule that a crash of the server
 * loses is made again by the job of each minute, and a flush would delay those of webhooks.
 */
const NOT_FLUSHED = "set_config('synchronous_commit', 'off', true) = 'off'";

/** Does the same for accounts whose row is not locked, without waiting. Returns them. */
export async function scheduleFreeAccounts(
  client: Pick<Pool, "query">,
  freshByAccount: FreshByAccount,
): Promise<string[]> {
  const { rows } = await client.query<{ ad_account_id: string }>({
    name: "schedule-free-accounts",
    text: `with free as materialized (
        select d.lane, d.ad_account_id from due_account d join ${GIVEN} using (lane, ad_account_id)
        order by d.lane, d.ad_account_id for no key update of d skip locked)
      ${scheduleSql(`${NOT_FLUSHED} and ((lane, ad_account_id) in (select lane, ad_account_id from free)
        or not exists (select from due_account d
          where d.lane = r.lane and d.ad_account_id = r.ad_account_id))`)}
      returning ad_account_id`,
    values: [toRecords(freshByAccount)],
  });
  return rows.map((row) => row.ad_account_id);
}

const GIVEN = "json_to_recordset($1) as r(lane smallint, ad_account_id text, fresh integer)";

function scheduleSql(where: string): string {
  return `insert into due_account (lane, ad_account_id, fresh, next_at)
    select lane, ad_account_id, fresh,
      now() + case when fresh >= ${BATCH_SIZE} then interval '0' else interval '${BATCH_WINDOW_MS} ms' end
    from ${GIVEN} where ${where}
    order by lane, ad_account_id
    on conflict (lane, ad_account_id) do update set
      fresh = due_account.fresh + excluded.fresh,
      next_at = case when due_account.fresh + excluded.fresh >= ${BATCH_SIZE}
        then least(due_account.next_at, now()) else least(due_account.next_at, excluded.next_at) end`;
}

function toRecords(freshByAccount: FreshByAccount): string {
  const records = [...freshByAccount].map(([account, fresh]) => ({
    lane: computeLane(account),
    ad_account_id: account,
    fresh,
  }));
  return JSON.stringify(records);
}

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
