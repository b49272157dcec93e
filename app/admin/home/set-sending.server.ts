import { adoptWaitingEvents } from "#app/outbox/adopt-waiting-events.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import {
  pauseConnection,
  resumeConnection,
} from "#app/shops/connection/pause-connection.server.ts";

/**
 * Pauses or resumes sending at a merchant's wish; false: there was nothing to change. What Pinterest
 * refused is not resumed: it would be refused again, and only a new sign-in mends it.
 */
export async function setSending(
  { db }: { db: Pick<Database, "pool" | "queryAsShop" | "transaction"> },
  shopId: bigint,
  wanted: "active" | "paused",
  actor: string,
): Promise<boolean> {
  if (wanted === "paused") return pauseConnection({ db }, shopId, "merchant", actor);
  const rows = await db.queryAsShop(shopId, {
    text: "select from connection where shop_id = $1 and state = 'paused' and pause_reason = 'merchant'",
    values: [shopId.toString()],
  });
  if (rows.length === 0 || !(await resumeConnection({ db }, shopId, actor))) return false;
  await adoptWaitingEvents({ db }, shopId);
  return true;
}
