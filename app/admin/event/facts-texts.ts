import type { IdSource } from "#app/events/mapped-event.ts";
import type { ShopSettings } from "#app/events/shop-settings.ts";

/** Texts of the facts beside an event. */
export const factTexts = {
  eventId: "Event ID",
  idFrom: "ID from",
  happened: "Happened",
  value: "Value",
  valueWithBasis: "{value} ({basis})",
  order: "Order",
  opensShopify: "{order} (opens Shopify)",
  source: "Source",
  consent: "Consent",
  settings: "Settings",
  version: "version {n}",
  account: "Ad account",
  bodyKept: "Body kept until",
  bodyDeleted: "deleted {day}",
  consents: {
    allowed: "no refusal on record; your rule for {region} sends then",
    unknown: "nothing on record; your rule for {region} asks for consent",
    given: "not asked: sent by hand, by the API or by Flow",
    none: "not looked at",
  },
  regions: { default: "other regions", EU: "the EU", GB: "the United Kingdom" },
} as const;

export const idSourceWords = {
  browser: "the browser",
  order: "the order",
  given: "whoever sent it",
} as const satisfies Record<IdSource, string>;

/** Where the id is made of something else than an order. */
export const idSourceOfKind = {
  initiate_checkout: "the checkout",
  signup: "the customer",
} as const satisfies Record<string, string>;

export const valueBasisWords = {
  subtotal_before_tax: "subtotal without tax",
  subtotal: "subtotal",
  total: "total",
} as const satisfies Record<ShopSettings["value_basis"], string>;
