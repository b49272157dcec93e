-- Who ordered, checked out or waits as a sign-up in the last hours, by digest: a customer that came
-- with a purchase is no sign-up. Rows are added and dropped, never changed.
create table customer_trace (
  shop_id bigint not null,
  customer_key text collate "C" not null,
  -- The customer's id where a sign-up waits, else empty.
  signup text collate "C" not null,
  happened_at timestamptz not null,
  received_at timestamptz not null default now(),
  primary key (shop_id, customer_key, signup, happened_at)
);
create index customer_trace_received on customer_trace (received_at);
create index customer_trace_signup on customer_trace (received_at) where signup <> '';

alter table customer_trace enable row level security;
grant select on customer_trace to pinrelay_reader;
create policy own_shop on customer_trace for select to pinrelay_reader
  using (shop_id = nullif(current_setting('pinrelay.shop_id', true), '')::bigint);
