import type { IdSource } from "#app/events/mapped-event.ts";
import type { Origin } from "#app/events/match-notes.ts";
import { replayTexts } from "#app/events/replay-rule.ts";
import type { ShopSettings } from "#app/events/shop-settings.ts";
import type { ActionBar, ActionName } from "./load-event.server.ts";

/** Texts of the screen of one event. */
export const eventDetailTexts = {
  back: "Events",
  titleOfOrder: "{kind}, order {order}",
  happened: "What happened",
  details: "Details",
  sent: "What we sent",
  notFound: "There is no such event",
  readable: "Readable",
  json: "JSON",
  viewChoice: "How the event is shown",
  copyReport: "Copy report",
  copyJson: "Copy JSON",
  copyCurl: "Copy curl (test)",
  curlHelp:
    "The curl command is a test request: Pinterest checks the event and records nothing. It reads the token from $PINTEREST_TOKEN.",
  show: "Show IP address, browser and click ID",
  maskedHelp: "Masked until you show them. Showing them is noted in Activity.",
  revealedHelp: "Shown for this view only, and noted in Activity.",
  privacy:
    "Email, phone, name and address are hashed before anything is stored: the plain values are never kept.",
  lacksNotes: "Why other keys were left out was not recorded with this event.",
  jsonLabel: "Event as JSON",
  noAction: "Nothing can be done with this event",
  headers: { field: "Field", treatment: "Sent as", value: "Value, or why not", origin: "From" },
  treatments: { hashed: "hashed", asIs: "as is", leftOut: "left out" },
  nothing: "–",
  dialog: {
    title: "Rebuild and send",
    intro:
      "The order was read from Shopify again, and today's settings applied. The event keeps its ID.",
    same: "Nothing would change. Send again sends the same body.",
    send: "Send the rebuilt event",
    caption: "What would change",
    field: "Field",
    before: "Now",
    after: "Rebuilt",
    none: "–",
    loading: "Reading the order from Shopify…",
    changed: "The order or the settings have changed. Look at the difference again.",
    lost: "This event can't be rebuilt: its state has changed.",
    noBrowser:
      "Shopify doesn't provide the browser (user agent) of a past order, so the event goes without IP address and browser.",
    keptBrowser: "IP address, browser and click ID stay as they came with the order.",
    held: "Your current settings skip this order ({reason}).",
  },
  done: {
    sendNow: "Event is next in line",
    sendAgain: "Event is queued again",
    rebuild: "Rebuilt event is queued",
  },
  failed: {
    sendNow: "This event has already been sent or is about to be.",
    reveal: "This event no longer exists.",
    unknown: "This can't be done.",
  },
} as const;

export const actionLabels = {
  sendNow: "Send now",
  sendAgain: "Send again",
  rebuild: "Rebuild and send…",
} as const satisfies Record<ActionName, string>;

/** Why an action is not available, as a sentence. */
export const actionBars = {
  accepted: replayTexts.accepted,
  late: replayTexts.late,
  no_body: replayTexts.no_body,
  sending: "It is being sent right now.",
  due: "It is next in line already.",
  paused: "Sending is paused. Resume it on the page Pinterest connection.",
  not_connected: "No Pinterest account is connected. It is sent when you connect one.",
  no_order: "It can't be rebuilt: only an order's purchase can be read from Shopify again.",
  consent_refused: "The shopper declined marketing, so it is never sent.",
  redacted: "It was removed at the customer's request, so it is never sent.",
  duplicate: "The same event was sent under another ID. Sending this one would count it twice.",
} as const satisfies Record<ActionBar, string>;

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
    browser: {
      "allowed:browser": "given, in the browser",
      "refused:browser": "refused, in the browser",
    },
    allowed: "no refusal on record; your rule for {region} sends then",
    unknown: "nothing on record; your rule for {region} asks for consent",
    given: "not asked: sent by hand, by the API or by Flow",
    none: "not checked",
  },
  regions: { default: "other regions", EU: "the EU", GB: "the United Kingdom" },
} as const;

export const idSourceWords = {
  browser: "the browser",
  order: "the order",
  given: "its sender",
  redacted: "Pinrelay, after a customer's deletion",
} as const satisfies Record<IdSource | "redacted", string>;

/** The source of ids that are not made from an order. */
export const idSourceOfKind = {
  initiate_checkout: "the checkout",
  signup: "the customer",
} as const satisfies Record<string, string>;

