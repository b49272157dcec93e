-- Which address was told of a begin, for as long as its alert lasts: a digest with the alert's id in it,
-- since the address itself goes with its message. Null: told by a version that kept none.
alter table alert_message add column address_digest text;
update alert_message m set address_digest = encode(sha256(convert_to(m.alert_id || ' ' || m.address, 'UTF8')), 'hex')
  from alert a where a.id = m.alert_id and a.ended_at is null and m.phase = 'begun' and m.address is not null;

-- How many test alerts a store or an address may still get, whoever asks: by the page and by the command.
create table alert_test (
  -- Of the store's domain or of an address.
  digest text primary key,
  -- When all of them are free again; the row goes then.
  free_at timestamptz not null
);
