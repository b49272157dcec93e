import { z } from "zod";
import { boundedText } from "./bounded-text.ts";

/** The standard names of the Conversions API, version 5.28. A shop's own names go beside `custom`. */
export const EVENT_NAMES = [
  "add_payment_info",
  "add_to_cart",
  "add_to_wishlist",
  "app_install",
  "app_open",
  "checkout",
  "contact",
  "custom",
  "customize_product",
  "find_location",
  "initiate_checkout",
  "lead",
  "page_visit",
  "schedule",
  "search",
  "signup",
  "start_trial",
  "submit_application",
  "subscribe",
  "view_category",
  "view_content",
  "watch_video",
] as const;

export type EventName = (typeof EVENT_NAMES)[number];

export const ACTION_SOURCES = ["web", "offline", "app_ios", "app_android"] as const;

export type ActionSource = (typeof ACTION_SOURCES)[number];

const text = z.string().min(1);
/** An amount keeps as many digits as it was written with; only the size of the event limits them. */
const MAX_DECIMAL = 60_000;
/** Pinterest parses money from text; a JSON number would become a float on the way. */
const decimal = boundedText(MAX_DECIMAL).regex(
  /^-?(0|[1-9]\d*)(\.\d+)?$/,
  "expected a decimal string",
);
const hashes = z
  .array(boundedText(64).regex(/^[0-9a-f]{64}$/, "expected SHA-256 in hexadecimal"))
  .min(1);

/** The length of the longest address in UTF-16 units: IPv6 that ends in IPv4. */
const MAX_IP_ADDRESS = 45;
/** An IPv4 or IPv6 address as Pinterest takes it: bare, no port, no zone. */
export const ipAddress = z.union([
  boundedText(MAX_IP_ADDRESS).check(z.ipv4()),
  boundedText(MAX_IP_ADDRESS).check(z.ipv6()),
]);

/**
 * `user_data`: hashed keys are lists of SHA-256 digests, the last four are raw. Closed here, though
 * Pinterest leaves it open, so that nothing unhashed slips in under a new name.
 */
const userData = z.strictObject({
  em: hashes.optional(),
  ph: hashes.optional(),
  fn: hashes.optional(),
  ln: hashes.optional(),
  ge: hashes.optional(),
  db: hashes.optional(),
  ct: hashes.optional(),
  st: hashes.optional(),
  zp: hashes.optional(),
  country: hashes.optional(),
  external_id: hashes.optional(),
  hashed_maids: hashes.optional(),
  click_id: text.optional(),
  client_ip_address: ipAddress.optional(),
  client_user_agent: text.optional(),
  partner_id: text.optional(),
});

const content = z.strictObject({
  id: text.optional(),
  item_price: decimal.optional(),
  quantity: z.int().min(1).optional(),
  item_name: text.optional(),
  item_category: text.optional(),
  item_brand: text.optional(),
});

/** One unknown key here makes Pinterest answer 400 for the whole request of up to 1,000 events. */
const customData = z.strictObject({
  currency: boundedText(3)
    .regex(/^[A-Z]{3}$/, "expected an ISO 4217 code")
    .optional(),
  value: decimal.optional(),
  content_ids: z.array(text).min(1).optional(),
  contents: z.array(content).min(1).optional(),
  content_name: text.optional(),
  content_category: text.optional(),
  content_brand: text.optional(),
  num_items: z.int().min(0).optional(),
  order_id: text.optional(),
  search_string: text.optional(),
  opt_out_type: z.literal("LDP").optional(),
});

/**
 * An event as `POST /v5/ad_accounts/{id}/events` accepts it (specification 5.23 and 5.28). Absent
 * data is left out: Pinterest accepts null for almost none of these keys.
 */
export const conversionEvent = z.strictObject({
  event_name: text,
  action_source: z.enum(ACTION_SOURCES),
  /** Unix seconds; eleven digits would be milliseconds, which Pinterest accepts and never shows. */
  event_time: z.int().min(1_000_000_000).max(9_999_999_999),
  /** No limit is published here; 256 is the limit of Pinterest's matching endpoint. */
  event_id: text.max(256),
  event_source_url: z.string().startsWith("http").optional(),
  opt_out: z.boolean().optional(),
  partner_name: text.optional(),
  language: boundedText(2)
    .regex(/^[a-z]{2}$/, "expected two letters")
    .optional(),
  user_data: userData,
  custom_data: customData.optional(),
});

/**
 * Our limit: bytes of one event as it is sent. A thousand lines of an order take about a hundred
 * bytes each.
 */
export const MAX_EVENT_BYTES = 64 * 1024;

/** `event_name` is any text: advertiser-defined events carry a name of their own. */
export type ConversionEvent = z.infer<typeof conversionEvent>;
export type UserData = ConversionEvent["user_data"];
export type CustomData = NonNullable<ConversionEvent["custom_data"]>;
export type Content = z.infer<typeof content>;