export const valueBasisWords = {
  subtotal_before_tax: "subtotal without tax",
  subtotal: "subtotal",
  total: "total",
} as const satisfies Record<ShopSettings["value_basis"], string>;

/** Texts of "What happened" on the screen of an event. */
export const timelineTexts = {
  told: "Shopify told us ({topic}, {n, plural, one {# delivery} other {# deliveries}})",
  given: "Given by hand, by the API or by Flow",
  browser: "The shopper's browser told us (web pixel)",
  joined: "Found browser data: {what}",
  joinedParts: {
    id: "event ID",
    click_id: "click ID",
    client_ip_address: "IP address",
    client_user_agent: "browser",
    external_id: "browser's own ID",
  },
  built: "Built the event, {kept} of {all} match keys",
  builtWithoutNotes: "Built the event, {kept, plural, one {# match key} other {# match keys}}",
  notBuilt: "Not sent: {reason}",
  attempt: "Attempt {n}",
  status: "HTTP {status}",
  noAnswer: "no answer",
  duration: "{ms} ms",
  alone: "alone",
  withOthers: "with {n, plural, one {# other} other {# others}}",
  pinterest: 'Pinterest: "{words}"',
  processed: "Pinterest marked it processed.",
  note: 'Pinterest\'s note: "{words}"',
  noteMeans: "Means: it counts. The note says what Pinterest could not use.",
  means: "Means: {cause}.",
  next: "Next: {step}",
  lost: "The answer was lost. We try again with the same ID, so it counts once.",
  unreadable: "We could not read the answer and try again with the same ID.",
  down: "Pinterest is down. We try again with the same ID.",
  passing: "A temporary fault at Pinterest. We try again with the same ID.",
  batchRefused:
    "Pinterest refused a batch of {n} for one event in it. We send it again in halves to find which.",
  isolated:
    "Pinterest refused a batch of {n}; we isolated this event in {requests, plural, one {# request} other {# requests}}.",
  freed:
    "Pinterest refused a batch of {n} for another event; this one was in {requests, plural, one {# request} other {# requests}}.",
  nextAttempt: "Next attempt",
  dueNow: "Next in line",
  ends: {
    accepted: "No further attempt (accepted is final)",
    rejected: "No further attempt (refused is final)",
    expired: "No further attempt: Pinterest takes events for 7 days",
    contentGone: "No further attempt: the event's content is no longer kept",
    skipped: "No attempt: the event is not sent",
    keptPaused: "Kept while paused. It runs out {date}.",
    keptUntilApproved: "Kept until you approve the plan. It runs out {date}.",
    kept: "Kept until you reconnect. It runs out {date}.",
    keptUntilConnected: "Kept until you connect Pinterest. It runs out {date}.",
  },
  audit: {
    "events.replay": "Sent again by {who}",
    "event.rebuild": "Rebuilt and sent by {who}",
    "event.send_now": "Sent ahead of time by {who}",
  },
  who: { you: "you", user: "user {id}", system: "the system", other: "{name}" },
  meanings: {
    currency: {
      cause: "the value has no currency, or one that Pinterest does not know",
      nextStep: "Rebuild and send, after the currency is set.",
    },
    value: {
      cause: "the value is not an amount that Pinterest can read",
      nextStep: "Rebuild and send.",
    },
    time: {
      cause: "Pinterest takes events of the last 7 days that have happened already",
      nextStep: "Nothing: it can't be sent any more.",
    },
    person: {
      cause: "Pinterest found no email, and no IP address with browser, to match it by",
      nextStep: "Rebuild and send, if the order has an email now.",
    },
    hash: {
      cause: "a match key did not arrive as SHA-256",
      nextStep:
        "Send again if it was given by hand with plain values marked as hashed; else report it.",
    },
    name: {
      cause: "your ad account does not know an event of this name",
      nextStep: "Define it in Pinterest Ads Manager, then send again.",
    },
  },
} as const;

/** Why the page has no body to show. */
export const absenceTexts = {
  none: "No body was built: this event is not sent.",
  dropped: "The body was deleted on {day}. The record stays 90 days.",
  redacted: "The body was removed at the customer's request. The record stays 90 days.",
  locked:
    "The body can't be opened: the key that it was encrypted with is not among this installation's keys.",
} as const;

/** In place of products that were cut. */
export const cutLinesText =
  "the last products of this order: an event has room for 64 KiB. Value and items count all of them";

/** The fields of an event that are no match keys, by their path. */
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

/** Where a match key was found. */
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
