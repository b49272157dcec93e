import type { EventState } from "#app/events/event-state.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { lookUp } from "#app/events/look-up.ts";
import type { MatchKey } from "#app/events/match-keys.ts";
import type { LeftOutNote, LeftOutReason } from "#app/events/match-notes.ts";
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

const keyLeftOutWords: Readonly<Record<LeftOutReason, string>> = {
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
const keyLeftOutVariants = {
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
  const ofKey = event.isGiven ? undefined : lookUp(keyLeftOutVariants, `${key} ${leftOut}`);
  return formatMessage(ofKey ?? keyLeftOutWords[leftOut], {
    country: country ?? "none",
    source: event.source,
    thing: (event.isGiven ? undefined : lookUp(thingWords, event.kind)) ?? GIVEN_EVENT,
  });
}
