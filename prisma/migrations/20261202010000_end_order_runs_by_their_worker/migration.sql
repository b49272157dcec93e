-- A worker of the version before knows no comparison of orders: in a rolling deploy it would find one
-- without items that wait, and end it as done. Only a comparison that has listed all orders, and that no
-- process works on, is done. What such a worker ended already was not.
update run set state = 'failed'
  where kind = 'reconcile' and state = 'done' and coalesce(progress->>'isListed', '') <> 'true';

alter table run add constraint run_checks_orders_to_the_end
  check (kind <> 'reconcile' or state <> 'done'
    or (lease is null and coalesce(progress->>'isListed', '') = 'true')) not valid;
