import type { PoolClient } from "pg";
import type { MappedEvent } from "#app/events/mapped-event.ts";

interface KnownEvent {
  kind: string;
  event_id: string;
  source_key: string;
}

/**
 * Gives events whose id the shop already has, under another source, that source: the purchase of an
 * order has the id that the shopper's browser made up, and a given event with that id means the
 * same purchase. As a row of its own it would be sent twice.
 */
export async function joinKnownEvents(
  client: PoolClient,
  shopId: bigint,
  events: readonly MappedEvent[],
): Promise<MappedEvent[]> {
  const given = events.map(({ kind, eventId, sourceKey }) => ({
    kind,
    event_id: eventId,
    source_key: sourceKey,
  }));
  const { rows } = await client.query<KnownEvent>({
    name: "join-known-events",
    text: `select distinct on (e.kind, e.event_id) e.kind, e.event_id, e.source_key
      from json_to_recordset($2) as r(kind text, event_id text, source_key text)
      join event e on e.shop_id = $1 and e.event_id = r.event_id and e.kind = r.kind
      order by e.kind, e.event_id, e.source_key = r.source_key desc, e.id`,
    values: [shopId.toString(), JSON.stringify(given)],
  });
  const known = new Map(rows.map((row) => [`${row.kind}\n${row.event_id}`, row.source_key]));
  return events.map((event) => {
    const sourceKey = known.get(`${event.kind}\n${event.eventId}`);
    return sourceKey === undefined ? event : { ...event, sourceKey };
  });
}
