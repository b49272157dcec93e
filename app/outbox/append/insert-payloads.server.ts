import type { PoolClient } from "pg";
import { payloadIdentity } from "#app/events/encryption-identity.ts";
import { digestPerson } from "#app/outbox/redact/digest-person.server.ts";
import type { DataKeys } from "#app/platform/keyring.server.ts";
import type { SentEvent } from "./insert-events.server.ts";
import type { EventRow } from "./intake-row.server.ts";

/** An event that was taken up, and the stored size of its payload in bytes; 0 when it will not be sent. */
export interface TakenEvent {
  row: EventRow;
  bytes: number;
}

/** The encrypted payload of an event; null when it will not be sent. */
export function sealPayload(keys: DataKeys, { shop, mapped }: EventRow): Buffer | null {
  if (mapped.outcome.kind !== "send") return null;
  const text = JSON.stringify(mapped.outcome.event);
  return keys.encrypt(shop.id, text, payloadIdentity(shop.id, mapped.kind, mapped.sourceKey));
}

/**
 * The digests by which a request about a person finds the event's payload: also what a browser alone
 * told, whose own id is an `external_id`. None for the event of an order, which is found by the order,
 * but where the caller says which (an event by hand).
 */
export function listPersons(keys: DataKeys, { shop, mapped }: EventRow): string[] {
  const { outcome, orderId, source } = mapped;
  const isOfOrder = orderId !== null && source !== "task";
  if (outcome.kind !== "send" || isOfOrder) return [];
  return digestPerson(keys, shop.id, outcome.event.user_data);
}

/**
 * Stores payloads, encrypted: Pinterest needs IP address and user agent in plain text. All payloads
 * go as one value of bytes, which the database cuts up: as text each would cost a third more bytes,
 * and be encoded here and decoded there.
 */
export async function insertPayloads(
  { client, keys }: { client: PoolClient; keys: DataKeys },
  sent: readonly SentEvent[],
): Promise<TakenEvent[]> {
  const taken: TakenEvent[] = [];
  if (sent.length === 0) return taken;
  const bodies: Buffer[] = [];
  const payloads: object[] = [];
  let from = 1;
  for (const { ref, row, dropOn } of sent) {
    const { shop, mapped } = row;
    const body = sealPayload(keys, row);
    if (body === null) continue;
    const place = { from_byte: from, bytes: body.length };
    payloads.push({
      drop_on: dropOn,
      ref: `${ref}`,
      shop: `${shop.id}`,
      notes: mapped.notes,
      persons: listPersons(keys, row),
      ...place,
    });
    bodies.push(body);
    taken.push({ row, bytes: body.length });
    from += body.length;
  }
  await client.query({
    name: "insert-payloads",
    text: `insert into event_payload (drop_on, event_ref, shop_id, body, notes, persons)
      select drop_on, ref, shop, substring($2::bytea from from_byte for bytes), notes, persons
      from json_to_recordset($1) as r(drop_on date, ref bigint, shop bigint, from_byte integer,
        bytes integer, notes text, persons bigint[])
      on conflict (drop_on, event_ref)
        do update set body = excluded.body, notes = excluded.notes, persons = excluded.persons`,
    values: [JSON.stringify(payloads), Buffer.concat(bodies)],
  });
  return taken;
}
