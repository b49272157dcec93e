-- The newest proof that the app was installed: a token exchange, or a webhook that Shopify sent.
-- Null: none since installed_at.
alter table shop add column authorised_at timestamptz;
