-- What was said against a connection and is not believed yet (or is ours to mend), since when and how
-- often; what Pinterest said of the conversion token; when the system tries a paused one again.
alter table connection
  add column trouble text,
  add column trouble_detail text,
  add column trouble_times smallint not null default 0,
  add column trouble_since timestamptz,
  add column trouble_at timestamptz,
  add column conversion_refused_at timestamptz,
  add column retests smallint not null default 0,
  add column retest_at timestamptz;

-- How large a batch may be after lost answers, and how many events of the last hour were refused.
alter table due_account
  add column batch_limit smallint not null default 1000,
  add column judged_since timestamptz not null default '-infinity',
  add column judged integer not null default 0,
  add column refused integer not null default 0;
