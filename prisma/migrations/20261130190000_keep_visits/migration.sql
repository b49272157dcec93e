-- What shoppers' browsers told, to be joined to the orders that their checkouts become.
create table visit (
  shop_id bigint not null,
  -- `checkout:<token>`, `order:<id>` or `cart:<token>`: one checkout has a row for each key it is known by.
  visit_key text collate "C" not null,
  -- The browser's own ids of its events; the first of each kind is kept.
  started_event_id text,
  completed_event_id text,
  completed_at timestamptz,
  -- By the browser's clock: the newest word on consent holds, in whatever order the words arrive.
  told_at timestamptz not null,
  -- The newest word is that the shopper refuses marketing: nothing else of the visit is kept then.
  is_refused boolean not null,
  -- Client id, IP address, user agent, language, page and consent; encrypted.
  body bytea not null,
  -- Encrypted; the newest that a page knew, since a later page may know none.
  click_id bytea,
  seen_at timestamptz not null default now(),
  -- When Shopify is asked whether the order of a completed checkout exists. Null: not asked (any more).
  check_at timestamptz,
  checks smallint not null default 0,
  primary key (shop_id, visit_key)
);
create index visit_seen on visit (seen_at);
create index visit_check on visit (check_at) where check_at is not null;

alter table visit enable row level security;
grant select on visit to pinrelay_reader;
create policy own_shop on visit for select to pinrelay_reader
  using (shop_id = nullif(current_setting('pinrelay.shop_id', true), '')::bigint);

-- Other senders to Pinterest that were seen in a store's pages.
create table second_sender (
  shop_id bigint not null references shop (id) on delete cascade,
  -- `tag`: a Pinterest tag of the page; `cookie`: Pinterest's cookie, without a tag that was seen.
  kind text not null,
  -- Empty where it is not known.
  tag_id text not null default '',
  -- Whether its events carry Shopify's event ids, which ours carry too; null: not seen yet.
  shares_ids boolean,
  first_seen_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  primary key (shop_id, kind, tag_id)
);

alter table second_sender enable row level security;
grant select on second_sender to pinrelay_reader;
create policy own_shop on second_sender for select to pinrelay_reader
  using (shop_id = nullif(current_setting('pinrelay.shop_id', true), '')::bigint);

-- The store's web pixel, as Shopify answered last.
alter table shop
  add column web_pixel_id text,
  -- Why there is none: `denied`, `no_extension`, `rejected`, `silent`.
  add column web_pixel_fault text,
  add column web_pixel_at timestamptz,
  add column last_pixel_at timestamptz,
  add column last_embed_at timestamptz;

-- Set while an order is held for its browser's data, which finds it by the token.
alter table event add column checkout_token text;
