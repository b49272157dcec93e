import type { ConversionEvent } from "#app/events/conversion-event.ts";
import { payloadIdentity } from "#app/events/encryption-identity.ts";
import type { StoredState } from "#app/events/event-state.ts";
import type { IdSource } from "#app/events/mapped-event.ts";
import type { Database } from "#app/platform/db.server.ts";
import { type Decrypter, type Keyring, listOwners } from "#app/platform/keyring.server.ts";

/** Identifies an event of a shop: there is one of each name and source. */
export interface EventIdentity {
  kind: string;
  sourceKey: string;
}

/** The state of an event. */
export interface EventStanding {
  eventId: string;
  state: StoredState;
  reason: string | null;
  warning: string | null;
  idSource: IdSource;
}

interface ShopPlace {
  id: bigint;
  lane: number;
}

const WANTED = `from json_to_recordset($3) as r(kind text, source_key text)
  join event e on e.lane = $1 and e.shop_id = $2 and e.kind = r.kind and e.source_key = r.source_key`;

/** Counts the events that have no outcome yet. */
export async function countOpenEvents(
  { db }: { db: Pick<Database, "queryAsShop"> },
  shop: ShopPlace,
  identities: readonly EventIdentity[],
): Promise<number> {
  const [row] = await db.queryAsShop<{ open: bigint }>(shop.id, {
    name: "count-open-events",
    text: `select count(*) filter (where e.state in ('held', 'pending')) as open ${WANTED}`,
    values: toValues(shop, identities),
  });
  return Number(row?.open ?? 0);
}

/** Loads the state of the events, by `identityKey`; an event that the shop does not have is missing. */
export async function readStandings(
  { db }: { db: Pick<Database, "queryAsShop"> },
  shop: ShopPlace,
  identities: readonly EventIdentity[],
): Promise<Map<string, EventStanding>> {
  const rows = await db.queryAsShop<EventIdentity & EventStanding>(shop.id, {
    name: "read-standings",
    text: `select e.kind, e.source_key as "sourceKey", e.event_id as "eventId", e.state, e.reason,
      e.warning, e.id_source as "idSource" ${WANTED}`,
    values: toValues(shop, identities),
  });
  return new Map(
    rows.map(({ kind, sourceKey, ...row }) => [identityKey({ kind, sourceKey }), row]),
  );
}

/** The number read and decrypted in one step: between two steps the process handles webhooks. */
const CHUNK = 64;

/**
 * Loads stored payloads of events, by `identityKey`: those that are still kept and can be
 * decrypted. They hold data that no API may return unless asked for: IP address, browser and click
 * id.
 */
export async function readBodies(
  services: { db: Pick<Database, "pool" | "queryAsShop">; keyring: Keyring },
  shop: ShopPlace,
  identities: readonly EventIdentity[],
): Promise<Map<string, ConversionEvent>> {
  const bodies = new Map<string, ConversionEvent>();
  for (let from = 0; from < identities.length; from += CHUNK) {
    type Row = EventIdentity & { body: Buffer | null };
    const rows = await services.db.queryAsShop<Row>(shop.id, {
      name: "read-bodies",
      // With a join, the planner would read a day's partition that is not analysed yet once per
      // event.
      text: `select e.kind, e.source_key as "sourceKey", (select body from event_payload p
        where p.drop_on = e.payload_drop_on and p.event_ref = e.id) as body ${WANTED}`,
      values: toValues(shop, identities.slice(from, from + CHUNK)),
    });
    const owners = listOwners(rows.map(({ body }) => body));
    const keys = await services.keyring.load(services.db.pool, owners);
    for (const { body, ...identity } of rows) {
      const event = open(keys, shop, identity, body);
      if (event !== null) bodies.set(identityKey(identity), event);
    }
  }
  return bodies;
}

export function identityKey({ kind, sourceKey }: EventIdentity): string {
  return `${kind}\n${sourceKey}`;
}

function toValues({ lane, id }: ShopPlace, identities: readonly EventIdentity[]): unknown[] {
  const wanted = identities.map(({ kind, sourceKey }) => ({ kind, source_key: sourceKey }));
  return [lane, id.toString(), JSON.stringify(wanted)];
}

/** Null too where the payload's key is not among ENCRYPTION_KEYS. */
function open(
  keys: Decrypter,
  { id }: ShopPlace,
  { kind, sourceKey }: EventIdentity,
  body: Buffer | null,
): ConversionEvent | null {
  if (body === null) return null;
  try {
    const text = keys.decrypt(body, payloadIdentity(id, kind, sourceKey)).toString("utf8");
    return JSON.parse(text) as ConversionEvent;
  } catch {
    return null;
  }
}
