import { listEventEntries } from "#app/audit/read-audit-log.server.ts";
import { lookUp } from "#app/events/look-up.ts";
import { type ShopSettings, shopSettings } from "#app/events/shop-settings.ts";
import type { EventRow } from "#app/outbox/read-event-record.server.ts";
import type { Prisma } from "#prisma/client/client.ts";

/** What was noted around an event, besides the event itself. */
export interface EventContext {
  /** Shopify's notices of it; null: none is known any more, or there was none. */
  notices: { topic: string; deliveries: number; firstAt: Date } | null;
  connection: { state: "none" | "active" | "paused"; pauseReason: string | null };
  /** The settings that the event was made with; null when they are no longer known. */
  valueBasis: ShopSettings["value_basis"] | null;
  /** What people did with it, oldest first. */
  deeds: Deed[];
}

export interface Deed {
  actor: string;
  action: DeedName;
  at: Date;
}

export const DEEDS = ["events.replay", "event.rebuild", "event.send_now"] as const;

export type DeedName = (typeof DEEDS)[number];

/** Shopify's topics of which an event is made, by its name. */
const TOPICS = {
  checkout: "orders/%",
  initiate_checkout: "checkouts/%",
  signup: "customers/%",
} as const satisfies Record<string, string>;

/** All within one `readAsShop`. */
export async function loadEventContext(
  tx: Prisma.TransactionClient,
  event: EventRow,
): Promise<EventContext> {
  const { shopId } = event;
  const connection = await tx.connection.findUnique({ where: { shopId } });
  return {
    notices: await readNotices(tx, event),
    connection: {
      state: connection === null ? "none" : connection.state === "paused" ? "paused" : "active",
      pauseReason: connection?.pauseReason ?? null,
    },
    valueBasis: await readValueBasis(tx, event),
    deeds: await listEventEntries(tx, event, DEEDS),
  };
}

/** Shopify repeats a notice for four hours; receipts are kept by day, and lie by shop in each. */
async function readNotices(
  tx: Prisma.TransactionClient,
  { shopId, kind, sourceKey, createdAt }: EventRow,
): Promise<EventContext["notices"]> {
  const topics = lookUp(TOPICS, kind);
  if (topics === undefined) return null;
  const rows = await tx.$queryRaw<{ topic: string; received_at: Date; deliveries: bigint }[]>`
    select topic, received_at, count(*) over () as deliveries from receipt
    where shop_id = ${shopId} and source_key = ${sourceKey} and topic like ${topics}
      and received_on between ${createdAt}::date - 1 and ${createdAt}::date + 2
    order by received_at, topic limit 1`;
  const first = rows[0];
  if (first === undefined) return null;
  return { topic: first.topic, deliveries: Number(first.deliveries), firstAt: first.received_at };
}

async function readValueBasis(
  tx: Prisma.TransactionClient,
  { shopId, settingsVersion: version }: EventRow,
): Promise<EventContext["valueBasis"]> {
  const shop = await tx.shop.findUnique({ where: { id: shopId } });
  const stored =
    shop?.settingsVersion === version
      ? shop
      : await tx.settingsVersion.findUnique({ where: { shopId_version: { shopId, version } } });
  const settings = shopSettings.safeParse(stored?.settings);
  return settings.success ? settings.data.value_basis : null;
}
