import type { Registry } from "prom-client";
import { SENDABLE_SECONDS } from "#app/events/event-state.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import { registerDatabaseGauge } from "#app/platform/metrics.server.ts";
import type { OrderTally } from "./order-tally.server.ts";

interface SweepDatabase {
  db: Pick<Database, "pool">;
}

/** A shop whose orders are to be compared, or that may be silent for unusually long. */
export interface DueSweep {
  id: bigint;
  domain: string;
  installedAt: Date;
  sweptThrough: Date | null;
  /** It is due, however its orders come. */
  isDue: boolean;
}

/** Gives each new shop its time of the day. */
export async function addNewShops({ db }: SweepDatabase): Promise<void> {
  await db.pool.query(
    `insert into order_sweep (shop_id, next_at)
      select id, now() + random() * interval '1 day' from shop
      where state = 'installed' and not exists (select from order_sweep w where w.shop_id = shop.id)
      order by id on conflict do nothing`,
  );
}

/** Shops that are due, or would be silent by now, by id. */
export async function listDueSweeps(
  { db }: SweepDatabase,
  { after, limit }: { after: bigint; limit: number },
): Promise<DueSweep[]> {
  const { rows } = await db.pool.query<DueSweep>(
    `with outage as materialized (select max(outage_at) as at from intake_beat)
      select s.id, s.domain, s.installed_at as "installedAt", w.swept_through as "sweptThrough",
        w.next_at <= now() or coalesce(coalesce(w.tried_at, s.installed_at) < outage.at, false) as "isDue"
      from order_sweep w join shop s on s.id = w.shop_id cross join outage
      where s.state = 'installed' and s.id > $1 and (w.next_at <= now() or w.silent_at <= now()
        or coalesce(w.tried_at, s.installed_at) < outage.at)
      order by s.id limit $2`,
    [after.toString(), limit],
  );
  return rows;
}

/** Fewer gaps are no rhythm. */
const LEAST_GAPS = 20;

/**
 * When the shop would be silent for unusually long: no order for longer than 99 % of the gaps between
 * the quarters of an hour with orders, of the last 14 days. Null: it has no rhythm.
 */
export async function findSilence({ db }: SweepDatabase, shopId: bigint): Promise<Date | null> {
  const { rows } = await db.pool.query<{ at: Date | null }>(
    `with orders as (select distinct bucket from count_bucket where shop_id = $1
        and kind = 'checkout' and source <> 'task' and n > 0 and bucket > now() - interval '14 days'),
      gaps as (select bucket, bucket - lag(bucket) over (order by bucket) as gap from orders)
      select case when count(gap) >= ${LEAST_GAPS} then max(bucket) + interval '30 minutes'
        + percentile_disc(0.99) within group (order by gap) end as at from gaps`,
    [shopId.toString()],
  );
  return rows[0]?.at ?? null;
}

/** The shop is not silent: it is looked at again when it would be. */
export async function setSilence(
  { db }: SweepDatabase,
  shopId: bigint,
  at: Date | null,
): Promise<void> {
  await db.pool.query("update order_sweep set silent_at = $2 where shop_id = $1", [
    shopId.toString(),
    at,
  ]);
}

/** So soon a comparison is done again that came to nothing. */
const SOON_MINUTES = 15;
/** About a day, so that the shops of one hour do not stay together. */
const DAILY_MINUTES = { least: 20 * 60, spread: 8 * 60 };

/**
 * A run works on the shop's orders: until that ends, or an hour has gone by, the shop is not due.
 */
export async function deferSweep(
  { db }: SweepDatabase,
  shopId: bigint,
  minutes: number,
): Promise<void> {
  await db.pool.query(
    `update order_sweep set tried_at = now(), next_at = now() + make_interval(mins => $2)
      where shop_id = $1`,
    [shopId.toString(), minutes],
  );
}

interface ComparedOrders {
  shop: { id: bigint };
  startedAt: Date;
  since: Date;
}

/** Stores what a comparison found, a person's too, if it covers what the next sweep would compare. */
export async function recordSweep(
  client: Pick<Database["pool"], "query">,
  { shop, startedAt, since }: ComparedOrders,
  { result, tally, through }: { result: string; tally: OrderTally; through: Date | null },
): Promise<void> {
  const isSoon = ["silent", "not_found", "not_stored"].includes(result) || tally.left.recent > 0;
  const nextMinutes = isSoon
    ? SOON_MINUTES
    : Math.floor(DAILY_MINUTES.least + Math.random() * DAILY_MINUTES.spread);
  await client.query(
    `insert into order_sweep as w
        (shop_id, tried_at, result, orders, missing, sent, swept_at, swept_through, next_at)
      select s.id, $9, $2, $3, $4, $5, case when $2 = 'done' then now() end, $7,
        now() + make_interval(mins => $8)
      from shop s left join order_sweep k on k.shop_id = s.id where s.id = $1 and $6::timestamptz
        <= greatest(k.swept_through, s.installed_at, now() - interval '${SENDABLE_SECONDS} seconds')
      on conflict (shop_id) do update set tried_at = excluded.tried_at, result = excluded.result,
        orders = excluded.orders, missing = excluded.missing, sent = excluded.sent,
        swept_at = coalesce(excluded.swept_at, w.swept_at), next_at = excluded.next_at,
        swept_through = greatest(w.swept_through, excluded.swept_through)`,
    [
      shop.id.toString(),
      result,
      tally.orders,
      tally.missing,
      tally.sent,
      since,
      through,
      nextMinutes,
      startedAt,
    ],
  );
}

/** Orders from shortly before the last comparison's end, whose webhooks it left time to come. */
const OVERLAP_MS = 3_600_000;

interface LastSweep {
  installedAt: Date;
  sweptThrough: Date | null;
}

/** Finds the time from which a shop's orders are to be compared. */
export function findSweepStart({ installedAt, sweptThrough }: LastSweep, nowMs: number): Date {
  const from = Math.max(installedAt.getTime(), nowMs - SENDABLE_SECONDS * 1_000);
  return new Date(Math.max(from, (sweptThrough?.getTime() ?? 0) - OVERLAP_MS));
}

/** The same of a shop that a person asks for. Null: it is not installed. */
export async function readSweepStart(
  { db }: { db: Pick<Database, "queryAsShop"> },
  shopId: bigint,
  nowMs: number,
): Promise<Date | null> {
  const [last] = await db.queryAsShop<LastSweep>(shopId, {
    text: `select s.installed_at as "installedAt", w.swept_through as "sweptThrough"
      from shop s left join order_sweep w on w.shop_id = s.id
      where s.state = 'installed' and s.id = $1`,
    values: [shopId.toString()],
  });
  return last === undefined ? null : findSweepStart(last, nowMs);
}

/** Shows that shops are no longer compared: the counter of missing orders rests then. */
export function registerSweepGauge(
  registry: Registry,
  { db, log }: { db: Pick<Database, "pool">; log: Logger },
): void {
  registerDatabaseGauge(registry, log, {
    name: "reconcile_lag_seconds",
    help: "Since the installed shop that has waited longest was compared with Shopify's orders",
    async read() {
      const { rows } = await db.pool.query<{ lag: number | null }>(
        `select extract(epoch from now() - min(coalesce(w.swept_at, s.installed_at)))::float8 as lag
          from order_sweep w join shop s on s.id = w.shop_id where s.state = 'installed'`,
      );
      return [{ value: Math.max(0, rows[0]?.lag ?? 0) }];
    },
  });
}
