-- When each shop's orders at Shopify are compared with its events, and what the last time found.
create table order_sweep (
  shop_id bigint primary key references shop (id) on delete cascade,
  next_at timestamptz not null,
  -- The shop has been silent for unusually long by then, unless an order comes. Null: no rhythm is known.
  silent_at timestamptz,
  -- All orders from before then were compared.
  swept_through timestamptz,
  -- When it was last tried, and last ended well.
  tried_at timestamptz,
  swept_at timestamptz,
  -- `done`, or why it ended: `no_session`, `denied`, `silent`, `unreadable`, `not_stored`, `unfinished`.
  result text,
  orders integer not null default 0,
  missing integer not null default 0,
  sent integer not null default 0
);
create index order_sweep_next on order_sweep (next_at);
create index order_sweep_silent on order_sweep (silent_at) where silent_at is not null;

alter table order_sweep enable row level security;
grant select on order_sweep to pinrelay_reader;
create policy own_shop on order_sweep for select to pinrelay_reader
  using (shop_id = nullif(current_setting('pinrelay.shop_id', true), '')::bigint);

-- The one row by which the processes that take webhooks know that none of them was there, or that
-- they sent webhooks back.
create table intake_beat (
  id boolean primary key default true check (id),
  beat_at timestamptz not null,
  -- When an outage was noticed last, after its end.
  outage_at timestamptz
);
