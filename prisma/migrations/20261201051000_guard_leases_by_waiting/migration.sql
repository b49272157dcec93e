-- A lease matters to a shop only while events of it wait: those have an index by ad account, and the
-- others of 90 days would be read for each lease of another shop.
alter policy own_ad_account on due_account
  using (
    exists (select from connection c where c.ad_account_id = due_account.ad_account_id
      and c.shop_id = nullif(current_setting('pinrelay.shop_id', true), '')::bigint)
    or exists (select from event e where e.ad_account_id = due_account.ad_account_id
      and e.shop_id = nullif(current_setting('pinrelay.shop_id', true), '')::bigint
      and e.state in ('held', 'pending')));
