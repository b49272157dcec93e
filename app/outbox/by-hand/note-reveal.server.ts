import type { Database } from "#app/platform/db.server.ts";
import type { ChosenEvent } from "./send-now.server.ts";

/**
 * Notes that somebody looks at an event's IP address, browser and click id. False: the shop has no
 * such event, and nothing may be shown.
 */
export async function noteReveal(
  { db }: { db: Pick<Database, "pool"> },
  { shopId, eventId, kind }: ChosenEvent,
  actor: string,
): Promise<boolean> {
  const { rowCount } = await db.pool.query(
    `insert into audit_entry (shop_id, actor, action, after)
      select $1, $4, 'event.reveal', json_build_object('event_id', $2::text, 'event_name', $3::text)
      where exists (select from event where shop_id = $1 and event_id = $2 and kind = $3)`,
    [shopId.toString(), eventId, kind, actor],
  );
  return rowCount === 1;
}
