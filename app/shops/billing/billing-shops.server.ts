import type { Database } from "#app/platform/db.server.ts";

export interface BillingShop {
  id: bigint;
  domain: string;
  /** Shopify was not asked for a day, or has said that something changed. */
  isDue: boolean;
}

/** How old what Shopify said may get. */
const ASK_AGAIN_HOURS = 20;

/** The installed shops, each of which the operator's plan is for. */
export async function listBillingShops(
  { db }: { db: Pick<Database, "pool"> },
  now: Date,
): Promise<BillingShop[]> {
  const { rows } = await db.pool.query<BillingShop>(
    `select s.id, s.domain,
        coalesce(b.updated_at < $1::timestamptz - interval '${ASK_AGAIN_HOURS} hours', true) as "isDue"
      from shop s left join shop_billing b on b.shop_id = s.id
      where s.state = 'installed' order by s.id`,
    [now],
  );
  return rows;
}

/** Has Shopify asked with the next look, for a shop that it says has changed its subscription. */
export async function noteBillingChange(
  { db }: { db: Pick<Database, "pool"> },
  domain: string,
): Promise<void> {
  await db.pool.query(
    `update shop_billing set updated_at = 'epoch'
      where shop_id = (select id from shop where domain = $1)`,
    [domain],
  );
}
