-- What was done about a compliance request, and when it is tried (again).
alter table compliance_request
  -- Gone as soon as the request is done: it names the customer.
  alter column body drop not null,
  -- By Shopify's clock: a shop's redaction that is older than its newest install ends nothing.
  add column triggered_at timestamptz,
  add column next_at timestamptz not null default now(),
  add column tries smallint not null default 0,
  -- Why the last try did not end it, as one word.
  add column waits_for text,
  add column done_at timestamptz,
  -- How many of what were removed, or are in the answer.
  add column removed jsonb,
  -- The answer for the merchant, encrypted; 30 days.
  add column answer bytea,
  drop constraint compliance_request_state_check,
  add constraint compliance_request_state_check
    check (state in ('recorded', 'disputed', 'done', 'needless'));
create index compliance_request_due on compliance_request (next_at) where state = 'recorded';
grant select (triggered_at, next_at, tries, waits_for, done_at, removed, answer)
  on compliance_request to pinrelay_reader;

-- Digests of what was redacted, so that a late or repeated message brings nothing of it back.
create table redacted_source (
  shop_id bigint not null,
  -- SHA-256 of the shop's id and an order's id, a checkout's token or a customer's id.
  digest bytea not null,
  redacted_at timestamptz not null default now(),
  primary key (shop_id, digest)
);
create index redacted_source_age on redacted_source (redacted_at);
alter table redacted_source enable row level security;
grant select on redacted_source to pinrelay_reader;
create policy own_shop on redacted_source for select to pinrelay_reader
  using (shop_id = nullif(current_setting('pinrelay.shop_id', true), '')::bigint);

-- An event of which nothing but its numbers is left. Not validated: the rows there are hold already.
alter table event drop constraint event_id_source_check;
alter table event add constraint event_id_source_check
  check (id_source in ('browser', 'order', 'given', 'redacted')) not valid;
