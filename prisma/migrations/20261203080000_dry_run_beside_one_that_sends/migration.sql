-- A dry run changes nothing: it need not wait for one that sends, which may be one that nobody works on.
create unique index run_checks_orders_once on run (shop_id, (coalesce(choice->>'dry', 'false')))
  where kind = 'reconcile' and state = 'running';
drop index run_checks_orders;
