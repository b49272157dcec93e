import type { ConversionEvent } from "#app/events/conversion-event.ts";
import type { StoredState } from "#app/events/event-state.ts";
import { payloadIdentity } from "#app/events/payload-identity.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";

/** Which event of a shop: there is one of each name and source. */
export interface EventIdentity {
  kind: string;
  sourceKey: string;
}

/** How an event stands, and what was sent where that is still kept. */
export interface EventStanding {
  eventId: string;
  state: StoredState;
  reason: string | null;
  warning: string | null;
  event: ConversionEvent | null;
}

interface ShopPlace {
  id: bigint;
  lane: number;
}

interface StandingRow {
  kind: string;
  source_key: string;
  event_id: string;
  state: StoredState;
  reason: string | null;
  warning: string | null;
  body: Buffer | null;
}

const WANTED = `from json_to_recordset($3) as r(kind text, source_key text)
  join event e on e.lane = $1 and e.shop_id = $2 and e.kind = r.kind and e.source_key = r.source_key`;

/** How many of the events have no outcome yet. */
export async function countOpenEvents(
  { db }: { db: Pick<Database, "pool"> },
  shop: ShopPlace,
  identities: readonly EventIdentity[],
): Promise<number> {
  const { rows } = await db.pool.query<{ open: bigint }>({
    name: "count-open-events",
    text: `select count(*) filter (where e.state in ('held', 'pending')) as open ${WANTED}`,
    values: toValues(shop, identities),
  });
  return Number(rows[0]?.open ?? 0);
}

/** Read and decrypted at once: between two of these the process takes webhooks. */
const CHUNK = 1_000;

/** How the events stand, by `identityKey`; what the shop does not have is not in it. */
export async function readOutcomes(
  services: { db: Pick<Database, "pool">; keyring: Keyring },
  shop: ShopPlace,
  identities: readonly EventIdentity[],
): Promise<Map<string, EventStanding>> {
  const standings = new Map<string, EventStanding>();
  for (let from = 0; from < identities.length; from += CHUNK) {
    const chunk = identities.slice(from, from + CHUNK);
    for (const row of await readStandings(services, shop, chunk)) {
      const { kind, source_key: sourceKey, event_id: eventId, body, ...standing } = row;
      const event = open(services.keyring, shop, { kind, sourceKey }, body);
      standings.set(identityKey({ kind, sourceKey }), { ...standing, eventId, event });
    }
  }
  return standings;
}

async function readStandings(
  { db }: { db: Pick<Database, "pool"> },
  shop: ShopPlace,
  identities: readonly EventIdentity[],
): Promise<StandingRow[]> {
  const { rows } = await db.pool.query<StandingRow>({
    name: "read-outcomes",
    // As a join, the planner would read a day's partition that is not analysed yet once per event.
    text: `select e.kind, e.source_key, e.event_id, e.state, e.reason, e.warning,
      (select body from event_payload p
        where p.drop_on = e.payload_drop_on and p.event_ref = e.id) as body ${WANTED}`,
    values: toValues(shop, identities),
  });
  return rows;
}

export function identityKey({ kind, sourceKey }: EventIdentity): string {
  return `${kind}\n${sourceKey}`;
}

function toValues({ lane, id }: ShopPlace, identities: readonly EventIdentity[]): unknown[] {
  const wanted = identities.map(({ kind, sourceKey }) => ({ kind, source_key: sourceKey }));
  return [lane, id.toString(), JSON.stringify(wanted)];
}

/** Null too where the payload's key is not among ENCRYPTION_KEYS: the outcome is worth telling. */
function open(
  keyring: Keyring,
  { id }: ShopPlace,
  { kind, sourceKey }: EventIdentity,
  body: Buffer | null,
): ConversionEvent | null {
  if (body === null) return null;
  try {
    const text = keyring.decrypt(body, payloadIdentity(id, kind, sourceKey)).toString("utf8");
    return JSON.parse(text) as ConversionEvent;
  } catch {
    return null;
  }
}
