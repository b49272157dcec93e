import type { EventState, UnsentReason } from "#app/events/event-state.ts";

/** What a merchant reads for the words of tables and code: one word for one idea, on every screen. */
export const kindWords = {
  checkout: "Purchase",
  initiate_checkout: "Checkout started",
  add_payment_info: "Payment info added",
  signup: "Sign-up",
  page_visit: "Page view",
  view_category: "Category view",
  search: "Search",
  add_to_cart: "Added to cart",
} as const satisfies Record<string, string>;

/** Of an advertiser's own events. */
export const customKind = "Custom: {name}";

export const stateWords = {
  held: "Waiting for browser data (up to 30 s)",
  pending: "Queued",
  sending: "Sending",
  accepted: "Accepted by Pinterest",
  rejected: "Refused by Pinterest",
  skipped: "Not sent: {reason}",
  expired: "Too late",
} as const satisfies Record<EventState, string>;

export const stateVariants = {
  heldSignup: "Waiting to see if it is a guest (30 min)",
  retrying: "Retrying, next at {time}",
  kept: "Kept until you reconnect",
  keptWhilePaused: "Kept while paused",
  keptUntilConnected: "Kept until you connect",
  warned: "Accepted, with a note",
  contentGone: "Not sent: content no longer kept",
} as const;

/** After "Not sent:". */
export const reasonWords = {
  no_match_key: "no email, and no IP address with browser",
  consent_refused: "shopper declined marketing",
  consent_unknown: "no consent on record",
  test_order: "test order",
  cancelled: "canceled before sending",
  zero_total: "total is zero",
  source_off: "your rule skips {source} orders",
  event_off: "you turned {kind} off",
  duplicate: "already sent under another ID",
  imported: "customer was imported",
  guest: "customer is a guest, not a sign-up",
  redacted: "removed at the customer's request",
  too_old: "older than 7 days",
  content_gone: "its content is no longer kept",
  unreadable: "Shopify's message could not be read",
} as const satisfies Record<UnsentReason, string>;

/** Shopify's `source_name`. */
export const sourceWords = {
  web: "Online store",
  pos: "Point of Sale",
  shopify_draft_order: "Draft order",
  subscription_contract: "Subscription",
  subscription_contract_checkout_one: "Subscription",
  task: "By hand",
  api: "API",
  flow: "Flow",
  admin: "By hand",
  iphone: "Point of Sale (iOS)",
  android: "Point of Sale (Android)",
} as const satisfies Record<string, string>;
