-- Digests of the person a payload is about, under the shop's data key: a customer's redaction finds by
-- them what no order leads to, without decrypting everything. Empty for the events of an order.
alter table event_payload add column persons bigint[] not null default '{}';
