import type { Region } from "./country.ts";
import { lookUp } from "./look-up.ts";

type Section =
  | "events"
  | "value"
  | "products"
  | "sources"
  | "consent"
  | "timing"
  | "alerts"
  | "privacy";

export interface Setting {
  /** Its section on the page Settings; `privacy`: on the page Customer data. */
  section: Section;
  /** Its name in Activity, in a terminal and in the docs. */
  name: string;
  /** The words for each value, by value. A setting without them accepts a number or text. */
  values?: Readonly<Record<string, string>>;
  /** The whole numbers that it accepts. */
  range?: readonly [least: number, most: number];
  /** A value with its unit, as an ICU message. */
  unit?: string;
  /** It accepts several values: lines of a form, comma-separated parts in a terminal. */
  isList?: true;
  /** The value for a shop that never chose one. */
  default?: string | number | readonly string[];
  /** The label and help of its field, where the page needs nothing more. */
  field?: { label: string; help?: string };
  /** What to enter instead of a wrong value, shown below the field. */
  fault: string;
  /** The page previews its effect on the store's own orders and products. */
  hasPreview: boolean;
}

const ON_OFF = { on: "On", off: "Off" } as const;
const SEND_OR_SKIP = { skip: "don't send", send: "send" } as const;
const LISTED = "Choose one of the listed values";

const optionalEvent = <Name extends string>(name: Name) =>
  ({
    section: "events",
    name,
    values: ON_OFF,
    default: "on",
    field: { label: name },
    fault: LISTED,
    hasPreview: false,
  }) as const;

const alertChoice = (name: string, isOn: boolean, label: string, help: string) =>
  ({
    section: "alerts",
    name,
    values: ON_OFF,
    default: isOn ? "on" : "off",
    field: { label, help },
    fault: LISTED,
    hasPreview: false,
  }) as const;

const cleanup = (name: string, label: string, help: string) =>
  ({
    section: "timing",
    name,
    values: SEND_OR_SKIP,
    default: "skip",
    field: { label, help },
    fault: LISTED,
    hasPreview: true,
  }) as const;

/**
 * Every setting of a shop, in the order in which Activity lists them. The schema takes defaults and
 * ranges from here; the page, the words of Activity, faults, `pinrelay shop set --help` and
 * docs/settings.md are made from it. `source` and `consent` stand for every `source.<name>` and
 * `consent.<region>`.
 */
