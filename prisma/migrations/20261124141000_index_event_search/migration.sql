-- The list is searched by how an event id begins: only byte order can answer that from an index, and
-- it answers equality as well.
drop index event_by_id;
create index event_by_id on event (shop_id, event_id text_pattern_ops);
create index event_order_name on event (shop_id, order_name) where order_name is not null;
