-- Where the store's web pixel sends, and when Shopify was last asked for it.
alter table shop
  add column web_pixel_endpoint text,
  add column web_pixel_checked_at timestamptz;
