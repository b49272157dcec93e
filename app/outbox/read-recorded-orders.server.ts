import type { Database } from "#app/platform/db.server.ts";
import { isRedactedSql } from "./redact/redacted-sources.server.ts";

/**
 * The ids among `orderIds` that have a purchase: their own, or one that a person sent for the order
 * under another id, or that was removed at the customer's request. An order whose webhook could not be read has none yet.
 */
export async function readRecordedOrders(
  { db }: { db: Pick<Database, "queryAsShop"> },
  shop: { id: bigint; lane: number },
  orderIds: readonly string[],
): Promise<Set<string>> {
  const rows = await db.queryAsShop<{ id: string }>(shop.id, {
    name: "read-recorded-orders",
    text: `select w.id from unnest($3::text[]) as w(id)
      where exists (select from event e where e.lane = $1 and e.shop_id = $2
          and e.kind = 'checkout' and e.source_key = w.id
          and not (e.state = 'skipped' and e.reason = 'unreadable'))
        or exists (select from event e where e.shop_id = $2 and e.order_id = w.id
          and e.kind = 'checkout' and e.source_key <> w.id
          and e.state in ('held', 'pending', 'accepted'))
        or ${isRedactedSql("$2::bigint", "'source'", "w.id")}`,
    values: [shop.lane, shop.id.toString(), orderIds],
  });
  return new Set(rows.map(({ id }) => id));
}
