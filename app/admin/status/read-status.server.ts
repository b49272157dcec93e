import type { Formatter } from "#app/admin/format/formatter.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import { shellTexts } from "#app/texts/shell.ts";
import type { Status } from "#app/texts/status.ts";

interface StatusServices {
  db: Pick<Database, "readAsShop">;
  config: { PINTEREST_API_URL: string };
}

interface Facts {
  state: "active" | "paused" | null;
  pause_reason: string | null;
  oldest_waiting: Date | null;
}

/** A purchase that reaches Pinterest more than an hour late cannot be told from a second one. */
const LATE_MS = 30 * 60 * 1000;

/** How it is with a shop, for the head of every page. */
export async function readStatus(
  { db, config }: StatusServices,
  { shop, format }: { shop: { id: bigint }; format: Formatter },
): Promise<Status> {
  const facts = await db.readAsShop(shop.id, async (tx) => {
    const rows = await tx.$queryRaw<Facts[]>`
      select c.state, c.pause_reason, (select min(created_at) from event
          where ad_account_id = c.ad_account_id and shop_id = ${shop.id}
            and state in ('held', 'pending')) as oldest_waiting
      from connection c where c.shop_id = ${shop.id}`;
    return rows[0] ?? { state: null, pause_reason: null, oldest_waiting: null };
  });
  return {
    badge: badgeOf(facts, format.now),
    isTestApi: new URL(config.PINTEREST_API_URL).hostname !== "api.pinterest.com",
    banner: null,
    updatedAt: format.relative(format.now),
    zone: format.zone(),
  };
}

const { badges } = shellTexts;

function badgeOf({ state, pause_reason, oldest_waiting }: Facts, now: Date): Status["badge"] {
  if (state === null) return { label: badges.notConnected };
  if (state === "paused") {
    return pause_reason === "merchant"
      ? { label: badges.paused, tone: "warning" }
      : { label: badges.attention, tone: "critical" };
  }
  const isLate = oldest_waiting !== null && now.getTime() - oldest_waiting.getTime() > LATE_MS;
  return isLate
    ? { label: badges.late, tone: "attention" }
    : { label: badges.sending, tone: "success" };
}
