import { deriveEventId } from "#app/events/event-id.ts";
import type { SkipReason } from "#app/events/event-state.ts";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import type { ShopSettings } from "#app/events/shop-settings.ts";
import type { Amount, BasketLine, StoreOrder } from "#app/events/store-event.ts";
import type { Visit } from "#app/events/visit.ts";
import { readBrowser } from "#app/mapping/person/build-user-data.server.ts";
import { findMoney } from "./choose-money.server.ts";
import { withNotedRefusal } from "./decide-consent.server.ts";
import { isNegativeDecimal, isZeroDecimal, shareDecimal } from "./decimal.server.ts";
import { finishEvent } from "./finish-event.server.ts";
import { buildBasketBody, findActionSource, toSource } from "./map-basket.server.ts";
import type { ShopPolicy } from "./shop-policy.server.ts";

interface OrderContext {
  /** A reason to skip the order that the caller already found. */
  refusal?: SkipReason | null;
  /** What the shopper's browser told of its checkout. */
  visit?: Visit | null;
}

/**
 * Maps an order to a purchase: Pinterest's `checkout`.
 *
 * Throws UnreadableAmountError for an order that would otherwise be sent.
 */
export function mapOrder(
  told: StoreOrder,
  policy: ShopPolicy,
  nowSeconds: number,
  { refusal = null, visit: seen = null }: OrderContext = {},
): MappedEvent {
  const order = orderAtTrigger(told, policy.settings);
  const visit = withNotedRefusal(seen, order);
  const money = findMoney(order, policy.settings);
  const actionSource = findActionSource(order, policy.settings);
  const facts = {
    kind: "checkout" as const,
    sourceKey: order.id,
    eventId: deriveEventId("order", order.id, "checkout"),
    source: toSource(order.sourceName),
    orderId: order.id,
    orderName: order.name,
    actionSource,
    occurredAtSeconds: order.occurredAtSeconds,
    value: money?.value ?? null,
    currency: money?.currency ?? null,
    shopper: order.shopper,
    visit,
    browserEventId: visit?.completedEventId ?? null,
  };
  const own = () => refuse(order, money?.value ?? null, policy.settings);
  const reason = refusal ?? (actionSource === null ? "source_off" : own());
  return finishEvent(facts, reason, policy, nowSeconds, () => {
    const body = buildBasketBody(order, policy, money ?? undefined);
    const browser = readBrowser(order, body.notes);
    return {
      ...body,
      user_data: { ...body.user_data, ...browser.userData },
      custom_data: { ...body.custom_data, order_id: order.id },
      notes: browser.notes,
    };
  });
}

function refuse(
  order: StoreOrder,
  value: string | null,
  settings: ShopSettings,
): SkipReason | null {
  if (order.isTest && settings.test_orders === "skip") return "test_order";
  if (order.isCancelled && settings.cancelled_orders === "skip") return "cancelled";
  // No money was paid, so the setting for orders that cost nothing does not apply.
  if (value !== null && isNegativeDecimal(value)) return "zero_total";
  const paid = order.total.shop ?? value;
  const isFree = paid !== null && isZeroDecimal(paid);
  return isFree && settings.zero_total_orders === "skip" ? "zero_total" : null;
}

/** The part that is left of an order that was edited before it was paid: that part was paid for. */
export function orderLeft(order: StoreOrder): StoreOrder {
  return {
    ...order,
    subtotal: order.subtotalLeft ?? order.subtotal,
    total: order.totalLeft ?? order.total,
    lines: order.lines.map(lineLeft),
  };
}

/**
 * Returns an order as the webhook that the shop's purchases come from would give it. The Admin API
 * gives both the order as placed and what is left of it, and does not say which webhook it
 * replaces.
 */
export function orderAtTrigger(order: StoreOrder, settings: ShopSettings): StoreOrder {
  return order.isReread && settings.purchase_trigger === "order_paid" ? orderLeft(order) : order;
}

function lineLeft(line: BasketLine): BasketLine {
  const { quantity: ordered, quantityLeft: left, taxes } = line;
  if (left === null || left === ordered) return line;
  // A line's taxes are those of everything that was ordered.
  return { ...line, quantity: left, taxes: taxes.map((tax) => computeShare(tax, left, ordered)) };
}

function computeShare({ shop, presentment }: Amount, pieces: number, ordered: number): Amount {
  const share = (side: string | null) =>
    side === null || ordered === 0 ? side : shareDecimal(side, pieces, ordered);
  return { shop: share(shop), presentment: share(presentment) };
}
