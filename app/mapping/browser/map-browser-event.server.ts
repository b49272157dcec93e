import type { BrowserAction, BrowserEvent } from "#app/events/browser-event.ts";
import type { CustomData, EventName } from "#app/events/conversion-event.ts";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import { addNote, leftOut } from "#app/events/match-notes.ts";
import { dynamicSetting } from "#app/events/shop-settings.ts";
import type { Shopper } from "#app/events/store-event.ts";
import { finishEvent } from "#app/mapping/finish-event.server.ts";
import type { NotedBody } from "#app/mapping/join-visit.server.ts";
import { buildUserData, NOBODY } from "#app/mapping/person/build-user-data.server.ts";
import { explainBrowser } from "#app/mapping/person/read-browser.server.ts";
import type { ShopPolicy } from "#app/mapping/shop-policy.server.ts";
import { locateSource } from "#app/mapping/source/locate-source.server.ts";
import {
  describeCheckout,
  describeCustom,
  describeItem,
  listProducts,
} from "./build-custom-data.server.ts";
import { identifyBrowserEvent } from "./identify-browser-event.server.ts";

/**
 * How long the event of a page waits for that of the product on it, which is the same visit and
 * says more.
 */
const PRODUCT_WITHIN_SECONDS = 5;

/**
 * Maps what a browser did under a shop's policy; null where it feeds no event: it is none of
 * Pinterest's, only an order can prove it, or the shopper refuses marketing. Pure.
 *
 * Throws UnfitEventError (check-event.server.ts).
 */
export function mapBrowserEvent(
  event: BrowserEvent,
  policy: ShopPolicy,
  nowSeconds: number,
): MappedEvent | null {
  const { consent, evidence } = event;
  const kind = nameEvent(event.action);
  if (kind === null || consent.marketingAllowed === false) return null;
  const customData = describe(event.action, policy);
  const shopper = findShopper(event.action);
  const facts = {
    kind,
    sourceKey: identifyBrowserEvent(event),
    eventId: event.id,
    browserEventId: event.id,
    source: "web",
    orderId: null,
    orderName: null,
    actionSource: "web" as const,
    occurredAtSeconds: Math.floor(event.happenedAtMs / 1_000),
    value: customData.value ?? null,
    currency: customData.currency ?? null,
    shopper,
    visit: { startedEventId: null, completedEventId: null, consent, evidence },
  };
  const isOff = dynamicSetting(policy.settings, `events.${kind}`) === "off";
  const mapped = finishEvent(facts, isOff ? "event_off" : null, policy, nowSeconds, () =>
    buildBody(shopper, customData, policy),
  );
  return event.action.kind === "page_viewed" ? hold(mapped) : mapped;
}

function nameEvent(action: BrowserAction): EventName | null {
  switch (action.kind) {
    case "page_viewed":
    case "product_viewed":
      return "page_visit";
    case "collection_viewed":
      return "view_category";
    case "search_submitted":
      return "search";
    case "product_added_to_cart":
      return "add_to_cart";
    case "checkout_started":
      return "initiate_checkout";
    case "payment_info_submitted":
      return "add_payment_info";
    case "custom":
      return action.name;
    case "checkout_completed":
    case "consent_changed":
    case "page_report":
    case "signup_form":
    case "other":
      return null;
  }
}

function describe(action: BrowserAction, policy: ShopPolicy): CustomData {
  switch (action.kind) {
    case "product_viewed":
    case "product_added_to_cart":
      return describeItem(action.item, policy);
    case "collection_viewed":
      return {
        ...(action.title !== null && { content_category: action.title }),
        ...listProducts(action.items, policy),
      };
    case "search_submitted":
      return { search_string: action.searchText, ...listProducts(action.items, policy) };
    case "checkout_started":
    case "payment_info_submitted":
      return describeCheckout(action.checkout, policy);
    case "custom":
      return describeCustom(action.fields);
    default:
      return {};
  }
}

function findShopper(action: BrowserAction): Shopper {
  switch (action.kind) {
    case "checkout_started":
    case "payment_info_submitted":
      return action.checkout.shopper;
    case "custom": {
      const { email, phone } = action.fields;
      return {
        ...NOBODY,
        emails: email === null ? [] : [{ value: email, from: "browser" }],
        phones: phone === null ? [] : [{ value: phone, from: "browser" }],
      };
    }
    default:
      return NOBODY;
  }
}

/** What is known of the person and the product; `finishEvent` adds what the browser is known by. */
function buildBody(shopper: Shopper, customData: CustomData, policy: ShopPolicy): NotedBody {
  const { userData, notes } = buildUserData(shopper);
  const told = addNote(notes, "click_id", leftOut("absent"));
  return {
    event_source_url: locateSource(policy, null),
    user_data: userData,
    ...(Object.keys(customData).length > 0 && { custom_data: customData }),
    notes: explainBrowser(told, "absent"),
  };
}

function hold(mapped: MappedEvent): MappedEvent {
  const { outcome } = mapped;
  if (outcome.kind === "skip") return mapped;
  const heldForBrowser = { checkoutToken: null, cartToken: null, seconds: PRODUCT_WITHIN_SECONDS };
  return { ...mapped, outcome: { ...outcome, heldForBrowser } };
}
