import type { PoolClient } from "pg";

/** SQL: whether a row of `event` waits to be sent. Its partial indexes name the same condition. */
export const WAITS_SQL = "state in ('held', 'pending')";

/** Most shops whose events are read for one lease: those whose oldest event has waited longest. */
const MOST_SHOPS = 16;

/**
 * SQL of the start of a `with`: the table `sender`, the shops that may send now and have events
 * waiting for the ad account `account` (SQL), each with the time of its first one. It steps from
 * shop to shop in the index: what waits behind a shop's first event is not looked at, nor what
 * waits of a paused shop, however much it is.
 */
export function sendersSql(account: string): string {
  return `with recursive waiting (shop_id) as (
      (select shop_id from event where ad_account_id = ${account} and ${WAITS_SQL} order by shop_id limit 1)
    union all
      select (select e.shop_id from event e
        where e.ad_account_id = ${account} and e.${WAITS_SQL} and e.shop_id > w.shop_id
        order by e.shop_id limit 1)
      from waiting w where w.shop_id is not null
    ), sender as (
      select w.shop_id, (select e.next_at from event e
          where e.ad_account_id = ${account} and e.shop_id = w.shop_id and e.${WAITS_SQL}
          order by e.next_at limit 1) as first_at
      from waiting w
      -- As a join the planner would read all connections, or all waiting events, to begin with.
      where (select c.state = 'active' and s.state = 'installed' from connection c
        join shop s on s.id = c.shop_id where c.shop_id = w.shop_id)
      order by first_at limit ${MOST_SHOPS}
    )`;
}

/**
 * Has the statements of the transaction planned by the order of an index alone. A worker plans its
 * statements once, often over tables that are still empty, and may run them over a million rows
 * before Postgres has looked at the tables again.
 */
export async function planByIndex(client: Pick<PoolClient, "query">): Promise<void> {
  await client.query(
    `select set_config(name, 'off', true)
      from unnest(array['enable_seqscan', 'enable_bitmapscan', 'enable_sort']) name`,
  );
}
