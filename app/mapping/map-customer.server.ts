import { deriveEventId } from "#app/events/event-id.ts";
import type { SkipReason } from "#app/events/event-state.ts";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import { GUEST_MINUTES } from "#app/events/mapped-event.ts";
import { addNote, leftOut } from "#app/events/match-notes.ts";
import type { ShopSettings } from "#app/events/shop-settings.ts";
import type { StoreCustomer } from "#app/events/store-event.ts";
import type { Visit } from "#app/events/visit.ts";
import { buildUserData } from "#app/mapping/person/build-user-data.server.ts";
import { explainBrowser } from "#app/mapping/person/read-browser.server.ts";
import { finishEvent } from "./finish-event.server.ts";
import type { ShopPolicy } from "./shop-policy.server.ts";
import { locateSource } from "./source/locate-source.server.ts";

const GUEST_SECONDS = GUEST_MINUTES * 60;

/**
 * Maps a new customer to `signup`, when a shopper made the account. Shopify also creates a customer
 * for each guest who buys, without saying so: a customer without an account waits until it is known
 * whether an order or a checkout came with them. `visit`: the form that they sent. The event's id is
 * the customer's own, whoever tells of a form: nobody can give two sign-ups one id.
 */
export function mapCustomer(
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
  const refusal = refuse(customer, policy.settings);
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

function refuse(customer: StoreCustomer, settings: ShopSettings): SkipReason | null {
  if (settings["events.signup"] === "off") return "event_off";
  // Only a merchant's invitation leads to these two of Shopify's account states.
  if (customer.state === "invited" || customer.state === "declined") return "imported";
  return settings.signup_from === "account" && customer.state !== "enabled" ? "guest" : null;
}
