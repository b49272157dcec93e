-- What is or was amiss with a shop, a row for each time it began, and who is to be told of it.
create table alert (
  id bigint generated always as identity primary key,
  shop_id bigint not null references shop (id) on delete cascade,
  -- A name of app/alerts/causes.
  cause text not null,
  -- What its words leave open: numbers and times, nothing of a person.
  facts jsonb not null,
  noticed_at timestamptz not null,
  -- Null: it was seen once, and some causes are believed when they are seen twice.
  begun_at timestamptz,
  ended_at timestamptz
);
-- One that lasts for each cause of a shop; what two processes find at once is one.
create unique index alert_open on alert (shop_id, cause) where ended_at is null;
create index alert_ended on alert (shop_id, cause, ended_at desc) where ended_at is not null;

alter table alert enable row level security;
grant select on alert to pinrelay_reader;
create policy own_shop on alert for select to pinrelay_reader
  using (shop_id = nullif(current_setting('pinrelay.shop_id', true), '')::bigint);

-- One address that is told of the begin or the end of an alert.
create table alert_message (
  id bigint generated always as identity primary key,
  alert_id bigint not null references alert (id) on delete cascade,
  shop_id bigint not null references shop (id) on delete cascade,
  -- `begun` or `ended`.
  phase text not null,
  -- `webhook`, `slack` or `email`.
  channel text not null,
  -- As the settings have it; null as soon as the message is done with.
  address text,
  -- `waiting`, `sent`, `failed`, or `dropped`: the shop or the address is gone.
  state text not null default 'waiting',
  -- When it was handed to the queue, which tries it.
  queued_at timestamptz,
  created_at timestamptz not null default now(),
  done_at timestamptz
);
create index alert_message_waiting on alert_message (id) where state = 'waiting';
create index alert_message_alert on alert_message (alert_id);

alter table alert_message enable row level security;
grant select on alert_message to pinrelay_reader;
create policy own_shop on alert_message for select to pinrelay_reader
  using (shop_id = nullif(current_setting('pinrelay.shop_id', true), '')::bigint);
