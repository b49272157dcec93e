import type { MappedEvent } from "#app/events/mapped-event.ts";
import type { StoreEvent, StoreOrder } from "#app/events/store-event.ts";
import type { Visit } from "#app/events/visit.ts";
import { mapCheckout } from "./map-checkout.server.ts";
import { mapCustomer } from "./map-customer.server.ts";
import { mapOrder } from "./map-order.server.ts";
import { orderLeft } from "./order-left.server.ts";
import type { ShopPolicy } from "./shop-policy.server.ts";

/**
 * Maps a store event under a shop's policy, with what the shopper's browser told of it; null when the settings say that this kind of store
 * event feeds no conversion event. Pure. Throws UnfitEventError (check-event.server.ts).
 */
export function mapStoreEvent(
  event: StoreEvent,
  policy: ShopPolicy,
  nowSeconds: number,
  visit: Visit | null = null,
): MappedEvent | null {
  switch (event.kind) {
    case "order_created":
      return policy.settings.purchase_trigger === "order_paid"
        ? null
        : mapNewOrder(event.order, policy, nowSeconds, visit);
    // A paid order was created as well: whichever webhook comes first makes the same event.
    case "order_paid":
      return mapNewOrder(orderLeft(event.order), policy, nowSeconds, visit);
    // A cancellation settles an order whose creation comes later, and withdraws a waiting event;
    // therefore the reason is `cancelled`, even if there were other reasons to skip the order.
    case "order_cancelled":
      return policy.settings.cancelled_orders === "send"
        ? null
        : mapOrder(event.order, policy, nowSeconds, { refusal: "cancelled", visit });
    case "checkout_started":
      return mapCheckout(event.checkout, policy, nowSeconds, visit);
    case "customer_created":
      return mapCustomer(event.customer, policy, nowSeconds, visit);
  }
}

/**
 * Maps an order that its own webhook tells of. One whose browser was seen, but not yet with the
 * purchase, is held for it: with the browser's id Pinterest counts it once, whoever else sends it.
 */
function mapNewOrder(
  order: StoreOrder,
  policy: ShopPolicy,
  nowSeconds: number,
  visit: Visit | null,
): MappedEvent {
  const mapped = mapOrder(order, policy, nowSeconds, { visit });
  const { outcome } = mapped;
  const { checkoutToken, cartToken } = order;
  const seconds = policy.settings.hold_seconds;
  const isShoppers = order.sourceName === "web" && !order.isMadeByStaff;
  const waits = visit !== null && visit.completedEventId === null && isShoppers && seconds > 0;
  if (outcome.kind === "skip" || !waits || checkoutToken === null) return mapped;
  const heldForBrowser = { checkoutToken, cartToken, seconds };
  return { ...mapped, outcome: { ...outcome, heldForBrowser } };
}
