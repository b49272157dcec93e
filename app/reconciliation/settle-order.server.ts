import { isTooOld } from "#app/events/event-state.ts";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import { unmappedEvent } from "#app/mapping/unmapped-event.server.ts";
import { ownReceiptId, type RowOutcome } from "#app/outbox/append/intake-row.server.ts";
import { readRecordedOrders } from "#app/outbox/read-recorded-orders.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import { isPassingFault } from "#app/platform/work/keep-trying.server.ts";
import type { ShopifyAdmin, ShopifyFailure } from "#app/shopify/ask-shopify.server.ts";
import type { ListedOrder } from "#app/shopify/order-list.server.ts";
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

/** So long a webhook may take to come by itself: it has the browser, which Shopify keeps to itself. */
const RECENT_MS = 15 * 60_000;
const TOPIC = "reconciliation";

/** Orders without an event that are no concern yet. */
export interface LeftOrders {
  /** Their webhook may still be on its way. */
  recent: number;
  /** The shop's purchases are paid orders, and they are not paid. */
  unpaid: number;
}

/**
 * Returns the time by which a shop's orders are listed: where a purchase is a paid order, that may be
 * days after it was placed.
 */
export function orderTime({ settings }: MappingShop): "created" | "updated" {
  return settings.purchase_trigger === "order_paid" ? "updated" : "created";
}

/** Those among orders that have no event and should have one; `left` counts the rest without one. */
export async function findMissing(
  services: Pick<ReconcileServices, "db" | "nowMs">,
  shop: MappingShop,
  orders: readonly ListedOrder[],
  left: LeftOrders,
): Promise<ListedOrder[]> {
  const ids = orders.map(({ id }) => id);
  const recorded = await readRecordedOrders(services, shop, ids);
  const earliest = services.nowMs() - RECENT_MS;
  return orders.filter((order) => {
    if (recorded.has(order.id)) return false;
    const by = orderTime(shop);
    const isEarly = by === "updated" && !order.isPaid;
    // An order of last week that was paid a minute ago has its webhook on its way, too.
    const isRecent = order[`${by}At`].getTime() > earliest;
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
  const cause = { topic: TOPIC, id: ownReceiptId(orderId) };
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
