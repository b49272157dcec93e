import type { PoolClient } from "pg";
import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import type { IdSource, MappedEvent } from "#app/events/mapped-event.ts";
import { type Appended, reviveEvents } from "#app/outbox/append/insert-events.server.ts";
import { insertPayloads } from "#app/outbox/append/insert-payloads.server.ts";
import type { RowShop } from "#app/outbox/append/intake-row.server.ts";
import { countEvents } from "#app/outbox/count-events.server.ts";
import { scheduleAccounts } from "#app/outbox/schedule-accounts.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";

interface StandingEvent {
  id: bigint;
  event_id: string;
  id_source: IdSource;
  state: string;
  reason: string | null;
  payload_drop_on: string | null;
  settings_version: number;
}

/**
 * Replaces the payload of a rejected or skipped event, under the same id, and queues it. False, and
 * nothing is changed, when the event has another state by now, its id differs, or the new payload
 * is not to be sent.
 */
export async function rebuildEvent(
  { db, keyring }: { db: Pick<Database, "pool" | "transaction">; keyring: Keyring },
  { shop, actor }: { shop: RowShop; actor: string },
  mapped: MappedEvent,
): Promise<boolean> {
  if (mapped.outcome.kind !== "send") return false;
  const keys = await keyring.ensure(db.pool, [shop.id]);
  return db.transaction(async (client) => {
    // Ad accounts are locked before events, as everywhere in the outbox.
    if (shop.connection?.state === "active") {
      await scheduleAccounts(client, new Map([[shop.connection.adAccountId, 1]]));
    }
    const before = await lockEvent(client, shop, mapped);
    if (before?.event_id !== mapped.eventId) return false;
    const appended: Appended = { changes: [], sent: [] };
    const retaken = { retakesRefused: true, retakesKeptBack: true };
    const row = { shop, mapped: { ...mapped, idSource: before.id_source } };
    await reviveEvents(client, [row], appended, retaken);
    if (appended.sent.length === 0) return false;
    await dropPayload(client, before);
    await insertPayloads({ client, keys }, appended.sent);
    await countEvents(client, appended.changes);
    const { state, reason, settings_version } = before;
    await writeAuditEntry(client, {
      shopId: shop.id,
      actor,
      action: "event.rebuild",
      before: { state, reason, settings_version },
      after: {
        event_id: mapped.eventId,
        event_name: mapped.kind,
        settings_version: shop.settingsVersion,
      },
    });
    return true;
  });
}

async function lockEvent(
  client: PoolClient,
  { id, lane }: RowShop,
  { kind, sourceKey }: MappedEvent,
): Promise<StandingEvent | undefined> {
  const { rows } = await client.query<StandingEvent>(
    `select id, event_id, id_source, state, reason, payload_drop_on, settings_version from event
      where lane = $1 and shop_id = $2 and kind = $3 and source_key = $4 for no key update`,
    [lane, id.toString(), kind, sourceKey],
  );
  return rows[0];
}

/** Otherwise the replaced payload would stay, unseen, in the partition of its day. */
async function dropPayload(client: PoolClient, event: StandingEvent): Promise<void> {
  if (event.payload_drop_on === null) return;
  await client.query("delete from event_payload where drop_on = $1 and event_ref = $2", [
    event.payload_drop_on,
    event.id.toString(),
  ]);
}
