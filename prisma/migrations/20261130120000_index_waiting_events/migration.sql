-- outside a transaction
-- A claim steps from shop to shop of an ad account, and reads no more of each than a batch: what
-- waits of a paused shop, or behind a batch, costs nothing.
create index concurrently if not exists event_waiting on event (shop_id, ad_account_id, next_at, id)
  where state in ('held', 'pending');
create index concurrently if not exists event_waiting_shop on event (ad_account_id, shop_id)
  where state in ('held', 'pending');
drop index concurrently if exists event_due;
