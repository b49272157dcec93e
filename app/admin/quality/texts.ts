export const qualityTexts = {
  title: "Event quality",
  subject: "event quality scores",
  periods: { "1d": "1 day", "14d": "14 days" },
  duplicates: "Duplicate check",
  key: "Key",
  low: "Low",
  notScored: "Not scored",
  none: "–",
  pinterest: {
    title: "Pinterest's score",
    from: "From Pinterest",
    text: "Pinterest counts everything it got, from us and from others. Phone, name and place are not scored by Pinterest.",
    caption: "{platform}, {source}",
    overlap: "{coverage} ({overlap} overlap)",
    notEnough: "not enough events",
    empty: "There is no score yet",
    emptyText: "Pinterest needs events first; we ask once a day.",
    stale:
      "These scores are older than two days. Pinterest is asked once a day and has not answered.",
    issues: "What Pinterest says is wrong",
    issueWhere: "{kind}, {key}",
  },
  own: {
    title: "From our own records, 14 days",
    caption: "Match keys of what Pinterest accepted from Pinrelay",
    text: "Share of the events that carried each key. Name counts with a first or last name; place with a city, state, postal code or country.",
    total: "{n, plural, one {# event} other {# events}}",
    none: "Pinterest accepted no events in this time.",
    capped: "Counted over the last {n} events, back to {day}.",
    since: "Counted over everything since {day}.",
    failed: "These could not be counted in time. Open the page again in a minute.",
    columns: {
      em: "Email",
      ph: "Phone",
      name: "Name",
      place: "Place",
      click_id: "Click ID",
      external_id: "External ID",
      client_ip_address: "IP",
      client_user_agent: "Browser",
    },
  },
  advice: {
    title: "How to raise it",
    fine: "No share is low enough to need advice.",
    unknown: "Advice appears once purchases have been sent.",
    finding: "{key}: {share} of purchases ({source})",
    fromPinterest: "Pinterest's score",
    fromUs: "our own records",
  },
} as const;

/** Pinterest's platforms, ways in and words; others are shown as they are. */
export const platformWords = {
  WEB: "Web",
  MOBILE: "Mobile",
  MOBILE_ANDROID: "Android",
  MOBILE_IOS: "iOS",
  OFFLINE: "Offline",
  PINTEREST_WEB: "Pinterest on the web",
  PINTEREST_ANDROID: "Pinterest on Android",
  PINTEREST_IOS: "Pinterest on iOS",
  POINT_OF_SALE: "Point of Sale",
} as const satisfies Record<string, string>;

export const ingestionWords = {
  CONVERSIONS_API: "sent by us",
  TAG: "tag",
  MMP: "measurement partner",
  FILE_UPLOAD: "file upload",
  NATIVE: "Pinterest itself",
} as const satisfies Record<string, string>;

export const overallWords = {
  GOOD: { word: "Good", tone: "success" },
  FAIR: { word: "Fair", tone: "attention" },
  NEEDS_IMPROVEMENT: { word: "Needs work", tone: "warning" },
} as const satisfies Record<string, { word: string; tone: "success" | "attention" | "warning" }>;

/**
 * What Pinterest scores, in the order of the table; the last two are shown where they are scored.
 */
export const componentWords = {
  hashed_email: "Email",
  click_id_epik: "Click ID",
  advertiser_external_id: "External ID",
  ip_address: "IP",
  user_agent: "Browser",
  external_event_id: "Event ID (overlap)",
  product_id: "Product",
  order_id: "Order",
  order_value: "Value",
  source_url: "Page address",
  hashed_maid: "Device ID",
} as const satisfies Record<string, string>;

/** Shown whether they are scored or not. */
export const ALWAYS_SHOWN: readonly (keyof typeof componentWords)[] = [
  "hashed_email",
  "click_id_epik",
  "advertiser_external_id",
  "ip_address",
  "user_agent",
  "external_event_id",
  "product_id",
  "order_id",
  "order_value",
];

interface Advice {
  /** Pinterest's component. */
  component: string;
  /** Our own match key for it; null where our records have none. */
  key: "em" | "click_id" | "external_id" | "client_ip_address" | "client_user_agent" | null;
  /** The advice is shown for a share below this percentage. */
  below: number;
  cause: string;
  action: { label: string; url: string } | null;
}

const HELP = { label: "Open Help", url: "/app/help" };
const BROWSER_DATA = { label: "Check browser data", url: "/app/help" };

/** Causes that we can see, and what helps. Nothing here promises a result. */
export const adviceTable: readonly Advice[] = [
  {
    component: "click_id_epik",
    key: "click_id",
    below: 50,
    cause:
      "Pinterest adds a click ID to the address of the page on which a shopper lands. The theme embed keeps it from there, and the web pixel sends it with the checkout; otherwise it is known only if the order itself carries it. A shopper who comes from elsewhere has none.",
    action: BROWSER_DATA,
  },
  {
    component: "hashed_email",
    key: "em",
    below: 90,
    cause:
      "Orders arrive without an email where Shopify does not share customer details with this app, or the shopper gave only a phone number. Approval for protected customer data is with the app's developer.",
    action: HELP,
  },
  {
    component: "ip_address",
    key: "client_ip_address",
    below: 90,
    cause:
      "Only a browser has an IP address: Point of Sale, draft and subscription orders have none by design. For orders of the online store it comes from the web pixel, or else from the order itself.",
    action: BROWSER_DATA,
  },
  {
    component: "user_agent",
    key: "client_user_agent",
    below: 90,
    cause:
      "Only a browser has a user agent: Point of Sale, draft and subscription orders have none by design. For orders of the online store it comes from the web pixel, or else from the order itself.",
    action: BROWSER_DATA,
  },
  {
    component: "advertiser_external_id",
    key: "external_id",
    below: 90,
    cause:
      "Orders of customers with an account carry their ID. For guests the web pixel sends their browser's ID, if they consent to it.",
    action: BROWSER_DATA,
  },
  {
    component: "product_id",
    key: null,
    below: 95,
    cause: "Products without an ID in the chosen format are left out of the event.",
    action: { label: "Check the product ID format", url: "/app/settings" },
  },
  {
    component: "order_id",
    key: null,
    below: 99,
    cause:
      "Every purchase that Pinrelay sends carries its order ID, so others may send purchases without one.",
    action: HELP,
  },
  {
    component: "order_value",
    key: null,
    below: 99,
    cause:
      "Every purchase that Pinrelay sends carries its value, so others may send purchases without one.",
    action: HELP,
  },
];
