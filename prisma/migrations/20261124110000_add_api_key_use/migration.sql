-- API keys have a name, a last use, an end, and a token bucket that all processes share.
alter table shop_api_key
  add column name text not null default '',
  add column last_used_at timestamptz,
  add column revoked_at timestamptz,
  add column tokens real not null default 100,
  add column tokens_at timestamptz not null default now();

-- Signs the results that are posted to a URL of the shop's choice; encrypted, made at its first use.
alter table shop add column callback_secret bytea;
