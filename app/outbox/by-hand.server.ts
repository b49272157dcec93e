import type { PoolClient } from "pg";
import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import type { IdSource, MappedEvent } from "#app/events/mapped-event.ts";
import { type Appended, reviveEvents } from "#app/outbox/append/insert-events.server.ts";
import { insertPayloads } from "#app/outbox/append/insert-payloads.server.ts";
import type { RowShop } from "#app/outbox/append/intake-row.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { countEvents } from "./count-events.server.ts";
import { scheduleAccounts } from "./schedule-accounts.server.ts";

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

/** Identifies one event of a shop: an id given by hand may stand for an event of each name. */
export interface ChosenEvent {
  shopId: bigint;
  eventId: string;
  kind: string;
}

/**
 * Makes a waiting event due at once, before its next retry. False: it does not wait, or is due
 * already. A pause that Pinterest asked of the ad account still applies.
 */
export async function sendNow(
  { db }: { db: Pick<Database, "transaction"> },
  { shopId, eventId, kind }: ChosenEvent,
  actor: string,
): Promise<boolean> {
  const chosen = [shopId.toString(), eventId, kind];
  return db.transaction(async (client) => {
    const { rows } = await client.query<{ ad_account_id: string | null }>(
      "select ad_account_id from event where shop_id = $1 and event_id = $2 and kind = $3",
      chosen,
    );
    const account = rows[0]?.ad_account_id;
    if (account == null) return false;
    // Ad accounts are locked before events, as everywhere in the outbox.
    await scheduleAccounts(client, new Map([[account, 0]]));
    const { rows: hurried } = await client.query<{ was_due_at: Date }>(
      `update event set next_at = now()
        from (select id, next_at as was_due_at from event
          where shop_id = $1 and event_id = $2 and kind = $3
            and state in ('held', 'pending') and next_at > now() for no key update) waiting
        where event.id = waiting.id returning waiting.was_due_at`,
      chosen,
    );
    const wasDueAt = hurried[0]?.was_due_at;
    if (wasDueAt === undefined) return false;
    const before = { next_at: wasDueAt.toISOString() };
    const after = { event_id: eventId, event_name: kind };
    await writeAuditEntry(client, { shopId, actor, action: "event.send_now", before, after });
    return true;
  });
}

/**
 * Logs that a person views an event's IP address, browser and click id. False: the shop has no such
 * event, and no value may be shown.
 */
export async function logReveal(
  { db }: { db: Pick<Database, "transaction"> },
  { shopId, eventId, kind }: ChosenEvent,
  actor: string,
): Promise<boolean> {
  return db.transaction(async (client) => {
    const { rowCount } = await client.query(
      "select from event where shop_id = $1 and event_id = $2 and kind = $3 limit 1",
      [shopId.toString(), eventId, kind],
    );
    if (rowCount !== 1) return false;
    const after = { event_id: eventId, event_name: kind };
    await writeAuditEntry(client, { shopId, actor, action: "event.reveal", after });
    return true;
  });
}
