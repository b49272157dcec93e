-- A shop's data key, which encrypts all that is kept of the shop, wrapped by one of ENCRYPTION_KEYS.
-- It goes with the shop's row: what it encrypted can be read by nobody then.
create table shop_key (
  shop_id bigint primary key references shop (id) on delete cascade,
  -- The id in ENCRYPTION_KEYS of the key that wraps it.
  key_id text not null,
  wrapped bytea not null,
  created_at timestamptz not null default now()
);

-- The one row of the data key for what belongs to no shop.
create table installation_key (
  id boolean primary key default true check (id),
  -- Null until a process has made it.
  key_id text,
  wrapped bytea,
  created_at timestamptz not null default now(),
  -- Keys under which rows from before there were data keys may be encrypted; `*`: all those of the
  -- process that makes the data key.
  direct_key_ids text[] not null
);
insert into installation_key (direct_key_ids)
  select case when exists (select from shop) or exists (select from compliance_request)
    then '{*}'::text[] else '{}'::text[] end;

alter table shop_key enable row level security;
grant select on shop_key to pinrelay_reader;
create policy own_shop on shop_key for select to pinrelay_reader
  using (shop_id = nullif(current_setting('pinrelay.shop_id', true), '')::bigint);

-- No read as a shop needs it.
alter table installation_key enable row level security;
