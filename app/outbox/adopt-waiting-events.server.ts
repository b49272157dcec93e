import type { Database } from "#app/platform/db.server.ts";
import { wakeAccounts } from "./wake-accounts.server.ts";

/**
 * After a shop connects or resumes: gives its waiting events that have no ad account the shop's,
 * and makes each account that has events of the shop waiting due. Events that were taken for an
 * earlier ad account keep it. Returns how many events were given an account.
 */
export async function adoptWaitingEvents(
  { db }: { db: Pick<Database, "transaction"> },
  shopId: bigint,
): Promise<number> {
  return db.transaction(async (client) => {
    const { rows: connections } = await client.query<{ ad_account_id: string }>(
      "select ad_account_id from connection where shop_id = $1 and state = 'active'",
      [shopId.toString()],
    );
    const connection = connections[0];
    if (connection === undefined) return 0;
    const { rows: waiting } = await client.query<{ ad_account_id: string }>(
      `select distinct ad_account_id from event
        where shop_id = $1 and state in ('held', 'pending') and ad_account_id is not null`,
      [shopId.toString()],
    );
    const accounts = new Set([
      connection.ad_account_id,
      ...waiting.map((row) => row.ad_account_id),
    ]);
    await wakeAccounts(client, new Map([...accounts].map((account) => [account, 0])));
    const adopted = await client.query(
      `update event set ad_account_id = $2
        where shop_id = $1 and state in ('held', 'pending') and ad_account_id is null`,
      [shopId.toString(), connection.ad_account_id],
    );
    return adopted.rowCount ?? 0;
  });
}

/**
 * Does the same for every connected shop that has waiting events which nobody is about to send: of a
 * webhook that was mapped just before the connection was made, or of a process that ended between
 * connecting and this. Returns how many shops had some.
 */
export async function adoptStrayEvents({
  db,
}: {
  db: Pick<Database, "pool" | "transaction">;
}): Promise<number> {
  const { rows } = await db.pool.query<{ shop_id: bigint }>(
    `select e.shop_id from event e
        join connection c on c.shop_id = e.shop_id and c.state = 'active'
        where e.state in ('held', 'pending') and e.ad_account_id is null
      union
      select waiting.shop_id from due_account d cross join lateral (
        select e.shop_id from event e
        join connection c on c.shop_id = e.shop_id and c.state = 'active'
        join shop s on s.id = e.shop_id and s.state = 'installed'
        where e.ad_account_id = d.ad_account_id and e.state in ('held', 'pending') limit 1) waiting
      where d.next_at = 'infinity' and d.lease_until is null`,
  );
  for (const { shop_id: shopId } of rows) await adoptWaitingEvents({ db }, shopId);
  return rows.length;
}
