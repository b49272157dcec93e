import type { PoolClient } from "pg";
import { WAITS_SQL } from "#app/outbox/event-conditions.server.ts";
import { PLAN_BY_INDEX } from "#app/platform/pool.server.ts";

/** The most shops whose events are read for one lease: those whose oldest event has waited longest. */
const MOST_SHOPS = 16;

/**
 * SQL: whether an event of a shop of `sender` may be sent to the ad account that it was taken for:
 * the shop still sends there, or Pinterest may have the event there, or the merchant left it there.
 * An event that may go to the shop's present account must not go to an earlier one: it is moved.
 */
export const IS_BOUND_SQL =
  "(sender.is_current or event.answer_lost or event.created_at < sender.left_before)";

/**
 * SQL of the start of a `with`: the table `sender`, the shops that may send now and have events
 * waiting for the ad account `account` (SQL), each with the time of its first one. It steps from
 * shop to shop in the index: events behind a shop's first one, and all events of a paused shop, are
 * not read, however many there are.
 */
export function sendersSql(account: string): string {
  return `with recursive waiting (shop_id) as (
      (select shop_id from event where ad_account_id = ${account} and ${WAITS_SQL} order by shop_id limit 1)
    union all
      select (select shop_id from event
        where ad_account_id = ${account} and ${WAITS_SQL} and shop_id > waiting.shop_id
        order by shop_id limit 1)
      from waiting where shop_id is not null
    ), sender as (
      select sender.*, first.next_at as first_at
      from waiting cross join lateral (
        select c.shop_id, c.ad_account_id = ${account} as is_current,
          case when c.leaves_earlier then c.account_since else '-infinity' end as left_before
        from connection c join shop s on s.id = c.shop_id
        where c.shop_id = waiting.shop_id and c.state = 'active' and s.state = 'installed'
        -- Pulled up into a join, all connections or all waiting events would be read to begin with.
        offset 0) sender
      cross join lateral (select next_at from event
        where ad_account_id = ${account} and shop_id = sender.shop_id and ${WAITS_SQL} and ${IS_BOUND_SQL}
        order by next_at limit 1) first
      order by first_at limit ${MOST_SHOPS}
    )`;
}

/** Has the transaction's statements planned as with PLAN_BY_INDEX. */
export async function planByIndex(client: Pick<PoolClient, "query">): Promise<void> {
  await client.query(PLAN);
}

const PLAN = Object.entries(PLAN_BY_INDEX)
  .map(([name, value]) => `set local ${name} = ${value}`)
  .join("; ");
