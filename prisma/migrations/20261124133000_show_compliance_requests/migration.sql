-- A shop's admin lists the compliance requests about the shop; their bodies stay closed to it. The
-- requests of shops that were never known have no shop id: the domain says whose they are.
alter table compliance_request enable row level security;
grant select (id, shop_domain, topic, webhook_id, state, received_at) on compliance_request to pinrelay_reader;
create policy own_shop on compliance_request for select to pinrelay_reader
  using (shop_domain = (select s.domain from shop s
    where s.id = nullif(current_setting('pinrelay.shop_id', true), '')::bigint));