export const SETTINGS = {
  purchase_trigger: {
    section: "events",
    name: "Purchase is sent when the order is",
    values: { order_created: "created", order_paid: "paid" },
    default: "order_created",
    fault: LISTED,
    hasPreview: true,
  },
  "events.initiate_checkout": optionalEvent("Checkout started"),
  "events.signup": optionalEvent("Sign-up"),
  signup_from: {
    section: "events",
    name: "Who counts as a sign-up",
    values: {
      no_checkout: "new customers without a purchase or checkout",
      account: "only new customers with an account",
      any_customer: "every new customer",
    },
    default: "no_checkout",
    field: {
      label: "Who counts as a sign-up",
      help: "Shopify makes a customer of every guest who buys. A new customer without an account waits 30 minutes, and is left out if a purchase or checkout comes with them.",
    },
    fault: LISTED,
    hasPreview: true,
  },
  "events.add_payment_info": optionalEvent("Payment info added"),
  "events.page_visit": optionalEvent("Page view"),
  "events.view_category": optionalEvent("Category view"),
  "events.search": optionalEvent("Search"),
  "events.add_to_cart": optionalEvent("Added to cart"),
  pixel_fallback: {
    section: "events",
    name: "Purchases that only the browser reported",
    values: ON_OFF,
    default: "on",
    field: {
      label: "Send purchases that only the browser reported",
      help: "After 15 minutes, and only when Shopify confirms the order.",
    },
    fault: LISTED,
    hasPreview: false,
  },
  value_basis: {
    section: "value",
    name: "Value",
    values: {
      subtotal_before_tax: "subtotal after discounts, before tax and shipping",
      subtotal: "subtotal",
      total: "total",
    },
    default: "subtotal_before_tax",
    field: { label: "Value of an order", help: "Amounts are never converted." },
    fault: LISTED,
    hasPreview: true,
  },
  currency_basis: {
    section: "value",
    name: "Currency",
    values: { shop: "store currency", presentment: "shopper's currency" },
    default: "shop",
    fault: LISTED,
    hasPreview: true,
  },
  product_id: {
    section: "products",
    name: "Product ID",
    values: { variant: "Variant ID", product: "Product ID", sku: "SKU" },
    default: "variant",
    fault: "Use {variant}, {product}, {sku} or {country} in the template, and no others",
    hasPreview: true,
  },
  test_orders: cleanup(
    "Test orders",
    "Don't send test orders",
    "Orders paid with a test gateway. Sent, they would count as sales.",
  ),
  zero_total_orders: cleanup(
    "Orders with a total of zero",
    "Don't send orders with a total of zero",
    "Replacements and free samples, as a rule.",
  ),
  cancelled_orders: cleanup(
    "Orders canceled before sending",
    "Don't send orders canceled before sending",
    "An order that was sent before it is canceled stays with Pinterest.",
  ),
  hold_seconds: {
    section: "timing",
    name: "Hold time",
    range: [0, 600],
    unit: "{n} s",
    default: 30,
    field: {
      label: "Hold time (seconds)",
      help: "An order from the Online Store whose browser was seen waits this long for the rest of its browser data, which lets Pinterest match and deduplicate it. 0 sends at once.",
    },
    fault: "Enter a whole number from 0 to 600",
    hasPreview: false,
  },
  payload_days: {
    section: "privacy",
    name: "Keep event payloads",
    range: [1, 30],
    unit: "{n, plural, one {# day} other {# days}}",
    default: 9,
    fault: "Enter a whole number from 1 to 30",
    hasPreview: false,
  },
  alert_emails: {
    section: "alerts",
    name: "Alert email addresses",
    isList: true,
    default: [],
    field: { label: "Email addresses", help: "One on each line, 20 at most." },
    fault: "Enter email addresses, one on each line, 20 at most",
    hasPreview: false,
  },
  alert_webhook_url: {
    section: "alerts",
    name: "Alert webhook addresses",
    isList: true,
    default: [],
    field: {
      label: "Webhook addresses",
      help: "One on each line, 5 at most, starting with https://. Slack's get Slack's form.",
    },
    fault: "Enter addresses that start with https://, one on each line, 5 at most",
    hasPreview: false,
  },
  alert_connection: alertChoice(
    "Alerts of the connection",
    true,
    "The connection stops",
    "Pinterest refuses it, or its sign-in ends within a week.",
  ),
  alert_late: alertChoice(
    "Alerts of late events",
    true,
    "Events are late",
    "They wait for over 30 minutes, or run out within a day.",
  ),
  alert_refused: alertChoice(
    "Alerts of refused events",
    true,
    "Pinterest refuses many events",
    "Over 5% in an hour, or half of the few in a day.",
  ),
  alert_orders: alertChoice(
    "Alerts of missing orders",
    true,
    "Orders stop or drop",
    "In 3 hours far fewer came than in the same hours of earlier weeks, or Shopify's orders can't be checked.",
  ),
  alert_daily: alertChoice(
    "Daily summary",
    false,
    "Daily summary",
    "Each morning at 8: what became of yesterday's events, and what needs you.",
  ),
  source: {
    section: "sources",
    name: "Orders from {name}",
    values: { send: "send", offline: "send as offline", skip: "don't send" },
    field: {
      label: "Orders from {name}",
      help: "Each is sent as a sale on the web or offline, or not.",
    },
    fault: LISTED,
    hasPreview: true,
  },
  consent: {
    section: "consent",
    name: "Consent in {name}",
    values: {
      require: "send only with marketing consent",
      respect: "send unless the shopper declined",
    },
    field: {
      label: "Consent in {name}",
      help: "An order with no consent on record is not sent where consent is required.",
    },
    fault: LISTED,
    hasPreview: true,
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof SETTINGS;

/** The value of each open key for a shop that never chose one. */
export const OPEN_DEFAULTS = {
  "source.web": "send",
  "source.pos": "offline",
  "source.other": "send",
  "consent.EU": "require",
  "consent.GB": "require",
  "consent.CH": "require",
  "consent.default": "respect",
} as const;

/** The regions with a rule of their own, as they stand in a sentence. */
export const REGION_NAMES = {
  EU: "the European Union and EEA",
  GB: "the United Kingdom",
  CH: "Switzerland",
  default: "all other countries",
} as const satisfies Record<Region | "default", string>;

/** Lists the values of a setting as a form offers them. */
export function listChoices(name: SettingName): { value: string; label: string }[] {
  const { values = {} }: Setting = SETTINGS[name];
  return Object.entries(values).map(([value, words]) => ({ value, label: capitalise(words) }));
}

/** Makes a label of words that stand in a sentence. */
export function capitalise(words: string): string {
  const text = words.replace(/^the /, "");
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

/** Finds the setting of a stored name, or the family that it belongs to; undefined when unknown. */
export function findSetting(name: string): Setting | undefined {
  const [family = ""] = name.split(".");
  return lookUp<Setting>(SETTINGS, name) ?? lookUp<Setting>(SETTINGS, family);
}

/** Lists the settings of a section whose fields need only a label and a line of help. */
export function fieldsIn(section: Section): { name: string; label: string; help: string }[] {
  return Object.entries<Setting>(SETTINGS).flatMap(([name, setting]) =>
    setting.section === section && setting.field !== undefined
      ? [{ name, label: setting.field.label, help: setting.field.help ?? "" }]
      : [],
  );
}
