-- outside a transaction
-- An order that is held for its browser's data is found by the token of its checkout.
create index concurrently if not exists event_held_checkout on event (shop_id, checkout_token)
  where state = 'held' and checkout_token is not null;
