import { deriveEventId } from "#app/events/event-id.ts";
import type { SkipReason } from "#app/events/event-state.ts";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import type { ShopSettings } from "#app/events/shop-settings.ts";
import type { StoreOrder } from "#app/events/store-event.ts";
import { readBrowser } from "#app/mapping/person/read-browser.server.ts";
import { chooseMoney } from "./choose-money.server.ts";
import { isZeroDecimal } from "./decimal.server.ts";
import { finishEvent } from "./finish-event.server.ts";
import { actionSourceOf, buildBasketBody } from "./map-basket.server.ts";
import type { ShopPolicy } from "./shop-policy.server.ts";

/** An order is a purchase: Pinterest's `checkout`. `refusal`: a reason the caller knows already. */
export function mapOrder(
  order: StoreOrder,
  policy: ShopPolicy,
  nowSeconds: number,
  refusal: SkipReason | null = null,
): MappedEvent {
  const money = chooseMoney(order, policy.settings);
  const actionSource = actionSourceOf(order, policy.settings);
  const facts = {
    kind: "checkout" as const,
    sourceKey: order.id,
    eventId: deriveEventId("order", order.id, "checkout"),
    source: order.sourceName,
    orderId: order.id,
    orderName: order.name,
    actionSource,
    occurredAtSeconds: order.occurredAtSeconds,
    value: money.value,
    currency: money.currency,
    shopper: order.shopper,
  };
  const reason = refusal ?? (actionSource === null ? "source_off" : refuse(order, policy.settings));
  return finishEvent(facts, reason, policy, nowSeconds, () => {
    const { custom_data, user_data, notes, ...body } = buildBasketBody(order, money, policy);
    const browser = readBrowser(order, notes);
    return {
      ...body,
      user_data: { ...user_data, ...browser.userData },
      custom_data: { ...custom_data, order_id: order.id },
      notes: browser.notes,
    };
  });
}

function refuse(order: StoreOrder, settings: ShopSettings): SkipReason | null {
  if (order.isTest && settings.test_orders === "skip") return "test_order";
  if (order.isCancelled && settings.cancelled_orders === "skip") return "cancelled";
  const isFree = isZeroDecimal(order.total.shop);
  return isFree && settings.zero_total_orders === "skip" ? "zero_total" : null;
}
