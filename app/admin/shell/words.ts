import type { EventState } from "#app/events/event-state.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { lookUp } from "#app/events/look-up.ts";
import type { Formatter } from "./formatter.server.ts";

/** The words on every screen for the values of tables and code: one word for one idea. */
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

/** The label of an advertiser's own events. */
export const customKind = "Custom: {name}";

export const stateWords = {
  held: "Waiting for browser data",
  pending: "Queued",
  sending: "Sending",
  accepted: "Accepted by Pinterest",
  rejected: "Refused by Pinterest",
  skipped: "Not sent: {reason}",
  expired: "Too late",
} as const satisfies Record<EventState, string>;

export const stateVariants = {
  heldUntil: "Waiting for browser data (until {time})",
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

const actorTexts = {
  you: "You",
  system: "System",
  cli: "Command line",
  shopify: "Shopify",
  api: "HTTP API",
  flow: "Shopify Flow",
  user: "User {id}",
} as const;

const OWN_WORDS = {
  system: actorTexts.system,
  cli: actorTexts.cli,
  shopify: actorTexts.shopify,
  api: actorTexts.api,
  flow: actorTexts.flow,
};

/** Who did something, for one reader. Shopify gives us a user's id, and no name. */
export function describeActor(actor: string, userId: string): string {
  if (actor === `user:${userId}`) return actorTexts.you;
  const id = /^user:(.+)$/.exec(actor)?.[1];
  if (id !== undefined) return formatMessage(actorTexts.user, { id });
  return lookUp(OWN_WORDS, actor) ?? actor;
}

/** What is left out of a run, and why. */
export interface LeftOut {
  accepted: number;
  waiting: number;
  not_sent: number;
  /** Older than Pinterest accepts. */
  too_late: number;
  /** Its content is not kept any more. */
  no_content: number;
  /** Over the limit of one run. */
  over_limit: number;
}

const leftOutTexts = {
  accepted: "{n, number} accepted",
  waiting: "{n, number} waiting",
  not_sent: "{n, number} not sent",
  too_late: "{n, number} too late",
  no_content: "{n, number} with deleted content",
  over_limit: "{n, number} over the limit of 50,000 a run",
} satisfies Record<keyof LeftOut, string>;

/** `3 accepted and 2 too late`; null where nothing is left out. */
export function describeLeftOut(
  leftOut: LeftOut | Record<string, number>,
  { locale }: Pick<Formatter, "locale">,
): string | null {
  const parts = Object.entries(leftOut).flatMap(([why, n]) =>
    n > 0 && isReason(why) ? [formatMessage(leftOutTexts[why], { n }, locale)] : [],
  );
  return parts.length === 0 ? null : new Intl.ListFormat("en").format(parts);
}

/** A run's page reads what an older version may have stored. */
function isReason(why: string): why is keyof LeftOut {
  return /^(accepted|waiting|not_sent|too_late|no_content|over_limit)$/.test(why);
}
