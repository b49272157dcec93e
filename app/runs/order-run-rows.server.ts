import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { ShopifyFailure } from "#app/shopify/ask-shopify.server.ts";
import type { ListedOrder } from "#app/shopify/order-list.server.ts";
import { recordSweep } from "./order-sweeps.server.ts";
import { type OrderTally, readOrderTally } from "./order-tally.server.ts";
import { SYSTEM } from "./store-run.server.ts";

/** Why a comparison of orders came to an end before it was done. */
export type OrderRunFailure = ShopifyFailure | "no_session" | "shop_gone";

/** How far a comparison of orders has come. */
export interface OrderProgress {
  /** The number of Shopify's orders that were compared. */
  orders: number;
  /** Shopify's count of all that are to be; null: it gave none. */
  expected: number | null;
  /** ISO: orders up to this time are listed. */
  through: string;
  /** Those of just this time, with which the next list begins. */
  edge: string[];
  isListed: boolean;
  /**
   * The file in which Shopify lists a range of very many orders: its operation, how far it is read,
   * and how often it was asked for. `false`: it came to nothing, and pages are listed. Null: none was
   * asked for yet.
   */
  bulk: { id: string; offset: number; looks: number } | false | null;
  /** Orders without an event that are no concern yet. */
  left: { recent: number; unpaid: number };
  /** ISO: since when Shopify gives no answer. */
  silentSince: string | null;
  failure: OrderRunFailure | null;
}

/** A run that this process works on. */
export interface LeasedRun {
  id: bigint;
  lease: string;
  startedAt: Date;
  since: Date;
  until: Date;
  by: "created" | "updated";
  isDry: boolean;
  /** The process before did not hand it on: it may have sent the first order that waits. */
  isTakenOver: boolean;
  progress: OrderProgress | null;
  shop: { id: bigint; lane: number; domain: string };
}

/** An order without an event that is to be settled. */
export interface WaitingOrder {
  place: number;
  id: string;
  name: string | null;
  occurredAtSeconds: number;
}

/** What an order of the run was settled with. */
export interface SettledItem {
  place: number;
  /** `known`: it has an event by now, and was not missing. */
  state: "queued" | "left" | "planned" | "known";
  eventId: string | null;
  why: string | null;
}

type Rows = Pick<Database, "transaction">;

/** Longer than a turn, and than Shopify may take between two signs of life. */
const LEASED = "now() + interval '2 minutes'";
const IS_OURS = "id = $1 and lease = $2 and state = 'running'";

/** Takes a run; null: it has ended, or another process works on it. */
export async function leaseRun(db: Rows, runId: bigint): Promise<LeasedRun | null> {
  const { rows } = await db.transaction((client) =>
    client.query<{
      lease: string;
      was_leased: boolean;
      choice: { since: string; by: "created" | "updated"; dry: boolean } | null;
      progress: OrderProgress | null;
      created_at: Date;
      shop_id: bigint;
      lane: number;
      domain: string;
    }>(
      `update run set lease = gen_random_uuid()::text, leased_until = ${LEASED}
      from shop s, (select lease from run where id = $1) before
      where run.id = $1 and run.kind = 'reconcile' and run.state = 'running' and s.id = run.shop_id
        and (run.leased_until is null or run.leased_until < now())
      returning run.lease, before.lease is not null as was_leased, run.choice, run.progress, run.created_at, run.shop_id, s.lane, s.domain`,
      [runId.toString()],
    ),
  );
  const [run] = rows;
  // A redaction removes a choice that names an order.
  if (run?.choice == null) return null;
  const { lease, choice, progress, created_at: startedAt, lane, domain } = run;
  const { since, by, dry: isDry } = choice;
  // An order that is changed once more before it is listed would leave a range that had ended.
  const until = by === "updated" ? new Date() : startedAt;
  const shop = { id: run.shop_id, lane, domain };
  return {
    id: runId,
    lease,
    startedAt,
    since: new Date(since),
    until,
    by,
    isDry,
    isTakenOver: run.was_leased,
    progress,
    shop,
  };
}

export function listWaiting(
  db: Pick<Database, "queryAsShop">,
  { id, shop }: LeasedRun,
  limit: number,
): Promise<WaitingOrder[]> {
  return db.queryAsShop<WaitingOrder>(shop.id, {
    text: `select place, order_id as id, order_name as name,
        extract(epoch from order_at)::integer as "occurredAtSeconds"
      from run_item where run_id = $1 and state = 'waiting' and order_id is not null
      order by place limit $2`,
    values: [id.toString(), limit],
  });
}

/** Those among the orders that the run has already. */
export async function listKnown(
  db: Pick<Database, "queryAsShop">,
  { id, shop }: LeasedRun,
  orderIds: readonly string[],
): Promise<Set<string>> {
  const rows = await db.queryAsShop<{ id: string }>(shop.id, {
    text: "select order_id as id from run_item where run_id = $1 and order_id = any($2::text[])",
    values: [id.toString(), orderIds],
  });
  return new Set(rows.map((row) => row.id));
}

