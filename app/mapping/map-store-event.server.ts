import { deriveEventId } from "#app/events/event-id.ts";
import type { SkipReason } from "#app/events/event-state.ts";
import { GUEST_MINUTES, type MappedEvent } from "#app/events/mapped-event.ts";
import { addNote, leftOut } from "#app/events/match-notes.ts";
import type { ShopSettings } from "#app/events/shop-settings.ts";
import type {
  StoreCheckout,
  StoreCustomer,
  StoreEvent,
  StoreOrder,
} from "#app/events/store-event.ts";
import type { Visit } from "#app/events/visit.ts";
import { buildUserData, explainBrowser } from "#app/mapping/person/build-user-data.server.ts";
import { locateSource } from "#app/mapping/source/locate-source.server.ts";
import { findMoney } from "./choose-money.server.ts";
import { withNotedRefusal } from "./decide-consent.server.ts";
import { isNegativeDecimal } from "./decimal.server.ts";
import { finishEvent } from "./finish-event.server.ts";
import { buildBasketBody, findActionSource, toSource } from "./map-basket.server.ts";
import { mapOrder, orderLeft } from "./map-order.server.ts";
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

/** Maps a checkout to `initiate_checkout`, sent once for its token however often it changes. */
function mapCheckout(
  checkout: StoreCheckout,
  policy: ShopPolicy,
  nowSeconds: number,
  seen: Visit | null = null,
): MappedEvent {
  const visit = withNotedRefusal(seen, checkout);
  const { settings } = policy;
  const money = findMoney(checkout, settings);
  const actionSource = findActionSource(checkout, settings);
  const facts = {
    kind: "initiate_checkout" as const,
    sourceKey: checkout.token,
    eventId: deriveEventId("checkout", checkout.token, "initiate_checkout"),
    source: toSource(checkout.sourceName),
    orderId: null,
    orderName: null,
    actionSource,
    occurredAtSeconds: checkout.occurredAtSeconds,
    value: money?.value ?? null,
    currency: money?.currency ?? null,
    shopper: checkout.shopper,
    visit,
    browserEventId: visit?.startedEventId ?? null,
  };
  return finishEvent(facts, refuseCheckout(facts, settings), policy, nowSeconds, () => {
    const body = buildBasketBody(checkout, policy);
    return { ...body, notes: explainBrowser(body.notes, "untold") };
  });
}

function refuseCheckout(
  { actionSource, value }: Pick<MappedEvent, "actionSource" | "value">,
  settings: ShopSettings,
): SkipReason | null {
  if (settings["events.initiate_checkout"] === "off") return "event_off";
  if (actionSource === null) return "source_off";
  return value !== null && isNegativeDecimal(value) ? "zero_total" : null;
}

const GUEST_SECONDS = GUEST_MINUTES * 60;

/**
 * Maps a new customer to `signup`, when a shopper made the account. Shopify also creates a customer
 * for each guest who buys, without saying so: a customer without an account waits until it is known
 * whether an order or a checkout came with them. `visit`: the form that they sent. The event's id is
 * the customer's own, whoever tells of a form: nobody can give two sign-ups one id.
 */
function mapCustomer(
  customer: StoreCustomer,
  policy: ShopPolicy,
  nowSeconds: number,
  visit: Visit | null = null,
): MappedEvent {
  const facts = {
    kind: "signup" as const,
    sourceKey: customer.id,
    eventId: deriveEventId("customer", customer.id, "signup"),
    source: "web",
    orderId: null,
    orderName: null,
    actionSource: "web" as const,
    occurredAtSeconds: customer.createdAtSeconds,
    value: null,
    currency: null,
    shopper: customer.shopper,
    visit,
  };
  const refusal = refuseSignUp(customer, policy.settings);
  const mapped = finishEvent(facts, refusal, policy, nowSeconds, () => {
    const { userData, notes } = buildUserData(customer.shopper);
    return {
      event_source_url: locateSource(policy, null),
      user_data: userData,
      notes: explainBrowser(addNote(notes, "click_id", leftOut("untold")), "untold"),
    };
  });
  const { outcome } = mapped;
  const waits = policy.settings.signup_from === "no_checkout" && customer.state !== "enabled";
  if (outcome.kind === "skip" || !waits) return mapped;
  const heldUntilSeconds = customer.createdAtSeconds + GUEST_SECONDS;
  return { ...mapped, outcome: { ...outcome, heldUntilSeconds } };
}

function refuseSignUp(customer: StoreCustomer, settings: ShopSettings): SkipReason | null {
  if (settings["events.signup"] === "off") return "event_off";
  // Only a merchant's invitation leads to these two of Shopify's account states.
  if (customer.state === "invited" || customer.state === "declined") return "imported";
  return settings.signup_from === "account" && customer.state !== "enabled" ? "guest" : null;
}
