import type { PoolClient } from "pg";
import type { Database } from "#app/platform/db.server.ts";
import { LEASE_MS, type Lease } from "./claim-accounts.server.ts";
import type { NextSender } from "./settlement.server.ts";

/**
 * Whether the next sender may still send is read in the statement that is made anyway: a pause, a
 * disconnect, another ad account or an uninstall takes effect before the next request.
 */
export async function renewLease(
  client: PoolClient,
  lease: Lease,
  next: NextSender | undefined,
): Promise<boolean> {
  const { rows } = await client.query<{ may_go_on: boolean }>({
    name: "renew-lease",
    text: `update due_account set lease_until = now() + interval '${LEASE_MS} ms'
      where lane = $1 and ad_account_id = $2
      returning $3::bigint is null or exists (
        select from connection c join shop s on s.id = c.shop_id and s.state = 'installed'
        where c.shop_id = $3 and c.state = 'active' and c.ad_account_id = $4) as may_go_on`,
    values: [
      lease.lane,
      lease.adAccountId,
      next?.shopId.toString() ?? null,
      next?.connectedTo ?? null,
    ],
  });
  return rows[0]?.may_go_on === true;
}

/**
 * Renews a lease while its results cannot be settled. A lease that another worker has taken is left
 * alone.
 */
export async function extendLease(
  { db }: { db: Pick<Database, "pool"> },
  { lane, adAccountId, fence }: Lease,
): Promise<void> {
  await db.pool.query(
    `update due_account set lease_until = now() + interval '${LEASE_MS} ms'
      where lane = $1 and ad_account_id = $2 and fence = $3 and lease_until is not null`,
    [lane, adAccountId, fence.toString()],
  );
}
