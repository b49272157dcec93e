-- An event may change its ad account until its answer may have been lost, or the merchant left it.
alter table event add column answer_lost boolean not null default false;
alter table due_account add column lost_until timestamptz not null default '-infinity';
alter table connection
  add column account_since timestamptz not null default now(),
  add column leaves_earlier boolean not null default false;
