import { comparableUntil, type ShopDay } from "#app/events/order-count-window.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import { countOrders, type OrderAdmin, type OrderSpan } from "./count-orders.server.ts";

export interface OrderCountServices {
  db: Pick<Database, "pool">;
  log: Logger;
  nowMs: () => number;
}

/** Orders still come into a day that is not over. */
const OPEN_DAY_AGE_MS = 60 * 60 * 1_000;
/** A day that is over changes when an order of it is deleted, or put in later. */
const CLOSED_DAY_AGE_MS = 24 * 60 * 60 * 1_000;

interface KnownRow {
  installed_at: Date;
  days: Record<string, string>;
}

/**
 * Asks Shopify for the order counts that are missing or too old, and stores them. Orders from before
 * the install are not counted: nobody told us of them. A failure leaves what is stored; the answer
 * says whether all that was wanted is there.
 */
export async function refreshOrderCounts(
  services: OrderCountServices,
  shop: { id: bigint; domain: string },
  admin: OrderAdmin,
  days: readonly ShopDay[],
): Promise<{ ok: boolean }> {
  const now = new Date(services.nowMs());
  const known = await readKnown(services, shop.id, days);
  const wanted = days.flatMap((day) => {
    const span = spanOf(day, known.installed_at, now);
    const askedAt = known.days[day.day];
    const isFresh = askedAt !== undefined && !isStale(day, new Date(askedAt), now);
    return span === null || isFresh ? [] : [{ day: day.day, span }];
  });
  if (wanted.length === 0) return { ok: true };
  try {
    const counts = await countOrders(
      admin,
      wanted.map(({ span }) => span),
    );
    const rows = wanted.map(({ day }, place) => ({ day, orders: counts[place] ?? 0 }));
    await store(services, shop.id, rows, now);
    return { ok: true };
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.constructor.name : "HTTP";
    services.log.warn({ shop: shop.domain, reason }, "Shopify did not count the orders");
    return { ok: false };
  }
}

async function readKnown(
  { db }: OrderCountServices,
  shopId: bigint,
  days: readonly ShopDay[],
): Promise<KnownRow> {
  const { rows } = await db.pool.query<KnownRow>(
    `select s.installed_at, coalesce((select json_object_agg(c.day, c.asked_at)
        from order_count_day c where c.shop_id = s.id and c.day = any($2::date[])), '{}') as days
      from shop s where s.id = $1`,
    [shopId.toString(), days.map(({ day }) => day)],
  );
  return rows[0] ?? { installed_at: new Date(0), days: {} };
}

/** Null where there is nothing to compare yet, or any more. */
function spanOf(day: ShopDay, installedAt: Date, now: Date): OrderSpan | null {
  const from = new Date(Math.max(day.start.getTime(), installedAt.getTime()));
  const until = new Date(Math.min(day.end.getTime(), comparableUntil(now).getTime()));
  return from < until ? { from, until } : null;
}

function isStale(day: ShopDay, askedAt: Date, now: Date): boolean {
  const isClosed = comparableUntil(askedAt) >= day.end;
  const age = now.getTime() - askedAt.getTime();
  return age >= (isClosed ? CLOSED_DAY_AGE_MS : OPEN_DAY_AGE_MS);
}

async function store(
  { db }: OrderCountServices,
  shopId: bigint,
  rows: readonly { day: string; orders: number }[],
  askedAt: Date,
): Promise<void> {
  await db.pool.query(
    `insert into order_count_day (shop_id, day, orders, asked_at)
      select $1, r.day, r.orders, $3 from json_to_recordset($2) as r(day date, orders integer)
      on conflict (shop_id, day) do update
        set orders = excluded.orders, asked_at = excluded.asked_at
        where order_count_day.asked_at <= excluded.asked_at`,
    [shopId.toString(), JSON.stringify(rows), askedAt],
  );
}
