import type { PoolClient } from "pg";
import { addToHourlyEntry, writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import type { IdSource, MappedEvent } from "#app/events/mapped-event.ts";
import { countEvents } from "#app/outbox/count-events.server.ts";
import {
  lockAccount,
  scheduleAccounts,
  shareOfBatch,
} from "#app/outbox/schedule-accounts.server.ts";
import { cutBySize } from "#app/platform/bodies/cut-by-size.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { DataKeys, Keyring } from "#app/platform/keyring.server.ts";
import { type Appended, insertEvents, reviveEvents } from "./insert-events.server.ts";
import { insertPayloads } from "./insert-payloads.server.ts";
import { identifySource, type RowShop } from "./intake-row.server.ts";

/**
 * A transaction locks the ad account's row, and webhooks of the shop wait for it; its events are in
 * memory several times over meanwhile.
 */
const CHUNK = { items: 500, bytes: 1024 * 1024 };

/** The sender of events given by hand. */
export interface Giver {
  /** The actor's name in the audit log. */
  actor: string;
  /** The API key, for events given through the API. */
  apiKeyId?: bigint | undefined;
}

export interface GivenOutcome {
  /** The event as the outbox knows it: if the shop has its id from another source, it has that source. */
  mapped: MappedEvent;
  /** True if it is stored as it was given; false if the shop already had it, with whatever payload. */
  isStored: boolean;
}

/**
 * Stores events that were given by hand and are to be sent. An event that the shop already has
 * stays unchanged, unless it was skipped because data was missing that is given now, or Pinterest
 * rejected it. Resolves when it is durable, with an outcome for each, in order.
 */
export async function commitGivenEvents(
  { db, keyring }: { db: Pick<Database, "pool" | "transaction">; keyring: Keyring },
  { shop, ...giver }: { shop: RowShop } & Giver,
  events: readonly MappedEvent[],
): Promise<GivenOutcome[]> {
  const outcomes: GivenOutcome[] = [];
  const keys = await keyring.ensure(db.pool, [shop.id]);
  for (const chunk of cutBySize(events, { ...CHUNK, countBytes })) {
    const stored = await db.transaction((client) =>
      commitChunk({ client, keys }, shop, giver, chunk),
    );
    outcomes.push(...stored);
  }
  return outcomes;
}

/** Does the same in the caller's transaction. */
export async function commitGivenEventsIn(
  { client, keyring }: { client: PoolClient; keyring: Keyring },
  { shop, ...giver }: { shop: RowShop } & Giver,
  events: readonly MappedEvent[],
): Promise<GivenOutcome[]> {
  const outcomes: GivenOutcome[] = [];
  const keys = await keyring.ensure(client, [shop.id]);
  for (const chunk of cutBySize(events, { ...CHUNK, countBytes })) {
    outcomes.push(...(await commitChunk({ client, keys }, shop, giver, chunk)));
  }
  return outcomes;
}

/** An estimate: texts of other alphabets take more. */
function countBytes({ outcome }: MappedEvent): number {
  return outcome.kind === "send" ? JSON.stringify(outcome.event).length : 0;
}

async function commitChunk(
  { client, keys }: { client: PoolClient; keys: DataKeys },
  shop: RowShop,
  giver: Giver,
  given: readonly MappedEvent[],
): Promise<GivenOutcome[]> {
  // A paused account is not scheduled until it is resumed.
  const account = shop.connection?.state === "active" ? shop.connection.adAccountId : null;
  // Ad accounts are locked before events, as everywhere in the outbox.
  if (account !== null) await lockAccount(client, account);
  const events = await joinKnownEvents(client, shop, given);
  const rows = events.map((mapped) => ({ shop, mapped }));
  const appended: Appended = { changes: [], sent: [] };
  const inserted = await insertEvents(client, rows, appended);
  const known = rows.filter((row) => !inserted.has(identifySource(row)));
  await reviveEvents(client, known, appended, { retakesRefused: true });
  const fresh = appended.sent.length;
  if (fresh > 0 && account !== null) {
    const shares = appended.sent.map(({ row }) => shareOfBatch(countBytes(row.mapped)));
    const filled = shares.reduce((sum, share) => sum + share, 0);
    await scheduleAccounts(client, new Map([[account, filled]]));
  }
  await insertPayloads({ client, keys }, appended.sent);
  await countEvents(client, appended.changes);
  if (fresh > 0) await logGiven(client, shop.id, giver, { given: events.length, stored: fresh });
  const stored = new Set<unknown>(appended.sent.map(({ row }) => row));
  return rows.map((row) => ({ mapped: row.mapped, isStored: stored.has(row) }));
}

/** Through the API, one entry for each key and hour. */
async function logGiven(
  client: PoolClient,
  shopId: bigint,
  { actor, apiKeyId }: Giver,
  counts: { given: number; stored: number },
): Promise<void> {
  const entry = { shopId, actor, action: "events.send" };
  if (apiKeyId === undefined) await writeAuditEntry(client, { ...entry, after: counts });
  else await addToHourlyEntry(client, entry, apiKeyId, counts);
}

interface KnownEvent {
  kind: string;
  event_id: string;
  source_key: string;
  id_source: IdSource;
}

/**
 * Joins given events to those that the shop already has. The purchase of an order may have the id
 * that the shopper's browser made up: a given event with that id means the same purchase, and gets
 * its source; one with the order's source gets its id. Otherwise it would be sent twice, or under a
 * second id.
 */
async function joinKnownEvents(
  client: PoolClient,
  { id: shopId, lane }: RowShop,
  events: readonly MappedEvent[],
): Promise<MappedEvent[]> {
  const given = events.map(({ kind, eventId, sourceKey }) => ({
    kind,
    event_id: eventId,
    source_key: sourceKey,
  }));
  const { rows } = await client.query<KnownEvent>({
    name: "join-known-events",
    text: `with r as materialized (select * from json_to_recordset($3)
          as r(kind text, event_id text, source_key text))
      (select distinct on (e.kind, e.event_id) e.kind, e.event_id, e.source_key, e.id_source
        from r join event e on e.shop_id = $2 and e.event_id = r.event_id and e.kind = r.kind
        order by e.kind, e.event_id, e.source_key = r.source_key desc, e.id)
      union select e.kind, e.event_id, e.source_key, e.id_source from r
        join event e on e.lane = $1 and e.shop_id = $2 and e.kind = r.kind
          and e.source_key = r.source_key`,
    values: [lane, shopId.toString(), JSON.stringify(given)],
  });
  const byId = new Map(rows.map((row) => [`${row.kind}\n${row.event_id}`, row]));
  const bySource = new Map(rows.map((row) => [`${row.kind}\n${row.source_key}`, row]));
  return events.map((event) => {
    const same = byId.get(`${event.kind}\n${event.eventId}`);
    if (same !== undefined) return { ...event, sourceKey: same.source_key };
    const known = bySource.get(`${event.kind}\n${event.sourceKey}`);
    return known === undefined ? event : withId(event, known);
  });
}

function withId(
  event: MappedEvent,
  { event_id: eventId, id_source: idSource }: KnownEvent,
): MappedEvent {
  const { outcome } = event;
  if (outcome.kind === "skip") return { ...event, eventId, idSource };
  const sent = { ...outcome.event, event_id: eventId };
  return { ...event, eventId, idSource, outcome: { ...outcome, event: sent } };
}
