import type { ShopSettings } from "#app/events/shop-settings.ts";
import type { Amount, BasketLine, StoreOrder } from "#app/events/store-event.ts";
import { shareDecimal } from "./decimal.server.ts";

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
