import { BILLING_PAUSE } from "#app/events/billing-state.ts";
import type { Database } from "#app/platform/db.server.ts";

export interface BillingShop {
  id: bigint;
  domain: string;
  /** Shopify was not asked for a day, or has said that something changed. */
  isDue: boolean;
}

/** The maximum age of Shopify's answer. */
const ASK_AGAIN_HOURS = 20;

/**
 * Installed shops, by id, about which Shopify is to be asked, or whose sending is to stop or go on
 * by what is known: nothing is done for all the others.
 */
export async function listBillingShops(
  { db }: { db: Pick<Database, "pool"> },
  now: Date,
  { after, limit }: { after: bigint; limit: number },
): Promise<BillingShop[]> {
  const { rows } = await db.pool.query<BillingShop>(
    `select * from (
        select s.id, s.domain,
          coalesce(b.updated_at < $1::timestamptz - interval '${ASK_AGAIN_HOURS} hours', true) as "isDue",
          coalesce(b.state <> 'active' and b.ends_at <= $1, false) as is_overdue,
          c.state as connection, c.pause_reason
        from shop s left join shop_billing b on b.shop_id = s.id
          left join connection c on c.shop_id = s.id
        where s.state = 'installed' and s.id > $2) known
      where "isDue" or (is_overdue and connection = 'active')
        or (not is_overdue and pause_reason = '${BILLING_PAUSE}')
      order by id limit $3`,
    [now, after, limit],
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
