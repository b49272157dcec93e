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
