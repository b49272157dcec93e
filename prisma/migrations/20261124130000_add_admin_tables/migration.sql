-- What the embedded admin keeps: sign-ins, tags, quality scores, runs, settings versions, billing.

alter table shop
  add column guide_hidden_at timestamptz,
  add column product_ids_confirmed_at timestamptz,
  add column store_tag_id text;

alter table connection
  add column kind text not null default 'pasted' check (kind in ('pasted', 'sign_in')),
  add column conversion_token bytea,
  add column conversion_token_at timestamptz,
  add column refresh_expires_at timestamptz,
  add column renewal_failed_at timestamptz,
  add column scopes text not null default '',
  add column signed_in_as text,
  add column account_name text,
  add column account_currency text,
  add column paused_at timestamptz,
  add column paused_by text,
  add column tested_at timestamptz,
  add column test_result text;

create table sign_in_attempt (
  nonce_hash text primary key,
  shop_id bigint not null references shop (id) on delete cascade,
  actor text not null,
  expires_at timestamptz not null
);

create table pinterest_sign_in (
  shop_id bigint primary key references shop (id) on delete cascade,
  token bytea not null,
  token_expires_at timestamptz not null,
  refresh_token bytea,
  refresh_expires_at timestamptz,
  conversion_token bytea,
  scopes text not null,
  signed_in_as text,
  created_at timestamptz not null default now()
);

create table tag_cache (
  shop_id bigint primary key references shop (id) on delete cascade,
  ad_account_id text not null,
  tags jsonb not null,
  fetched_at timestamptz not null default now()
);

create table quality_snapshot (
  shop_id bigint not null references shop (id) on delete cascade,
  lookback text not null,
  ad_account_id text not null,
  scores jsonb not null,
  fetched_at timestamptz not null default now(),
  primary key (shop_id, lookback)
);

create table order_count_day (
  shop_id bigint not null references shop (id) on delete cascade,
  day date not null,
  orders integer not null,
  asked_at timestamptz not null default now(),
  primary key (shop_id, day)
);

create table settings_version (
  shop_id bigint not null references shop (id) on delete cascade,
  version integer not null,
  settings jsonb not null,
  actor text not null,
  created_at timestamptz not null default now(),
  primary key (shop_id, version)
);

create table run (
  id bigint generated always as identity primary key,
  shop_id bigint not null references shop (id) on delete cascade,
  kind text not null check (kind in ('replay', 'send')),
  state text not null check (state in ('running', 'stopping', 'stopped', 'done')),
  total integer not null,
  choice jsonb,
  actor text not null,
  created_at timestamptz not null default now(),
  finished_at timestamptz
);
create index run_shop on run (shop_id, id desc);

create table run_item (
  run_id bigint not null references run (id) on delete cascade,
  place integer not null,
  shop_id bigint not null,
  event_id text,
  event_name text,
  state text not null check (state in ('waiting', 'queued', 'left')),
  why text,
  body bytea,
  primary key (run_id, place)
);

create table dismissal (
  shop_id bigint not null references shop (id) on delete cascade,
  user_id text not null,
  error_id text not null,
  dismissed_at timestamptz not null default now(),
  primary key (shop_id, user_id, error_id)
);

create table shop_billing (
  shop_id bigint primary key references shop (id) on delete cascade,
  state text not null,
  subscription_id text,
  usage_line_id text,
  reported bigint not null default 0,
  warned_at timestamptz,
  ends_at timestamptz,
  updated_at timestamptz not null default now()
);

create table usage_charge (
  shop_id bigint not null references shop (id) on delete cascade,
  thousand bigint not null,
  charge_id text,
  created_at timestamptz not null default now(),
  primary key (shop_id, thousand)
);

-- Why each match key is in the event or was left out; keys and reasons, no personal data.
alter table event_payload add column notes text not null default '';

-- The rare states of a long list: without these a page of them reads all of a shop's events.
create index event_troubled on event (shop_id, event_time desc, id desc) where state in ('rejected', 'expired');
create index event_skipped on event (shop_id, event_time desc, id desc) where state = 'skipped';

do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array['sign_in_attempt', 'pinterest_sign_in', 'tag_cache',
    'quality_snapshot', 'order_count_day', 'settings_version', 'run', 'run_item', 'dismissal',
    'shop_billing', 'usage_charge']
  loop
    execute format('alter table %I enable row level security', tenant_table);
    execute format('grant select on %I to pinrelay_reader', tenant_table);
    execute format('create policy own_shop on %I for select to pinrelay_reader
      using (shop_id = nullif(current_setting(''pinrelay.shop_id'', true), '''')::bigint)', tenant_table);
  end loop;
end $$;