/** Stores what a page of Shopify's list showed. False: the run is no longer this process's. */
export async function savePage(
  db: Rows,
  { id, lease, shop }: LeasedRun,
  progress: OrderProgress,
  missing: readonly (Pick<ListedOrder, "id" | "name" | "occurredAtSeconds"> & {
    eventId: string;
  })[],
): Promise<boolean> {
  const { rowCount } = await db.transaction((client) =>
    client.query(
      `with ours as (update run set progress = $3, total = total + $4, leased_until = ${LEASED}
        where ${IS_OURS} returning id),
      first as (select coalesce(max(place) + 1, 0) as place from run_item where run_id = $1),
      added as (insert into run_item (run_id, shop_id, place, state, event_name, event_id, order_id,
          order_name, order_at)
        select $1, $5, first.place + o.n - 1, 'waiting', 'checkout', o.event_id, o.id, o.name, to_timestamp(o.at)
        from ours cross join first cross join unnest($6::text[], $7::text[], $8::text[], $9::bigint[])
          with ordinality as o(id, event_id, name, at, n))
      select from ours`,
      [
        id.toString(),
        lease,
        JSON.stringify(progress),
        missing.length,
        shop.id.toString(),
        missing.map((order) => order.id),
        missing.map(({ eventId }) => eventId),
        missing.map(({ name }) => name),
        missing.map(({ occurredAtSeconds }) => occurredAtSeconds),
      ],
    ),
  );
  return rowCount === 1;
}

/**
 * Stores what became of an order; what was sent is told also where the run was stopped meanwhile.
 * `eventId` null: it is the one that the shop has of the order. False: as with `savePage`.
 */
export async function saveItem(
  db: Rows,
  { id, lease, shop }: LeasedRun,
  order: WaitingOrder,
  { state, eventId, why }: SettledItem,
): Promise<boolean> {
  if (state === "known") return removeItem(db, { id, lease }, order);
  const { rowCount } = await db.transaction((client) =>
    client.query(
      `with settled as (update run_item set state = $4, why = $5, event_id = coalesce($6,
          (select e.event_id from event e where e.lane = $7 and e.shop_id = $8 and e.kind = 'checkout'
            and e.source_key = $9), event_id)
        where run_id = $1 and place = $3 and state = 'waiting')
      update run set leased_until = ${LEASED} where ${IS_OURS}`,
      [
        id.toString(),
        lease,
        order.place,
        state,
        why,
        eventId,
        shop.lane,
        shop.id.toString(),
        order.id,
      ],
    ),
  );
  return rowCount === 1;
}

/** An order whose webhook came meanwhile was not missing. */
async function removeItem(
  db: Rows,
  { id, lease }: Pick<LeasedRun, "id" | "lease">,
  { place }: WaitingOrder,
): Promise<boolean> {
  const { rowCount } = await db.transaction((client) =>
    client.query(
      `with known as (delete from run_item where run_id = $1 and place = $3 and state = 'waiting' returning 1)
      update run set leased_until = ${LEASED}, total = total - (select count(*) from known) where ${IS_OURS}`,
      [id.toString(), lease, place],
    ),
  );
  return rowCount === 1;
}

/** How far a run has come. `missing`: the shop has no such run any more. */
export async function readOrderRun(
  { db }: { db: Pick<Database, "transaction" | "queryAsShop"> },
  shopId: bigint,
  runId: bigint,
): Promise<{ state: string; progress: OrderProgress | null; tally: OrderTally }> {
  const [run] = await db.queryAsShop<{ state: string; progress: OrderProgress | null }>(shopId, {
    text: "select state, progress from run where shop_id = $1 and id = $2",
    values: [shopId.toString(), runId.toString()],
  });
  const progress = run?.progress ?? null;
  const tally = await db.transaction((client) => readOrderTally(client, runId, progress));
  return { state: run?.state ?? "missing", progress, tally };
}

/** Lets another process go on with the run. */
export async function releaseRun(
  db: Rows,
  { id, lease }: LeasedRun,
  progress: OrderProgress | null,
): Promise<void> {
  await db.transaction((client) =>
    client.query(
      `update run set progress = $3, lease = null, leased_until = null where ${IS_OURS}`,
      [id.toString(), lease, progress && JSON.stringify(progress)],
    ),
  );
}

/**
 * Ends the run, and says it where the sweep of the shop is kept and in Activity. A sweep that found
 * nothing leaves no run: there would be one for each shop and day. Null: it was stopped meanwhile.
 */
export async function endRun(
  db: Rows,
  run: LeasedRun,
  state: "done" | "failed",
  progress: OrderProgress,
): Promise<OrderTally | null> {
  const { id, lease, shop, isDry } = run;
  return db.transaction(async (client) => {
    // The orders of the last second are needed no more, and a redaction would have to look there.
    const { rows } = await client.query<{ actor: string }>(
      `update run set state = $3, progress = $4, finished_at = now(), lease = null, leased_until = null
      where ${IS_OURS} returning actor`,
      [id.toString(), lease, state, JSON.stringify({ ...progress, edge: [] })],
    );
    const [ended] = rows;
    if (ended === undefined) return null;
    const tally = await readOrderTally(client, id, progress);
    if (!isDry) {
      const result = progress.failure ?? (tally.failed > 0 ? "not_stored" : "done");
      const through = findThrough(run, state, progress, tally);
      await recordSweep(client, run, { result, tally, through });
      const { missing, sent } = tally;
      const entry = { shopId: shop.id, actor: ended.actor, action: "orders.reconcile" };
      if (missing > 0) await writeAuditEntry(client, { ...entry, after: { missing, sent } });
    }
    await client.query("delete from run where id = $1 and actor = $2 and total = 0", [
      id.toString(),
      SYSTEM,
    ]);
    return tally;
  });
}

/**
 * Up to when all orders are settled; null: not one more than before. A file is in no order. It is not
 * `until`: whoever takes up a run that is listed already has a later one, up to which nobody looked.
 */
function findThrough(
  { startedAt }: LeasedRun,
  state: "done" | "failed",
  { bulk, through }: OrderProgress,
  { failed, waiting }: OrderTally,
): Date | null {
  if (failed > 0 || waiting > 0) return null;
  if (state === "done") return startedAt;
  return bulk ? null : new Date(through);
}
