import type { SkipReason } from "#app/events/event-state.ts";
import { isTooOld } from "#app/events/event-state.ts";
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
  const by = orderTime(shop);
  const work: OrderWork = { services, shop, admin, isDry, signal };
  for (let after: string | null = null; ; ) {
    const asked = await listOrders(admin, { by, since, until }, after);
    if (!asked.ok) return { tally, failure: asked.failure };
    const { orders, next } = asked.found;
    tally.orders += orders.length;
    for (const order of await findMissing(services, shop, orders, tally.left)) {
      const settled = await settleOrder(work, order);
      if (settled.kind === "unasked") return { tally, failure: settled.failure };
      count(tally, settled);
    }
    const last = orders.at(-1);
    const through = (next === null ? null : last?.[`${by}At`]) ?? until;
    if ((await onPage?.({ tally, through })) === false) return { tally, failure: null };
    if (next === null) return { tally, failure: null };
    after = next;
  }
}

/** By when a shop's orders are listed: an order may be paid days after it was placed, and only then is a purchase. */
export function orderTime({ settings }: MappingShop): "created" | "updated" {
  return settings.purchase_trigger === "order_paid" ? "updated" : "created";
}

/** Those among orders that have no event and should have one; `left` counts the rest without one. */
export async function findMissing(
  services: Pick<ReconcileServices, "db" | "nowMs">,
  shop: MappingShop,
  orders: readonly ListedOrder[],
  left: Pick<Tally["left"], "recent" | "unpaid">,
): Promise<ListedOrder[]> {
  const ids = orders.map(({ id }) => id);
  const recorded = await readRecordedOrders(services, shop, ids);
  const earliest = services.nowMs() - RECENT_MS;
  return orders.filter((order) => {
    if (recorded.has(order.id)) return false;
    const isEarly = orderTime(shop) === "updated" && !order.isPaid;
    const isRecent = order.createdAt.getTime() > earliest;
    if (isEarly) left.unpaid += 1;
    else if (isRecent) left.recent += 1;
    return !isEarly && !isRecent;
  });
}

/** What an order that has no event is settled with. */
export interface OrderWork {
  services: ReconcileServices;
  shop: MappingShop;
  admin: ShopifyAdmin;
  isDry: boolean;
  signal: AbortSignal;
}

/**
 * What became of an order without an event. `outcome`: undefined in a dry run. `failed`: it could not
 * be stored. `unasked`: Shopify did not give it, and gives no other either.
 */
export type SettledOrder =
  | { kind: "mapped"; mapped: MappedEvent; outcome: RowOutcome | undefined }
  | { kind: "gone" }
  | { kind: "failed" }
  | { kind: "unasked"; failure: ShopifyFailure };

/** Stores one order that has no event; in a dry run, says what would be stored. */
export async function settleOrder(
  { services, shop, admin, isDry, signal }: OrderWork,
  listed: Pick<ListedOrder, "id" | "name" | "occurredAtSeconds">,
): Promise<SettledOrder> {
  const { id: orderId, name: orderName, occurredAtSeconds: eventTimeSeconds } = listed;
  const cause = { topic: TOPIC, id: `${TOPIC}-${orderId}` };
  const facts = { eventName: "checkout", sourceKey: orderId, orderId, orderName, eventTimeSeconds };
  const keep = async (reason: "too_old" | "unreadable"): Promise<SettledOrder> => {
    const mapped = unmappedEvent(facts, reason);
    const outcome = isDry ? undefined : await storeMapped(services, shop, mapped, { cause });
    return { kind: "mapped", mapped, outcome };
  };
  try {
    if (isTooOld(eventTimeSeconds, Math.floor(services.nowMs() / 1_000))) {
      return await keep("too_old");
    }
    const asked = await fetchOrder(admin, { orderId }, signal);
    if (asked.ok) {
      if (!isDry) {
        return { kind: "mapped", ...(await storeOrder(services, shop, asked.found, cause)) };
      }
      const mapped = await mapFetchedOrder(services, shop, asked.found);
      return { kind: "mapped", mapped, outcome: undefined };
    }
    if (asked.failure === "not_found") return { kind: "gone" };
    if (asked.failure === "unreadable") return await keep("unreadable");
    return { kind: "unasked", failure: asked.failure };
  } catch (error) {
    // One order that the database refuses must not keep the others from being sent.
    if (isPassingFault(error)) throw error;
    services.log.error({ err: error, shop: shop.domain }, "an order could not be stored");
    return { kind: "failed" };
  }
}

/** A duplicate's webhook came meanwhile. */
function count(tally: Tally, settled: Exclude<SettledOrder, { kind: "unasked" }>): void {
  if (settled.kind === "gone") {
    tally.left.gone += 1;
    return;
  }
  if (settled.kind === "mapped" && isSuperfluous(settled.outcome)) return;
  tally.missing += 1;
  if (settled.kind === "failed") tally.failed += 1;
  else if (settled.mapped.outcome.kind === "send") tally.sent += 1;
  else {
    const { reason } = settled.mapped.outcome;
    tally.skipped[reason] = (tally.skipped[reason] ?? 0) + 1;
  }
}

/** Nothing was stored, since nothing was missing by then. */
function isSuperfluous(outcome: RowOutcome | undefined): boolean {
  return outcome === "duplicate" || outcome === "withdrawn";
}
