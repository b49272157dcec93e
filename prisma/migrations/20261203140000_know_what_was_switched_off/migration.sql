-- An alert without a message was either switched off when it began, or the store had no address then;
-- only the second is told to an address that is added. False for those that last now: the choice of
-- today still holds for them.
alter table alert add column switched_off boolean not null default false;

-- Digests go when their alert ends; those of stores that had left stayed.
update alert_message m set address_digest = null from alert a
  where a.id = m.alert_id and a.ended_at is not null and m.address_digest is not null;
