-- A key that exists may go on doing everything.
alter table shop_api_key
  add column scopes text[] not null default array['send', 'read']
    check (cardinality(scopes) > 0 and scopes <@ array['send', 'read']);
