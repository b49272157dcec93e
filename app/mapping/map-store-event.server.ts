import type { MappedEvent } from "#app/events/mapped-event.ts";
import type { StoreEvent } from "#app/events/store-event.ts";
import { mapCheckout } from "./map-checkout.server.ts";
import { mapCustomer } from "./map-customer.server.ts";
import { mapOrder } from "./map-order.server.ts";
import { orderLeft } from "./order-left.server.ts";
import type { ShopPolicy } from "./shop-policy.server.ts";

/**
 * Maps a store event under a shop's policy; null when the settings say that this kind of store
 * event feeds no conversion event. Pure. Throws UnfitEventError (check-event.server.ts).
 */
export function mapStoreEvent(
  event: StoreEvent,
  policy: ShopPolicy,
  nowSeconds: number,
): MappedEvent | null {
  switch (event.kind) {
    case "order_created":
      return policy.settings.purchase_trigger === "order_paid"
        ? null
        : mapOrder(event.order, policy, nowSeconds);
    // A paid order was created as well: whichever webhook comes first makes the same event.
    case "order_paid":
      return mapOrder(orderLeft(event.order), policy, nowSeconds);
    // A cancellation settles an order whose creation comes later, and withdraws a waiting event;
    // therefore the reason is `cancelled`, even if there were other reasons to skip the order.
    case "order_cancelled":
      return policy.settings.cancelled_orders === "send"
        ? null
        : mapOrder(event.order, policy, nowSeconds, "cancelled");
    case "checkout_started":
      return mapCheckout(event.checkout, policy, nowSeconds);
    case "customer_created":
      return mapCustomer(event.customer, policy, nowSeconds);
  }
}
