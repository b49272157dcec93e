import type {
  BrowserAction,
  BrowserCheckout,
  BrowserEvent,
  BrowserItem,
  CustomFields,
} from "#app/events/browser-event.ts";
import type { Content, CustomData, EventName } from "#app/events/conversion-event.ts";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import { addNote, leftOut } from "#app/events/match-notes.ts";
import { dynamicSetting, type ShopSettings } from "#app/events/shop-settings.ts";
import type { Shopper } from "#app/events/store-event.ts";
import {
  buildUserData,
  explainBrowser,
  NOBODY,
} from "#app/mapping/person/build-user-data.server.ts";
import { locateSource } from "#app/mapping/source/locate-source.server.ts";
import { isNegativeDecimal, shareDecimal } from "./decimal.server.ts";
import { finishEvent } from "./finish-event.server.ts";
import { identifyBrowserEvent } from "./identify-browser-event.server.ts";
import type { NotedBody } from "./join-visit.server.ts";
import { formatProductId } from "./list-contents.server.ts";
import type { ShopPolicy } from "./shop-policy.server.ts";

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

/** The data of a product that was looked at, or put into the cart. */
function describeItem(item: BrowserItem, policy: ShopPolicy): CustomData {
  const content = toContent(item, policy);
  const price = item.linePrice ?? multiply(item.unitPrice, item.quantity);
  return {
    ...moneyOf(price, item.currency),
    ...(content !== null && { content_ids: [content.id], contents: [content] }),
    ...(item.name !== null && { content_name: item.name }),
    ...(item.category !== null && { content_category: item.category }),
    ...(item.brand !== null && { content_brand: item.brand }),
    num_items: item.quantity,
  };
}

/**
 * The data of a checkout as the browser shows it. Its amounts are in the shopper's currency alone,
 * and say nothing of the taxes in them: the subtotal is the nearest to what the shop chose.
 */
function describeCheckout(checkout: BrowserCheckout, policy: ShopPolicy): CustomData {
  const contents = checkout.items.flatMap((item) => toContent(item, policy) ?? []);
  const pieces = checkout.items.reduce((sum, { quantity }) => sum + quantity, 0);
  return {
    ...moneyOf(chooseAmount(checkout, policy.settings), checkout.currency),
    ...(contents.length > 0 && { content_ids: contents.map(({ id }) => id), contents }),
    ...(pieces > 0 && { num_items: pieces }),
  };
}

function chooseAmount({ subtotal, total }: BrowserCheckout, settings: ShopSettings) {
  return settings.value_basis === "total" ? total : subtotal;
}

/** Which products a page lists, of those that have an id in the shop's format. */
function listProducts(items: readonly BrowserItem[], policy: ShopPolicy): CustomData {
  const ids = items.flatMap((item) => formatProductId(item, policy) ?? []);
  return ids.length === 0 ? {} : { content_ids: ids };
}

/** The data of an event of the page's own; its product ids are sent as they were given. */
function describeCustom(fields: CustomFields): CustomData {
  const { productIds, quantity, searchText, name, category, brand, orderId } = fields;
  return {
    ...moneyOf(fields.value, fields.currency),
    ...(productIds.length > 0 && {
      content_ids: productIds,
      contents: productIds.map((id) => ({ id })),
    }),
    ...(quantity !== null && { num_items: quantity }),
    ...(searchText !== null && { search_string: searchText }),
    ...(name !== null && { content_name: name }),
    ...(category !== null && { content_category: category }),
    ...(brand !== null && { content_brand: brand }),
    ...(orderId !== null && { order_id: orderId }),
  };
}

/** A number without its currency would be counted in another; one below zero is no worth. */
function moneyOf(value: string | null, currency: string | null): CustomData {
  if (value === null || currency === null || isNegativeDecimal(value)) return {};
  return { value, currency };
}

function toContent(item: BrowserItem, policy: ShopPolicy): (Content & { id: string }) | null {
  const id = formatProductId(item, policy);
  if (id === null) return null;
  return {
    id,
    quantity: item.quantity,
    ...(item.unitPrice !== null && { item_price: item.unitPrice }),
    ...(item.name !== null && { item_name: item.name }),
    ...(item.category !== null && { item_category: item.category }),
    ...(item.brand !== null && { item_brand: item.brand }),
  };
}

function multiply(price: string | null, pieces: number): string | null {
  return price === null ? null : shareDecimal(price, pieces, 1);
}
