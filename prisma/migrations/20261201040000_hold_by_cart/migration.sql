-- Set beside `checkout_token`: a shopper may refuse on a page of the store, which knows the cart alone.
alter table event add column cart_token text;
