import type { EventState } from "#app/events/event-state.ts";

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
