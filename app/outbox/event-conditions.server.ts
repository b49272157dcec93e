import { SENDABLE_SECONDS } from "#app/events/event-state.ts";

/** SQL: the earliest event time that Pinterest still accepts, by the database's clock. */
const OLDEST_SQL = `(ceil(extract(epoch from now()))::bigint - ${SENDABLE_SECONDS})`;

/** SQL: whether an event of the `event` table is too old for Pinterest. */
export const IS_LATE_SQL = `event_time < ${OLDEST_SQL}`;

/** SQL: whether an event `e` has its payload. SQL cannot tell whether a key decrypts it. */
export const HAS_PAYLOAD_SQL = `exists (select from event_payload p
  where p.drop_on = e.payload_drop_on and p.event_ref = e.id)`;

/** SQL: whether an event `e` ended without being accepted. */
export const HAS_FAILED_SQL = "e.state in ('rejected', 'expired')";

/** Formats the earliest event time that Pinterest still accepts at a moment, for the conditions below. */
export function oldestAt(now: Date): string {
  return String(Math.ceil(now.getTime() / 1_000) - SENDABLE_SECONDS);
}

/** SQL: the same, for an event that Pinterest still accepts. */
export function isRecentFailureSql(oldest: string = OLDEST_SQL): string {
  return `${HAS_FAILED_SQL} and e.event_time >= ${oldest}`;
}

/** SQL: whether an event `e` may be sent again, as `findReplayBar` decides. */
export function mayReplaySql(oldest: string = OLDEST_SQL): string {
  return `${isRecentFailureSql(oldest)} and ${HAS_PAYLOAD_SQL}`;
}

/** SQL: a `with` part that names the ad accounts whose events are being sent now. */
export const LEASES_SQL = `lease as materialized (
  select ad_account_id, leased_at from due_account where lease_until > now())`;

/**
 * SQL: whether an event is being sent, with its `lease`, which may be missing: its account is
 * leased, and it was due when the lease began.
 */
export function isBeingSentSql(
  { state, nextAt } = { state: "e.state", nextAt: "e.next_at" },
): string {
  return `coalesce(${state} in ('held', 'pending') and ${nextAt} <= lease.leased_at, false)`;
}

/** SQL: whether a row of `event` waits to be sent. Its partial indexes name the same condition. */
export const WAITS_SQL = "state in ('held', 'pending')";

/** SQL: the shops that have waiting events, read from shop to shop in the index. */
export const WAITING_SHOPS_SQL = `with recursive waiting (shop_id) as (
    (select shop_id from event where ${WAITS_SQL} order by shop_id limit 1)
  union all
    select (select shop_id from event where ${WAITS_SQL} and shop_id > waiting.shop_id
      order by shop_id limit 1)
    from waiting where shop_id is not null
  ) select shop_id from waiting where shop_id is not null`;

/**
 * SQL: the ad accounts that waiting events of a shop (SQL for its id) were taken for, with null for
 * events taken without one; read from account to account in the index.
 */
export function waitingAccountsSql(shopId: string): string {
  return `with recursive waiting (account) as (
      (select ad_account_id from event
        where shop_id = ${shopId} and ad_account_id is not null and ${WAITS_SQL}
        order by ad_account_id limit 1)
    union all
      select (select ad_account_id from event
        where shop_id = ${shopId} and ad_account_id > waiting.account and ${WAITS_SQL}
        order by ad_account_id limit 1)
      from waiting where account is not null
    )
    select account from waiting where account is not null
    union all select null where exists (select from event
      where shop_id = ${shopId} and ad_account_id is null and ${WAITS_SQL})`;
}
