-- A run that compares Shopify's orders finds its items while it works: it keeps how far it has come, and
-- one process at a time works on it without holding its row, since Shopify is asked in between.
alter table run
  add column progress jsonb,
  add column lease text,
  add column leased_until timestamptz,
  drop constraint run_kind_check,
  drop constraint run_state_check,
  add constraint run_kind_check check (kind in ('replay', 'send', 'reconcile')) not valid,
  add constraint run_state_check
    check (state in ('running', 'stopping', 'stopped', 'done', 'failed')) not valid;

-- `planned`: it would be sent. The rows that are there met a narrower rule: they need not be read.
alter table run_item
  add column order_id text,
  add column order_name text,
  add column order_at timestamptz,
  drop constraint run_item_state_check,
  add constraint run_item_state_check check (state in ('waiting', 'queued', 'left', 'planned')) not valid;

-- A shop's orders are compared by one run at a time.
create unique index run_checks_orders on run (shop_id) where kind = 'reconcile' and state = 'running';
