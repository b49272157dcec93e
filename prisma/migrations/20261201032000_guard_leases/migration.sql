-- A shop sees the leases of the ad accounts that it sends to, or has events for. Claims run as the
-- table's owner, whom no policy binds. Not named own_shop: without the reader's role that would be
-- forced on the owner too, and be a part of each claim's plan.
alter table due_account enable row level security;
create policy own_ad_account on due_account for select to pinrelay_reader
  using (
    exists (select from connection c where c.ad_account_id = due_account.ad_account_id
      and c.shop_id = nullif(current_setting('pinrelay.shop_id', true), '')::bigint)
    or exists (select from event e where e.ad_account_id = due_account.ad_account_id
      and e.shop_id = nullif(current_setting('pinrelay.shop_id', true), '')::bigint));
