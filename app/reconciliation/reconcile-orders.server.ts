import type { SkipReason } from "#app/events/event-state.ts";
import { isTooOld } from "#app/events/event-window.ts";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import { unmappedEvent } from "#app/mapping/unmapped-event.server.ts";
import type { RowOutcome } from "#app/outbox/append/intake-row.server.ts";
import { readRecordedOrders } from "#app/outbox/read-recorded-orders.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import { isPassingFault } from "#app/platform/is-passing-fault.server.ts";
import type { ShopifyAdmin, ShopifyFailure } from "#app/shopify/ask-shopify.server.ts";
import { type ListedOrder, listOrders } from "#app/shopify/order-list.server.ts";
import { fetchOrder } from "#app/shopify/orders.server.ts";
import type { MappingShop } from "#app/shops/load-mapping-shops.server.ts";
import {
  mapFetchedOrder,
  type StoreOrderServices,
  storeMapped,
  storeOrder,
} from "./store-order.server.ts";

export interface ReconcileServices extends StoreOrderServices {
  db: Pick<Database, "pool" | "transaction" | "queryAsShop">;
}

/** What a comparison of a shop's orders with its events found, and did. */
export interface Tally {
  /** Orders that Shopify has. */
  orders: number;
  /** Those among them that had no event and should have one. */
  missing: number;
  /** Missing ones that are sent now. */
  sent: number;
  /** Missing ones that are not sent, by reason. */
  skipped: Partial<Record<SkipReason, number>>;
  /** Missing ones that could not be stored, and are looked at again. */
  failed: number;
  /** Orders without an event that are no concern yet. */
  left: {
    /** Their webhook may still be on its way. */
    recent: number;
    /** The shop's purchases are paid orders, and they are not paid. */
    unpaid: number;
    /** They were deleted meanwhile. */
    gone: number;
  };
}

export interface ReconcileWish {
  since: Date;
  /** Nothing is stored; the tally says what would be. */
  isDry: boolean;
  /** Hears of each page that is done. False ends the work after it. */
  onPage?: (progress: { tally: Tally; through: Date }) => Promise<boolean> | boolean;
  signal: AbortSignal;
}

/** So long a webhook may take to come by itself: it has the browser, which Shopify keeps to itself. */
const RECENT_MS = 15 * 60_000;
const TOPIC = "reconciliation";

/**
 * Compares the orders that Shopify has with the events of a shop, and stores those that have none,
 * under the ids that their webhooks would have given them. Those that are too old for Pinterest get
 * a row that says so. A fault of Shopify ends it: `failure`, with what was done until then.
 */
export async function reconcileOrders(
  services: ReconcileServices,
  shop: MappingShop,
  admin: ShopifyAdmin,
  { since, isDry, onPage, signal }: ReconcileWish,
): Promise<{ tally: Tally; failure: ShopifyFailure | null }> {
  const left = { recent: 0, unpaid: 0, gone: 0 };
  const tally: Tally = { orders: 0, missing: 0, sent: 0, skipped: {}, failed: 0, left };
  const until = new Date(services.nowMs());
  // An order may be paid days after it was placed, and only then is a purchase.
  const by = shop.settings.purchase_trigger === "order_paid" ? "updated" : "created";
  const work: Work = { services, shop, admin, isDry, signal, tally };
  for (let after: string | null = null; ; ) {
    const asked = await listOrders(admin, { by, since, until }, after);
    if (!asked.ok) return { tally, failure: asked.failure };
    const { orders, next } = asked.found;
    for (const order of await findMissing(work, orders)) {
      const failure = await settleOrder(work, order);
      if (failure !== null) return { tally, failure };
    }
    const last = orders.at(-1);
    const through = (next === null ? null : last?.[`${by}At`]) ?? until;
    if ((await onPage?.({ tally, through })) === false) return { tally, failure: null };
    if (next === null) return { tally, failure: null };
    after = next;
  }
}

interface Work {
  services: ReconcileServices;
  shop: MappingShop;
  admin: ShopifyAdmin;
  isDry: boolean;
  signal: AbortSignal;
  tally: Tally;
}

async function findMissing(
  { services, shop, tally }: Work,
  orders: readonly ListedOrder[],
): Promise<ListedOrder[]> {
  tally.orders += orders.length;
  const recorded = await readRecordedOrders(
    services,
    shop,
    orders.map(({ id }) => id),
  );
  const earliest = services.nowMs() - RECENT_MS;
  return orders.filter((order) => {
    if (recorded.has(order.id)) return false;
    const isEarly = shop.settings.purchase_trigger === "order_paid" && !order.isPaid;
    const isRecent = order.createdAt.getTime() > earliest;
    if (isEarly) tally.left.unpaid += 1;
    else if (isRecent) tally.left.recent += 1;
    return !isEarly && !isRecent;
  });
}

/** Stores one order. Returns why Shopify did not give it. */
async function settleOrder(work: Work, listed: ListedOrder): Promise<ShopifyFailure | null> {
  const { services, shop, admin, isDry, signal, tally } = work;
  const { id: orderId, name: orderName, occurredAtSeconds: eventTimeSeconds } = listed;
  const cause = { topic: TOPIC, id: `${TOPIC}-${orderId}` };
  const facts = { eventName: "checkout", sourceKey: orderId, orderId, orderName, eventTimeSeconds };
  const keep = async (mapped: MappedEvent) => {
    if (isDry) return count(tally, mapped, undefined);
    count(tally, mapped, await storeMapped(services, shop, mapped, { cause }));
  };
  try {
    if (isTooOld(eventTimeSeconds, Math.floor(services.nowMs() / 1_000))) {
      await keep(unmappedEvent(facts, "too_old"));
      return null;
    }
    const asked = await fetchOrder(admin, { orderId }, signal);
    if (!asked.ok && asked.failure === "not_found") tally.left.gone += 1;
    else if (!asked.ok && asked.failure === "unreadable")
      await keep(unmappedEvent(facts, "unreadable"));
    else if (!asked.ok) return asked.failure;
    else if (isDry) count(tally, await mapFetchedOrder(services, shop, asked.found), undefined);
    else {
      const { mapped, outcome } = await storeOrder(services, shop, asked.found, cause);
      count(tally, mapped, outcome);
    }
  } catch (error) {
    // One order that the database refuses must not keep the others from being sent.
    if (isPassingFault(error)) throw error;
    services.log.error({ err: error, shop: shop.domain }, "an order could not be stored");
    tally.missing += 1;
    tally.failed += 1;
  }
  return null;
}

/** `outcome`: undefined of what was not stored. A duplicate's webhook came meanwhile. */
function count(
  tally: Tally,
  { outcome: told }: MappedEvent,
  outcome: RowOutcome | undefined,
): void {
  if (outcome === "duplicate" || outcome === "withdrawn") return;
  tally.missing += 1;
  if (told.kind === "send") tally.sent += 1;
  else tally.skipped[told.reason] = (tally.skipped[told.reason] ?? 0) + 1;
}
