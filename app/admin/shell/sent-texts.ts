import { formatMessage } from "#app/events/format-message.ts";
import { lookUp } from "#app/events/look-up.ts";
import type { MatchKey } from "#app/events/match-keys.ts";
import type { LeftOutNote, LeftOutReason, Origin } from "#app/events/match-notes.ts";

/** Match keys, as a merchant calls them. */
export const keyLabels = {
  em: "Email",
  ph: "Phone",
  fn: "First name",
  ln: "Last name",
  ge: "Gender",
  db: "Birthday",
  ct: "City",
  st: "State",
  zp: "Postal code",
  country: "Country",
  external_id: "External ID",
  hashed_maids: "Device ID",
  click_id: "Click ID",
  client_ip_address: "IP address",
  client_user_agent: "Browser",
  partner_id: "Partner ID",
} as const satisfies Record<MatchKey, string>;

/** The other fields of an event, by their path. */
export const fieldLabels = {
  event_name: "Event",
  action_source: "Where",
  event_time: "Happened",
  event_id: "Event ID",
  event_source_url: "Page",
  opt_out: "Opt-out",
  partner_name: "Partner",
  language: "Language",
  "custom_data.currency": "Currency",
  "custom_data.value": "Value",
  "custom_data.content_ids": "Product IDs",
  "custom_data.contents": "Products",
  "custom_data.content_name": "Content name",
  "custom_data.content_category": "Category",
  "custom_data.content_brand": "Brand",
  "custom_data.num_items": "Items",
  "custom_data.order_id": "Order ID",
  "custom_data.search_string": "Search",
  "custom_data.opt_out_type": "Limited data",
} as const satisfies Record<string, string>;

export const originWords = {
  order: "order",
  contact: "contact email of the order",
  customer: "customer",
  billing: "billing address",
  shipping: "shipping address",
  home: "customer's default address",
  browser: "browser",
  landing: "landing page",
  cart: "note in the cart",
  workflow: "workflow",
  given: "as given",
} as const satisfies Record<Origin, string>;

const leftOutWords: Readonly<Record<LeftOutReason, string>> = {
  absent: "none in the {thing}",
  incomplete:
    "{country, select, none {not a complete number, and its country is not known} other {not a complete number for {country}}}",
  unusable: "it holds nothing that could match",
  staff: "it would be that of your staff ({source})",
  elsewhere: "only online store orders carry the shopper's own ({source})",
  untold: "Shopify's notice of this event does not carry it",
  reread: "Shopify does not tell it when an order is read again",
};

/** The words for one key and reason, where the general ones would be too vague. */
const leftOutOfKey = {
  "click_id absent": "none in the visit (landing page, browser, note in the cart)",
  "click_id unusable": "the value is not a Pinterest click ID",
  "client_ip_address unusable": "the value is not a public IP address",
  "em unusable": "the value is not an email address",
  "zp unusable":
    "{country, select, none {the value is not a postal code} other {the value is not a postal code of {country}}}",
} as const satisfies Record<string, string>;

const thingWords = {
  checkout: "order",
  initiate_checkout: "checkout",
  signup: "customer",
  add_payment_info: "checkout",
  page_visit: "page",
  view_category: "page",
  search: "page",
  add_to_cart: "page",
} as const satisfies Record<string, string>;

const GIVEN_EVENT = "event as given";

interface NotedEvent {
  kind: string;
  /** The value in words. */
  source: string;
  /** It was given as an event, not made of an order. */
  isGiven: boolean;
}

/** Why a match key of an event was left out, in a merchant's words. */
export function explainLeftOut({ key, leftOut, country }: LeftOutNote, event: NotedEvent): string {
  const ofKey = event.isGiven ? undefined : lookUp(leftOutOfKey, `${key} ${leftOut}`);
  return formatMessage(ofKey ?? leftOutWords[leftOut], {
    country: country ?? "none",
    source: event.source,
    thing: (event.isGiven ? undefined : lookUp(thingWords, event.kind)) ?? GIVEN_EVENT,
  });
}
