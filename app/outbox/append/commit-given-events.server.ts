import type { PoolClient } from "pg";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import { countEvents } from "#app/outbox/count-events.server.ts";
import { wakeAccounts } from "#app/outbox/wake-accounts.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { type Appended, insertEvents, reviveEvents } from "./insert-events.server.ts";
import { insertPayloads } from "./insert-payloads.server.ts";
import { type RowShop, sourceOf } from "./intake-row.server.ts";
import { joinKnownEvents } from "./join-known-events.server.ts";

/** A transaction holds the ad account's row, and webhooks of the shop wait for it. */
const CHUNK = 1_000;

/**
 * Stores events that came by hand and are to be sent. What the shop has already stays as it is,
 * unless it was skipped for want of what is given now, or Pinterest refused it. Resolves when it is durable, with the events
 * as the outbox knows them: one whose id the shop has from another source has that source.
 */
export async function commitGivenEvents(
  { db, keyring }: { db: Pick<Database, "transaction">; keyring: Keyring },
  { shop, actor }: { shop: RowShop; actor: string },
  events: readonly MappedEvent[],
): Promise<MappedEvent[]> {
  const stored: MappedEvent[] = [];
  for (let from = 0; from < events.length; from += CHUNK) {
    const chunk = await db.transaction((client) =>
      commitChunk({ client, keyring }, { shop, actor }, events.slice(from, from + CHUNK)),
    );
    stored.push(...chunk);
  }
  return stored;
}

async function commitChunk(
  { client, keyring }: { client: PoolClient; keyring: Keyring },
  { shop, actor }: { shop: RowShop; actor: string },
  given: readonly MappedEvent[],
): Promise<MappedEvent[]> {
  const events = await joinKnownEvents(client, shop.id, given);
  const rows = events.map((mapped) => ({ shop, mapped }));
  const appended: Appended = { changes: [], sent: [] };
  const inserted = await insertEvents(client, rows, appended);
  const known = rows.filter((row) => !inserted.has(sourceOf(row)));
  await reviveEvents(client, known, appended, { retakesRefused: true });
  const fresh = appended.sent.length;
  // A paused account sleeps until it is resumed, which wakes it.
  if (fresh > 0 && shop.connection?.state === "active") {
    await wakeAccounts(client, new Map([[shop.connection.adAccountId, fresh]]));
  }
  await insertPayloads({ client, keyring }, appended.sent);
  await countEvents(client, appended.changes);
  await client.query(
    "insert into audit_entry (shop_id, actor, action, after) values ($1, $2, 'events.send', $3)",
    [shop.id.toString(), actor, JSON.stringify({ given: events.length, stored: fresh })],
  );
  return events;
}
