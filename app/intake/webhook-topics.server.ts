/** Topics that may feed a conversion event. */
const EVENT_TOPICS = [
  "orders/create",
  "orders/paid",
  "orders/cancelled",
  "checkouts/create",
  "checkouts/update",
  "customers/create",
] as const;

/** Topics about the app itself. */
export const APP_TOPICS = [
  "app/uninstalled",
  "app/scopes_update",
  "app_subscriptions/update",
] as const;

/** Shopify's three compliance topics, recorded whether or not the shop is known. */
export const COMPLIANCE_TOPICS = [
  "customers/data_request",
  "customers/redact",
  "shop/redact",
] as const;

/** Every topic that shopify.app.toml subscribes to; a test keeps the two equal. */
export const WEBHOOK_TOPICS: readonly string[] = [
  ...EVENT_TOPICS,
  ...APP_TOPICS,
  ...COMPLIANCE_TOPICS,
];

const FEEDS_EVENTS: ReadonlySet<string> = new Set(EVENT_TOPICS);

export function feedsEvents(topic: string): boolean {
  return FEEDS_EVENTS.has(topic);
}
