import type { Shopper } from "#app/events/store-event.ts";
import type { Asked, ShopAdmin } from "./ask-shopify.server.ts";
import { findCustomer } from "./find-customer.server.ts";
import { findOrder } from "./find-order.server.ts";
import type { FlowSubject } from "./map-flow-event.server.ts";
import type { FlowAction } from "./read-flow-action.server.ts";

/** Flow ends a request after ten seconds; the event's outcome needs a part of them. */
const WITHIN_MS = 4_000;

const NOBODY: Shopper = {
  customerId: null,
  firstName: null,
  lastName: null,
  emails: [],
  phones: [],
  billing: null,
  shipping: null,
  home: null,
};

/** The order, which knows its shopper; else the customer; else nobody. */
export async function findSubject(
  admin: ShopAdmin,
  { orderId, customerId }: FlowAction,
): Promise<Asked<FlowSubject>> {
  const signal = AbortSignal.timeout(WITHIN_MS);
  if (orderId !== null) {
    const asked = await findOrder(admin, orderId, signal);
    if (!asked.ok) return asked;
    const { order, isSaleOptedOut } = asked.found;
    return { ok: true, found: { order, shopper: order.shopper, isSaleOptedOut } };
  }
  if (customerId !== null) {
    const asked = await findCustomer(admin, customerId, signal);
    return asked.ok ? { ok: true, found: { order: null, ...asked.found } } : asked;
  }
  return { ok: true, found: { order: null, shopper: NOBODY, isSaleOptedOut: false } };
}
