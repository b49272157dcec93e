import type { Shopper } from "#app/events/store-event.ts";
import type { ShopAdmin } from "#app/shopify/ask-shopify.server.ts";
import { readStoreOrder } from "#app/shopify/read-store-order.server.ts";
import { explainFailure } from "./explain-failure.server.ts";
import { findCustomer } from "./find-customer.server.ts";
import type { FlowAnswer } from "./flow-answer.server.ts";
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
): Promise<{ ok: true; found: FlowSubject } | { ok: false; answer: FlowAnswer }> {
  const signal = AbortSignal.timeout(WITHIN_MS);
  if (orderId !== null) {
    const asked = await readStoreOrder(admin, { orderId }, signal);
    if (!asked.ok) return { ok: false, answer: explainFailure(asked.failure, "order") };
    const { order, isSaleOptedOut } = asked.found;
    return { ok: true, found: { order, shopper: order.shopper, isSaleOptedOut } };
  }
  if (customerId !== null) {
    const asked = await findCustomer(admin, customerId, signal);
    if (!asked.ok) return { ok: false, answer: explainFailure(asked.failure, "customer") };
    return { ok: true, found: { order: null, ...asked.found } };
  }
  return { ok: true, found: { order: null, shopper: NOBODY, isSaleOptedOut: false } };
}
