import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { ChosenEvent } from "./send-now.server.ts";

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
