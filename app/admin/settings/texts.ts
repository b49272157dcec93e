import type { ConsentAnswer } from "./settings-preview.ts";

/** The Settings screen. Texts with blanks are filled on the server. */
export const settingsTexts = {
  title: "Settings",
  otherPages: "More settings",
  links: {
    connection: "Pinterest connection",
    activity: "Activity",
    privacy: "Privacy",
    billing: "Plan",
  },
  appliesTo:
    "{n, plural, =0 {Changes apply to new events only.} one {Changes apply to new events only; # waiting event keeps the old rules.} other {Changes apply to new events only; # waiting events keep the old rules.}}",
  saved: "Settings saved",
  reloaded: "Settings reloaded",
  failed: "The settings were not saved. Try again.",
  faults:
    "{n, plural, one {# setting needs another value.} other {# settings need another value.}} Nothing was saved.",
} as const;

export const eventsTexts = {
  section: {
    id: "events",
    title: "Events",
    about: "What Pinrelay sends to Pinterest. A purchase is always sent.",
  },
  paidHelp: "Unpaid orders are not sent.",
  week: "Last 7 days: {n}",
} as const;

export const valueTexts = {
  section: {
    id: "value",
    title: "Value",
    about: "The amount that Pinterest gets with each order. Amounts are never converted.",
  },
  helps: {
    subtotal_before_tax: "Recommended by Pinterest.",
    subtotal: "After discounts, before shipping. Holds the tax where your prices include it.",
    total: "With tax and shipping.",
    presentment:
      "The currency that the shopper paid in, or the store's where Shopify doesn't provide it.",
  },
  wouldSend: "Order {name} would send {value} {currency}.",
  wouldNotSend: "Order {name} has the value {value} {currency}, but would not be sent: {reason}.",
  none: "No orders yet. The value of your latest order is shown here.",
  denied:
    "Shopify does not let Pinrelay read orders, so the value of your latest one can't be shown.",
  unavailable: "Shopify did not answer, so the value of your latest order can't be shown now.",
} as const;

export const productTexts = {
  section: {
    id: "products",
    title: "Product IDs",
    about:
      "Must equal the item ID in your Pinterest catalog, or Pinterest can't tell which product was bought.",
  },
  template: "Template",
  templateLabel: "Template for product IDs",
  templateHelp: "Put {variant}, {product}, {sku} or {country} where they belong.",
  example: "{title}: {id}",
  noId: "no ID",
  preview: "IDs that your products would have",
  columnProduct: "Product",
  columnId: "ID",
  none: "No active products yet. Their IDs are shown here.",
  denied:
    "Shopify does not let Pinrelay read products yet. Open Pinrelay again and approve the permission to see your products' IDs here.",
  unavailable: "Shopify did not answer, so your products' IDs can't be shown now.",
  check: "Paste one item ID from your Pinterest catalog",
  checkButton: "Check",
  checkEmpty: "Paste an item ID first.",
  match: "Matches {format}: {title}.",
  matchOther: "Matches {format}: {title}. Your choice above is another format.",
  noMatch: "No product of your store has this ID. Tried: {tried}.",
  checkDenied: "Shopify does not let Pinrelay read products, so this can't be checked.",
  checkUnavailable: "Shopify did not answer. Check again.",
} as const;

export const sourceTexts = {
  section: {
    id: "sources",
    title: "Order sources",
    about:
      "Where an order came from decides whether it is sent, and whether as a sale on the web or offline.",
  },
  month:
    "{n, plural, =0 {No orders in 30 days} one {# order in 30 days} other {# orders in 30 days}}",
  asOther: "As other apps",
  otherHelp: "Also for a source that appears for the first time.",
} as const;

export const consentTexts = {
  section: {
    id: "consent",
    title: "Consent",
    about:
      "The rule of the shopper's country decides: shipping address, else billing address, else your store's.",
  },
  unknown:
    "A shopper's own choice in your store overrides these rules. An order with no consent on record is not sent where consent is required, and is sent elsewhere. In US states with an opt-out from the sale of data, the opt-out goes along as limited data.",
  table: "What is sent of a shopper who …",
  shopper: "In",
  answers: {
    gave: "gave consent",
    refused: "refused",
    nothing: "said nothing",
    optedOut: "opted out of the sale of data",
  } satisfies Record<ConsentAnswer, string>,
  ends: { sent: "Sent", limited: "Sent as limited data", not_sent: "Nothing is sent" },
  asking: "…",
  unitedStates: "United States",
  add: "Add a country",
  addLabel: "Country code",
  addHelp: "Two letters, as in US or BR.",
  addFault: "Enter a country code of two letters that is not listed yet.",
  addButton: "Add",
  remove: "Remove",
  removeLabel: "Remove the rule for {name}",
  wouldNotSend:
    "With these rules {refused, number} of the last {orders, plural, one {# order} other {# orders}} would not be sent.",
  unknownOrders:
    "{n, plural, one {# more order can't be checked because its country isn't stored.} other {# more orders can't be checked because their countries aren't stored.}}",
  none: "No orders of the last 30 days to try these rules on.",
  askTitle: "Send without marketing consent?",
  ask: "Where you no longer require consent, an order with no consent on record is sent. Whether the law of these countries allows that is your decision as the merchant.",
  askLink: "Customer privacy settings (opens Shopify)",
  askSave: "Save",
  askCancel: "Cancel",
} as const;

export const timingTexts = {
  section: {
    id: "timing",
    title: "Timing and cleanup",
    about: "How long an order waits for the browser, and which orders are left out.",
  },
} as const;

export const alertTexts = {
  section: {
    id: "alerts",
    title: "Alerts",
    about: "Who gets a message when something breaks, and when it works again.",
  },
  when: "These addresses get a message when what you choose below begins, and one when it ends; also when another sender is seen, and when a privacy request is late. Home shows all of it.",
  choose: "Send a message when",
  test: "Send a test alert",
  saveFirst: "Save your changes first.",
  nobody: "Save an address first.",
  reached: {
    webhook: "{name} took the test alert.",
    slack: "Slack ({name}) took the test alert.",
    email: "The mail server took the test alert for {name}.",
  },
} as const;

/** The fault of a product ID that is right by itself. */
export const noCountryFault =
  "We don't know this shop's country yet. Reload this page, or leave {country} out";

export const conflictTexts = {
  titleNoTime: "{who} saved other changes",
  theirs: "What {who} changed",
  change: "{label}: {before} → {after}",
  notKept: "What changed is not kept for that version.",
  reload: "Reload",
  review: "Review both",
  reviewing:
    "Both are in the form now: what they saved, and your changes on top. Nothing is saved yet.",
} as const;
