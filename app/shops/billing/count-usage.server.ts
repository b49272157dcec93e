import type { PoolClient } from "pg";
import { EVENTS_PER_CHARGE } from "#app/events/billing-state.ts";
import type { Database } from "#app/platform/db.server.ts";

/** A started thousand of accepted events that has no charge yet. */
export interface UnbilledThousand {
  /** The number of the thousand, from 0. */
  thousand: bigint;
  /** It was begun by an earlier run: Shopify may have the charge although we do not know of it. */
  isOld: boolean;
  usageLineId: string;
  subscriptionId: string;
}

interface UsageRow {
  subscription_id: string;
  usage_line_id: string;
  reported: bigint;
  counted_from: Date;
}

/** Counters change for 7 days after the events, and stay for 90: in between they are final. */
const FINAL_AFTER_DAYS = 30;

/**
 * The thousands that a shop with an active plan has started and not been charged for, each noted
 * before it is charged, so that none is charged twice.
 */
export function listUnbilledThousands(
  { db }: { db: Pick<Database, "transaction"> },
  shopId: bigint,
  now: Date,
): Promise<UnbilledThousand[]> {
  return db.transaction(async (client) => {
    const { rows } = await client.query<UsageRow>(
      `select subscription_id, usage_line_id, reported, counted_from from shop_billing
        where shop_id = $1 and state = 'active' and usage_line_id is not null
          and counted_from is not null for no key update`,
      [shopId],
    );
    const [row] = rows;
    if (row === undefined) return [];
    const accepted = row.reported + (await acceptedSince(client, shopId, row.counted_from));
    await closeOldDays(client, shopId, row.counted_from, now);
    const size = BigInt(EVENTS_PER_CHARGE);
    const started = (accepted + size - 1n) / size;
    const noted = await client.query<{ thousand: bigint; is_old: boolean }>(
      `with added as (insert into usage_charge (shop_id, thousand)
          select $1, n from generate_series((select coalesce(max(thousand) + 1, 0)
            from usage_charge where shop_id = $1), $2::bigint - 1) n returning thousand)
        select thousand, true as is_old from usage_charge where shop_id = $1 and charge_id is null
        union all select thousand, false from added order by thousand`,
      [shopId, started],
    );
    const { subscription_id: subscriptionId, usage_line_id: usageLineId } = row;
    return noted.rows.map(({ thousand, is_old: isOld }) => {
      return { thousand, isOld, usageLineId, subscriptionId };
    });
  });
}

async function acceptedSince(client: PoolClient, shopId: bigint, since: Date): Promise<bigint> {
  const { rows } = await client.query<{ n: bigint }>(
    `select coalesce(sum(n), 0)::bigint as n from count_bucket
      where shop_id = $1 and state = 'accepted' and bucket >= $2`,
    [shopId, since],
  );
  return rows[0]?.n ?? 0n;
}

/** Moves days whose counters are final into `reported`, before the counters go with their events. */
async function closeOldDays(
  client: PoolClient,
  shopId: bigint,
  countedFrom: Date,
  now: Date,
): Promise<void> {
  const until = new Date(now.getTime() - FINAL_AFTER_DAYS * 86_400_000);
  until.setUTCHours(0, 0, 0, 0);
  if (until <= countedFrom) return;
  await client.query(
    `update shop_billing set counted_from = $3, reported = reported +
        (select coalesce(sum(n), 0) from count_bucket
          where shop_id = $1 and state = 'accepted' and bucket >= $2 and bucket < $3)
      where shop_id = $1`,
    [shopId, countedFrom, until],
  );
}

/** Notes what a thousand was charged as: Shopify's id of the usage record, or `over_cap`. */
export async function markThousandBilled(
  { db }: { db: Pick<Database, "pool"> },
  { shopId, thousand, chargeId }: { shopId: bigint; thousand: bigint; chargeId: string },
): Promise<void> {
  await db.pool.query(
    `update usage_charge set charge_id = $3
      where shop_id = $1 and thousand = $2 and charge_id is null`,
    [shopId, thousand, chargeId],
  );
}
