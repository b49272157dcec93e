-- The tables of Pinrelay. schema.prisma says who writes each and when its rows go.
-- Requires Postgres 15 or newer.

create table shop (
  id bigint generated always as identity primary key,
  domain text not null unique,
  lane smallint not null,
  state text not null check (state in ('installed', 'uninstalled')),
  generation integer not null default 1,
  installed_at timestamptz not null default now(),
  uninstalled_at timestamptz,
  scopes text not null default '',
  pixel_key text not null unique,
  primary_domain text,
  country_code text,
  currency text,
  time_zone text,
  settings jsonb not null default '{}',
  settings_version integer not null default 1,
  last_webhook_at timestamptz
);

create table connection (
  shop_id bigint primary key references shop (id) on delete cascade,
  ad_account_id text not null,
  state text not null check (state in ('active', 'paused')),
  pause_reason text,
  token bytea not null,
  refresh_token bytea,
  token_expires_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index connection_ad_account on connection (ad_account_id);

create table shopify_session (
  id text primary key,
  shop_domain text not null,
  content bytea not null,
  updated_at timestamptz not null default now()
);
create index shopify_session_shop on shopify_session (shop_domain);

create table shop_api_key (
  id bigint generated always as identity primary key,
  shop_id bigint not null references shop (id) on delete cascade,
  key_hash text not null unique,
  created_at timestamptz not null default now()
);

create table audit_entry (
  id bigint generated always as identity primary key,
  shop_id bigint not null references shop (id) on delete cascade,
  actor text not null,
  action text not null,
  before jsonb,
  after jsonb,
  created_at timestamptz not null default now()
);
create index audit_entry_shop on audit_entry (shop_id, created_at desc);

create table compliance_request (
  id bigint generated always as identity primary key,
  shop_domain text not null,
  topic text not null,
  webhook_id text not null,
  state text not null check (state in ('recorded', 'disputed')),
  body bytea not null,
  received_at timestamptz not null default now(),
  unique (shop_domain, topic, webhook_id)
);

create table receipt (
  received_on date not null default current_date,
  shop_id bigint not null,
  topic text not null,
  webhook_id text not null,
  outcome text not null,
  reason text,
  source_key text,
  triggered_at timestamptz,
  received_at timestamptz not null default now(),
  primary key (received_on, shop_id, webhook_id, topic)
) partition by range (received_on);

-- One row per conversion event: its state, and the ledger of ids. Unique for ever per shop, kind
-- and source, so it cannot be partitioned by time; it stays narrow instead, and the wide payload
-- and the attempts, which are partitioned, are dropped by the day.
create table event (
  id bigint generated always as identity primary key,
  lane smallint not null,
  shop_id bigint not null,
  kind text not null,
  source_key text not null,
  event_id text not null,
  id_source text not null check (id_source in ('browser', 'order', 'given')),
  source text not null,
  order_id text,
  order_name text,
  state text not null check (state in ('held', 'pending', 'accepted', 'rejected', 'skipped', 'expired')),
  reason text,
  action_source text,
  event_time bigint not null,
  value text,
  currency text,
  key_bits integer not null default 0,
  consent text,
  settings_version integer not null,
  ad_account_id text,
  attempts smallint not null default 0,
  attempt_ids bigint[] not null default '{}',
  warning text,
  next_at timestamptz not null default now(),
  payload_drop_on date,
  created_at timestamptz not null default now(),
  settled_at timestamptz
) with (fillfactor = 85);
create unique index event_identity on event (lane, shop_id, kind, source_key);
create index event_due on event (ad_account_id, next_at, id) where state in ('held', 'pending');
create index event_list on event (shop_id, event_time desc, id desc);
create index event_order on event (shop_id, order_id) where order_id is not null;
create index event_by_id on event (shop_id, event_id);

create table event_payload (
  drop_on date not null,
  event_ref bigint not null,
  shop_id bigint not null,
  body bytea not null,
  primary key (drop_on, event_ref)
) partition by range (drop_on);
-- The body is encrypted: trying to compress it costs time and saves nothing.
alter table event_payload alter column body set storage external;

create sequence attempt_id;
create table attempt (
  made_on date not null default current_date,
  id bigint not null default nextval('attempt_id'),
  shop_id bigint not null,
  ad_account_id text not null,
  started_at timestamptz not null,
  duration_ms integer not null,
  outcome text not null,
  http_status smallint,
  pinterest_code integer,
  message text,
  events integer not null,
  answers jsonb,
  primary key (made_on, id)
) partition by range (made_on);
create index attempt_by_id on attempt (id);

create table due_account (
  lane smallint not null,
  ad_account_id text not null,
  next_at timestamptz not null,
  not_before timestamptz not null default '-infinity',
  fresh integer not null default 0,
  lease_until timestamptz,
  leased_at timestamptz,
  fence bigint not null default 0,
  tokens real not null default 1000,
  tokens_at timestamptz not null default now(),
  failures integer not null default 0,
  primary key (lane, ad_account_id)
) with (fillfactor = 50);
create index due_account_next on due_account (next_at);

create table count_bucket (
  shop_id bigint not null,
  bucket timestamptz not null,
  kind text not null,
  source text not null,
  state text not null,
  reason text not null default '',
  n bigint not null,
  primary key (shop_id, bucket, kind, source, state, reason)
) with (fillfactor = 50);

-- Day partitions. A default partition takes what falls outside, so that no write ever fails for
-- want of one.
create table receipt_default partition of receipt default;
create table event_payload_default partition of event_payload default;
create table attempt_default partition of attempt default;

create function ensure_day_partitions(parent text, first_day date, last_day date) returns void
language plpgsql as $$
declare
  day date;
begin
  -- Two processes that start at once would both find the partition missing.
  perform pg_advisory_xact_lock(hashtext('ensure_day_partitions'));
  for day in select generate_series(first_day, last_day, interval '1 day')::date loop
    if to_regclass(parent || '_' || to_char(day, 'YYYYMMDD')) is null then
      execute format('create table %I partition of %I for values from (%L) to (%L)',
        parent || '_' || to_char(day, 'YYYYMMDD'), parent, day, day + 1);
    end if;
  end loop;
end $$;

create function drop_day_partitions(parent text, before_day date) returns integer
language plpgsql as $$
declare
  child record;
  dropped integer := 0;
begin
  for child in
    select c.relname from pg_inherits i
    join pg_class c on c.oid = i.inhrelid
    where i.inhparent = parent::regclass and c.relname ~ ('^' || parent || '_\d{8}$')
  loop
    if to_date(right(child.relname, 8), 'YYYYMMDD') < before_day then
      execute format('drop table %I', child.relname);
      dropped := dropped + 1;
    end if;
  end loop;
  return dropped;
end $$;

-- The second wall: reads for a shop's admin, API or command line run as this role, which sees only
-- the shop named by the setting pinrelay.shop_id and may write nothing.
do $$
begin
  create role pinrelay_reader nologin;
exception when duplicate_object or unique_violation then null;
end $$;

do $$
declare
  tenant_table text;
begin
  execute format('grant pinrelay_reader to %I', current_user);
  execute format('grant usage on schema %I to pinrelay_reader', current_schema());
  foreach tenant_table in array array['connection', 'audit_entry', 'receipt', 'event',
    'event_payload', 'attempt', 'count_bucket', 'shop_api_key']
  loop
    execute format('alter table %I enable row level security', tenant_table);
    execute format('grant select on %I to pinrelay_reader', tenant_table);
    execute format('create policy own_shop on %I for select to pinrelay_reader
      using (shop_id = nullif(current_setting(''pinrelay.shop_id'', true), '''')::bigint)', tenant_table);
  end loop;
end $$;
alter table shop enable row level security;
grant select on shop to pinrelay_reader;
create policy own_shop on shop for select to pinrelay_reader
  using (id = nullif(current_setting('pinrelay.shop_id', true), '')::bigint);
-- Holds no tenant's data but an ad account's next wake-up; the list of events needs the lease.
grant select on due_account to pinrelay_reader;
