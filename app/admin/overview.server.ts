import type { EventCounts } from "#app/events/event-state.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Prisma } from "#prisma/client/client.ts";
import { readCounts } from "./read-counts.server.ts";

/** What the first page says: is it working? */
export interface Overview {
  connection: {
    state: "none" | "active" | "paused";
    adAccountId: string | null;
    pauseReason: string | null;
  };
  lastWebhookAt: Date | null;
  /** IANA name; null until the Admin API has told us. */
  timeZone: string | null;
  counts: EventCounts;
  /** When Pinterest last accepted an event. */
  lastAcceptedAt: Date | null;
  /** Arrival of the event that has waited longest. */
  oldestPendingAt: Date | null;
}

export async function readOverview(
  { db }: { db: Pick<Database, "readAsShop"> },
  shopId: bigint,
): Promise<Overview> {
  return db.readAsShop(shopId, async (tx) => {
    const shop = await tx.shop.findUnique({
      where: { id: shopId },
      select: {
        lastWebhookAt: true,
        timeZone: true,
        connection: { select: { state: true, adAccountId: true, pauseReason: true } },
      },
    });
    const counts = await readCounts(tx, shopId);
    return {
      connection: {
        state: (shop?.connection?.state ?? "none") as Overview["connection"]["state"],
        adAccountId: shop?.connection?.adAccountId ?? null,
        pauseReason: shop?.connection?.pauseReason ?? null,
      },
      lastWebhookAt: shop?.lastWebhookAt ?? null,
      timeZone: shop?.timeZone ?? null,
      counts,
      lastAcceptedAt: counts.accepted === 0 ? null : await readLastAccepted(tx, shopId),
      oldestPendingAt: counts.pending === 0 ? null : await readOldestPending(tx, shopId),
    };
  });
}

/** Of the events that happened last: no index is by the time of settling, nor is one worth it. */
async function readLastAccepted(
  tx: Prisma.TransactionClient,
  shopId: bigint,
): Promise<Date | null> {
  const rows = await tx.$queryRaw<{ at: Date | null }[]>`
    select max(settled_at) as at from (
      select settled_at from event where shop_id = ${shopId} and state = 'accepted'
      order by event_time desc, id desc limit 1000) latest`;
  return rows[0]?.at ?? null;
}

/** Nothing waits longer than the seven days in which Pinterest takes an event. */
async function readOldestPending(
  tx: Prisma.TransactionClient,
  shopId: bigint,
): Promise<Date | null> {
  const rows = await tx.$queryRaw<{ at: Date | null }[]>`
    select min(created_at) as at from event
    where shop_id = ${shopId} and state in ('held', 'pending')
      and event_time > extract(epoch from now() - interval '8 days')::bigint`;
  return rows[0]?.at ?? null;
}
