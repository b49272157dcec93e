import type { Database } from "#app/platform/db.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import type { ShopifyAdmin } from "#app/shopify/ask-shopify.server.ts";
import {
  comparableSpan,
  fetchOrderCounts,
  isCountStale,
  type ShopDay,
} from "#app/shopify/order-counts.server.ts";

export interface OrderCountServices {
  db: Pick<Database, "pool" | "queryAsShop">;
  log: Logger;
  nowMs: () => number;
}

interface KnownRow {
  installed_at: Date;
  days: Record<string, string>;
}

/**
 * Asks Shopify for the order counts that are missing or too old, and stores them. Orders from
 * before the install are not counted, because Pinrelay got no webhooks about them. After a failure
 * the stored counts stay; the answer says whether all requested counts exist.
 */
export async function refreshOrderCounts(
  services: OrderCountServices,
  shop: { id: bigint; domain: string },
  admin: ShopifyAdmin,
  days: readonly ShopDay[],
): Promise<{ ok: boolean }> {
  const now = new Date(services.nowMs());
  const known = await readKnown(services, shop.id, days);
  const wanted = days.flatMap((day) => {
    const span = comparableSpan(day, known.installed_at, now);
    const askedAt = known.days[day.day];
    const isFresh = askedAt !== undefined && !isCountStale(day, new Date(askedAt), now);
    return span === null || isFresh ? [] : [{ day: day.day, span }];
  });
  if (wanted.length === 0) return { ok: true };
  const counts = await fetchOrderCounts(
    admin,
    wanted.map(({ span }) => span),
  );
  if (!counts.ok) {
    const reason = counts.failure;
    services.log.warn({ shop: shop.domain, reason }, "Shopify did not count the orders");
    return { ok: false };
  }
  const rows = wanted.map(({ day }, place) => ({ day, orders: counts.found[place] ?? 0 }));
  await store(services, shop.id, rows, now);
  return { ok: true };
}

async function readKnown(
  { db }: OrderCountServices,
  shopId: bigint,
  days: readonly ShopDay[],
): Promise<KnownRow> {
  const [row] = await db.queryAsShop<KnownRow>(shopId, {
    name: "read-known-order-counts",
    text: `select s.installed_at, coalesce((select json_object_agg(c.day, c.asked_at)
        from order_count_day c where c.shop_id = s.id and c.day = any($2::date[])), '{}') as days
      from shop s where s.id = $1`,
    values: [shopId.toString(), days.map(({ day }) => day)],
  });
  return row ?? { installed_at: new Date(0), days: {} };
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
