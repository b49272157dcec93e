-- Of the checkout's visit: the cart that the browser told of beside it. A redaction finds the cart's
-- visit, which has no id of the order, by it.
alter table visit add column cart_token text;
