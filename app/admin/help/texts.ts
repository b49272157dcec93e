import type { NoticeValues } from "#app/events/notices/format-notice.ts";
import type { NoticeName } from "#app/events/notices/notices.ts";

export const CHECK_IDS = [
  "connection",
  "role",
  "limit",
  "webhooks",
  "pixel",
  "embed",
  "scopes",
  "customerData",
  "productIds",
  "clock",
  "queue",
  "quality",
] as const;

export type CheckId = (typeof CHECK_IDS)[number];

/** Texts of the page that helps to find out why Pinterest does not show sales. */
export const helpTexts = {
  title: "Help",
  check: {
    title: "Run a check",
    run: "Run a check",
    about: "Twelve checks that your sales reach Pinterest. Nothing is changed.",
    results: { ok: "OK", problem: "Problem", unknown: "Not known" },
    asking: "Asking Shopify…",
    labels: {
      connection: "Pinterest accepts our connection",
      role: "The Pinterest user may send events",
      limit: "Pinterest's request limit",
      webhooks: "Shopify reports orders to us",
      pixel: "Browser data",
      embed: "Click IDs on landing",
      scopes: "Permissions in Shopify",
      customerData: "Customer details in orders",
      productIds: "Product IDs",
      clock: "Clocks",
      queue: "Events on their way",
      quality: "What Pinterest says about the events",
    } satisfies Record<CheckId, string>,
    notConnected:
      "Connect Pinterest to start sending. Orders are already being kept, so nothing is lost.",
    connect: "Connect",
    openConnection: "Test connection",
    connected: "Connected to ad account {account}.",
    accepted: "Pinterest last accepted an event at {time}.",
    neverAccepted: "Pinterest has not accepted an event yet. Test the connection to find out more.",
    noLimit:
      "{n, plural, one {# request} other {# requests}} in 24 hours, and no limit was reached.",
    noRequests: "No request was made in 24 hours.",
    lastWebhook: "The last message came at {time}.",
    noWebhook: "No message has come yet. That is usual for a store without orders.",
    silentWebhook:
      "The last message came at {time}. That is usual for a store without orders since.",
    scopes: "Everything that Pinrelay needs was approved.",
    scopesUnknown: "Shopify did not answer. Run the check again in a minute.",
    customerData: "{n} of the last {all} purchases came with an email, a phone or a name.",
    noPurchases: "No purchases in the last 7 days to check.",
    idsConfirmed: "You confirmed the format on {date}.",
    idsUnknown: "You have not confirmed yet that the IDs are those of your Pinterest catalog.",
    openSettings: "Check the format",
    clock: "Pinrelay's clocks agree to {s} s.",
    clockOff: "Pinrelay's clocks differ by {s} s",
    clockFix:
      "Event times may be wrong. Sync the servers that run Pinrelay to the same time source (NTP).",
    queueEmpty: "Nothing waits.",
    queue: "{n, plural, one {# event waits} other {# events wait}} to be sent.",
    viewWaiting: "View waiting",
    score: "Pinterest's scores of {date} are there.",
    openQuality: "Event quality",
    noScore: "No score yet. Pinterest needs events first; we ask once a day.",
  },
  search: {
    title: "What to do when something is wrong",
    label: "What do you see?",
    help: "For example: purchases, token, paused, currency",
    none: "Nothing fits these words. Try fewer words, or clear the field to see the whole list.",
    messages: "All messages of Pinrelay",
  },
  report: {
    title: "Report for support",
    about:
      "Versions, states, counts and the last errors. It holds no personal data and no token, so you can send it to the operator of Pinrelay.",
    copy: "Copy report",
    label: "Report",
  },
} as const;

/** Symptoms in a merchant's words, and where to look. */
export const symptoms = [
  {
    id: "no-purchases",
    title: "My purchases don't show in Pinterest",
    paragraphs: [
      "Look at Home first. If the orders are counted under “accepted”, Pinterest has them, and the rest happens there.",
      "In Pinterest, events are listed under Ads Manager, Conversions, Event history. The campaign reports show only sales that Pinterest attributes to an ad, within the attribution window you chose, and they lag by up to a day.",
      "So the numbers to compare are: orders in Shopify, accepted on Home, and Pinterest's event history for the same days. Campaign reports will always be lower.",
      "An ad account reports in its own time zone, which may be another than your store's: sales near midnight fall on different days.",
    ],
  },
  {
    id: "fewer-than-orders",
    title: "Pinterest shows fewer purchases than Shopify",
    paragraphs: [
      "Some orders are not sent on purpose: test orders, orders of a total of zero, and what your rules on consent and order sources leave out. Events lists each under “Not sent”, with its reason.",
      "Orders without an email, and without the shopper's IP address and browser, can't be matched by Pinterest and are not sent.",
    ],
  },
  {
    id: "more-than-orders",
    title: "Pinterest shows more purchases than Shopify",
    paragraphs: [
      "Another app or tag may send the same sales under other IDs. The duplicate check on Event quality shows who sends what.",
    ],
  },
  {
    id: "no-browser-data",
    title: "Browser data or click IDs are missing",
    paragraphs: [
      "Home, Is it working?, says whether the web pixel and the theme embed are on, and when each last sent data.",
      "Shopify runs the web pixel only for shoppers who allow marketing, and ad blockers stop it for some: a part of the orders always comes without browser data. They are sent as your rules on consent say.",
      "The theme embed belongs to one theme. After you publish another theme, turn it on there as well.",
      "A shopper has a click ID only if they came from a Pinterest ad or Pin.",
    ],
  },
  {
    id: "wrong-value",
    title: "The value in Pinterest is not the order's total",
    paragraphs: [
      "By default the value is what Pinterest recommends: after discounts, before tax and shipping. Settings, Value, has the other choices.",
      "An ad account in another currency converts the values by its own rates.",
    ],
  },
  {
    id: "late",
    title: "Events arrive late",
    paragraphs: [
      "An event usually arrives within a minute. While Pinterest is down, or asks to slow down, events wait and are sent with the same IDs for 6 days and 20 hours.",
      "One that arrives more than an hour late counts as offline at Pinterest.",
    ],
  },
] as const;

/** The values for the blanks of a text that is not about one case. */
export const anyValue = {
  account: "the ad account",
  n: "some",
  count: "some",
  all: "all",
  h: "several",
  m: "several",
  p: "a part",
  seconds: "a few",
  date: "a certain day",
  since: "some time",
  time: "some time",
  text: "…",
  answer: "…",
  detail: "no answer",
  faults: "Some fields are not valid",
  finding: "They match none of the formats",
  reason: "see the event",
  reference: "see the page",
  who: "Someone",
  row: "another",
  tag: "the tag",
  scopes: "more permissions",
  source: "another sender",
  key: "the field",
  usual: "more",
  address: "an address",
  why: "The receiver did not take it.",
  scope: "send or read",
} as const satisfies NoticeValues<NoticeName>;
