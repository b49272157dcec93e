-- Counters go with their events after 90 days, a plan lives for years: `reported` holds the accepted
-- events of the time before `counted_from`, and the counters those since.
alter table shop_billing add column counted_from timestamptz;
