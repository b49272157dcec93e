import type { PoolClient } from "pg";
import { computeLane } from "#app/events/lane.ts";
import type { Database } from "#app/platform/db.server.ts";
import { planByIndex } from "./drain/sending-shops.server.ts";
import { WAITING_SHOPS_SQL, WAITS_SQL, waitingAccountsSql } from "./event-conditions.server.ts";
import { scheduleAccounts } from "./schedule-accounts.server.ts";

/**
 * A page's rows are locked, and any other transaction that withdraws or settles one of them waits
 * for the page.
 */
const PAGE = 1_000;

interface OutboxDatabase {
  db: Pick<Database, "pool" | "transaction">;
}

/**
 * Gives a shop's waiting events the shop's present account, in pages, after the shop connects,
 * resumes or chooses another ad account, and makes each account that has events of the shop waiting
 * due. Events that Pinterest may have at the account they were taken for stay with it, and so do
 * those that the merchant left there. Returns how many events were given another account.
 */
export async function assignAccountToWaitingEvents(
  { db }: OutboxDatabase,
  shopId: bigint,
): Promise<number> {
  const { rows: connections } = await db.pool.query<{ ad_account_id: string }>(
    "select ad_account_id from connection where shop_id = $1 and state = 'active'",
    [shopId.toString()],
  );
  const to = connections[0]?.ad_account_id;
  if (to === undefined) return 0;
  const waiting = await db.transaction(async (client) => {
    await planByIndex(client);
    const { rows } = await client.query<{ account: string | null }>(waitingAccountsSql("$1"), [
      shopId.toString(),
    ]);
    return rows.map(({ account }) => account);
  });
  let moved = 0;
  for (const from of waiting) if (from !== to) moved += await moveEvents({ db }, shopId, from, to);
  const accounts = new Set([to, ...waiting.flatMap((account) => account ?? [])]);
  await scheduleAccounts(db.pool, new Map([...accounts].map((account) => [account, 0])));
  return moved;
}

async function moveEvents(
  { db }: OutboxDatabase,
  shopId: bigint,
  from: string | null,
  to: string,
): Promise<number> {
  let moved = 0;
  let after: Place | null = FIRST;
  while (after !== null) {
    const start: Place = after;
    const page = await db.transaction((client) => movePage(client, { shopId, from, to }, start));
    moved += page.moved;
    after = page.last;
  }
  return moved;
}

/** A row's position in sending order. The time is Postgres' own text: a Date is less exact. */
interface Place {
  next_at: string;
  id: bigint;
}

const FIRST: Place = { next_at: "-infinity", id: 0n };

/**
 * SQL: whether an event of a connection `c` may go to the shop's present account. An event without
 * an account was never sent.
 */
const MAY_MOVE = `not e.answer_lost
  and (e.ad_account_id is null or not c.leaves_earlier or e.created_at >= c.account_since)`;

/**
 * SQL: whether a session that began before the change of account may have the event in hand: a
 * session that begins later sees the change. The minute allows for a change that was slow to
 * commit.
 */
const IN_HAND = `coalesce(d.lease_until > now() and e.next_at <= d.lease_until
  and d.leased_at < c.account_since + interval '1 minute', false)`;

/** SQL: whether a session that never ended properly may have sent the event. */
const IN_DOUBT = `coalesce(e.next_at <= greatest(d.lost_until,
  case when d.lease_until <= now() then d.lease_until end), false)`;

async function movePage(
  client: PoolClient,
  { shopId, from, to }: { shopId: bigint; from: string | null; to: string },
  after: Place,
): Promise<{ moved: number; last: Place | null }> {
  await planByIndex(client);
  const { rows: page } = await client.query<Place>(
    `select id, next_at::text from event
      where shop_id = $1 and ad_account_id ${from === null ? "is null and $2::text is null" : "= $2"}
        and ${WAITS_SQL} and (next_at, id) > ($3::timestamptz, $4)
      order by next_at, id limit ${PAGE}`,
    [shopId.toString(), from, after.next_at, after.id.toString()],
  );
  // Locked in the order of their ids, as when events are settled: two orders would deadlock.
  const { rows } = await client.query<{ has_moved: boolean }>(
    `update event set answer_lost = moving.in_doubt,
        ad_account_id = case when moving.in_doubt then event.ad_account_id else $3 end
      from (select e.id, ${IN_DOUBT} as in_doubt
        from event e
        join connection c on c.shop_id = e.shop_id and c.state = 'active' and c.ad_account_id = $3
        left join due_account d on d.lane = $4 and d.ad_account_id = e.ad_account_id
        where e.id = any($1::bigint[]) and e.${WAITS_SQL} and e.ad_account_id is not distinct from $2
          and ${MAY_MOVE} and not ${IN_HAND}
        order by e.id for no key update of e) moving
      where event.id = moving.id
      returning not moving.in_doubt as has_moved`,
    [page.map(({ id }) => id.toString()), from, to, computeLane(from ?? "")],
  );
  const moved = rows.filter(({ has_moved: hasMoved }) => hasMoved).length;
  return { moved, last: page.length < PAGE ? null : (page.at(-1) ?? null) };
}

/** The newest of a shop's waiting events for an account: strays are among the newest. */
const NEWEST = 100;

/**
 * Connected shops with waiting events that no worker is about to send: stored without an account,
 * for an account that was changed meanwhile, for one that is not scheduled, or for one that was
 * never scheduled for them. The query starts from the waiting events, of which a healthy
 * installation has few, however many accounts it has.
 */
export const ORPHANS = `select distinct w.shop_id
  from (${WAITING_SHOPS_SQL}) w
  join connection c on c.shop_id = w.shop_id and c.state = 'active'
  join shop s on s.id = w.shop_id and s.state = 'installed'
  cross join lateral (${waitingAccountsSql("w.shop_id")}) a
  left join due_account d on d.ad_account_id = a.account
  where d.ad_account_id is null
    or (d.lease_until is null and d.next_at > now() and (d.next_at = 'infinity' or (
      select next_at from event where shop_id = w.shop_id and ad_account_id = a.account and ${WAITS_SQL}
      order by next_at limit 1) < now() - interval '1 minute'))
    or (a.account <> c.ad_account_id and exists (
      select from (select * from event
        where shop_id = w.shop_id and ad_account_id = a.account and ${WAITS_SQL} and next_at <= now()
        order by next_at desc, id desc limit ${NEWEST}) e
      where ${MAY_MOVE}))`;

/**
 * Does the same for the shops of `ORPHANS`: a webhook may be mapped just before the connection is
 * made or changed, or the process may end in between. Returns how many shops there were.
 */
export async function assignAccountToOrphanedEvents({ db }: OutboxDatabase): Promise<number> {
  const { rows } = await db.transaction(async (client) => {
    await planByIndex(client);
    return client.query<{ shop_id: bigint }>(ORPHANS);
  });
  for (const { shop_id: shopId } of rows) await assignAccountToWaitingEvents({ db }, shopId);
  return rows.length;
}
