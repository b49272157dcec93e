import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import { scheduleAccounts } from "#app/outbox/schedule-accounts.server.ts";
import type { Database } from "#app/platform/db.server.ts";

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
