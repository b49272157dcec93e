-- outside a transaction
-- An order that is held for its browser's data is found by its cart when the shopper refuses.
create index concurrently if not exists event_held_cart on event (shop_id, cart_token)
  where state = 'held' and cart_token is not null;
