import { addNote, leftOut } from "#app/events/event-detail/event-notes.ts";
import { deriveEventId } from "#app/events/event-id.ts";
import type { SkipReason } from "#app/events/event-state.ts";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import type { ShopSettings } from "#app/events/shop-settings.ts";
import type { StoreCustomer } from "#app/events/store-event.ts";
import { buildUserData } from "#app/mapping/person/build-user-data.server.ts";
import { noteBrowser } from "#app/mapping/person/read-browser.server.ts";
import { finishEvent } from "./finish-event.server.ts";
import { locateSource } from "./locate-source.server.ts";
import type { ShopPolicy } from "./shop-policy.server.ts";

/** A customer who came to be is a `signup`, when a shopper made the account. */
export function mapCustomer(
  customer: StoreCustomer,
  policy: ShopPolicy,
  nowSeconds: number,
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
  };
  return finishEvent(facts, refuse(customer, policy.settings), policy, nowSeconds, () => {
    const { userData, notes } = buildUserData(customer.shopper);
    return {
      event_source_url: locateSource(policy, null),
      user_data: userData,
      notes: noteBrowser(addNote(notes, "click_id", leftOut("untold")), "untold"),
    };
  });
}

function refuse(customer: StoreCustomer, settings: ShopSettings): SkipReason | null {
  if (settings["events.signup"] === "off") return "event_off";
  // Shopify's account states: only a merchant's invitation leads to these two.
  const isInvited = customer.state === "invited" || customer.state === "declined";
  return isInvited ? "imported" : null;
}
