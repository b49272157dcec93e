/** What becomes of one piece of data. */
export interface DataMapEntry {
  /** As Pinterest names it, with its place in the event; null: no part of an event. */
  key: string | null;
  field: string;
  from: string;
  kept: string;
  sent: string;
  why: string;
}

const ORDER = "order, checkout, sign-up, web pixel";
const BROWSER = "web pixel, else the order in the online store";
const HASHED = "hash only, encrypted";
const ENCRYPTED = "encrypted";
const CLEAR = "as is";
const SENT_HASH = "as a hash";
const SENT = "as is";
const MATCHING = "finds the Pinterest user who bought";
const NEVER_FILLED = "events sent by hand";
const PRODUCT = "lets Pinterest name the product";

const hashed = (key: string, field: string, from = ORDER): DataMapEntry => ({
  key: `user_data.${key}`,
  field,
  from,
  kept: HASHED,
  sent: SENT_HASH,
  why: MATCHING,
});

const raw = (key: string, field: string, from: string, why: string): DataMapEntry => ({
  key,
  field,
  from,
  kept: ENCRYPTED,
  sent: SENT,
  why,
});

const plain = (key: string, field: string, from: string, why: string): DataMapEntry => ({
  key,
  field,
  from,
  kept: CLEAR,
  sent: SENT,
  why,
});

/**
 * Every key of an event, where it comes from and what becomes of it; a test holds it against the
 * closed schema of the events. Then what comes with the same messages and is in no event.
 */
export const dataMap: readonly DataMapEntry[] = [
  hashed("em", "Email"),
  hashed("ph", "Phone"),
  hashed("fn", "First name"),
  hashed("ln", "Last name"),
  hashed("ct", "City"),
  hashed("st", "State or province"),
  hashed("zp", "Postal code"),
  hashed("country", "Country"),
  hashed("external_id", "Customer ID, browser's ID", "order, sign-up, web pixel"),
  hashed("ge", "Gender", NEVER_FILLED),
  hashed("db", "Date of birth", NEVER_FILLED),
  hashed("hashed_maids", "Mobile advertising ID", NEVER_FILLED),
  raw("user_data.client_ip_address", "IP address", BROWSER, MATCHING),
  raw("user_data.client_user_agent", "Browser (user agent)", BROWSER, MATCHING),
  raw(
    "user_data.click_id",
    "Pinterest click ID",
    "theme embed, web pixel, landing page, order note",
    MATCHING,
  ),
  raw("user_data.partner_id", "Partner's ID", NEVER_FILLED, MATCHING),
  plain("event_id", "Event ID", "browser, else order number", "counts each event once"),
  plain("event_name", "Kind of event", "what happened", "says what happened"),
  plain("event_time", "Time", ORDER, "says when it happened"),
  plain("action_source", "Where it happened", "sales channel", "tells web from store"),
  raw(
    "event_source_url",
    "Page address",
    "web pixel, else the order, without its query",
    "required for web events",
  ),
  raw("language", "Language", "order, web pixel", "says in which language it was bought"),
  raw("opt_out", "Opt-out", "events sent by hand", "keeps an event out of advertising"),
  raw("partner_name", "Name of this app", "Pinrelay", "tells Pinterest who sent it"),
  plain("custom_data.value", "Value", "order", "reports sales"),
  plain("custom_data.currency", "Currency", "order", "reports sales"),
  plain("custom_data.order_id", "Order ID", "order", "counts each order once"),
  raw("custom_data.num_items", "Number of items", "order", "reports sales"),
  raw("custom_data.content_ids", "Product IDs", "order", "matches your catalog"),
  raw("custom_data.contents", "Products", "order", "matches your catalog"),
  raw("custom_data.contents.id", "Product ID", "order", "matches your catalog"),
  raw("custom_data.contents.item_price", "Price of a product", "order", "reports sales"),
  raw("custom_data.contents.quantity", "Quantity of a product", "order", "reports sales"),
  raw("custom_data.contents.item_name", "Name of a product", NEVER_FILLED, PRODUCT),
  raw("custom_data.contents.item_category", "Category of a product", NEVER_FILLED, PRODUCT),
  raw("custom_data.contents.item_brand", "Brand of a product", NEVER_FILLED, PRODUCT),
  raw("custom_data.content_name", "Page or product name", NEVER_FILLED, PRODUCT),
  raw("custom_data.content_category", "Page category", NEVER_FILLED, PRODUCT),
  raw("custom_data.content_brand", "Brand", NEVER_FILLED, PRODUCT),
  raw(
    "custom_data.search_string",
    "Search words",
    "web pixel, search in the store",
    "says what was looked for",
  ),
  raw(
    "custom_data.opt_out_type",
    "Limited data use",
    "web pixel, opt-out of the sale of data",
    "limits use",
  ),
  {
    key: null,
    field: "Street, company, notes, line properties",
    from: ORDER,
    kept: "not kept",
    sent: "no",
    why: "never read",
  },
  {
    key: null,
    field: "Consent decision",
    from: "the shopper's choice, else your rules for their region",
    kept: CLEAR,
    sent: "no",
    why: "shows why an event was sent or not",
  },
  {
    key: null,
    field: "Browser data of a checkout or a sign-up form",
    from: "web pixel, theme embed",
    kept: "encrypted, 30 days",
    sent: "with the order or the sign-up",
    why: "joins them to the browser that made them",
  },
  {
    key: null,
    field: "Click ID in the shopper's browser",
    from: "theme embed, web pixel",
    kept: "in their browser (_pinrelay_epik), one year",
    sent: "with what they buy",
    why: "an order may come weeks after the ad",
  },
  {
    key: null,
    field: "A refusal of marketing",
    from: "theme embed, web pixel",
    kept: "in the cart, and here",
    sent: "no",
    why: "nothing of this shopper is sent",
  },
  {
    key: null,
    field: "Other Pinterest tags in your pages",
    from: "theme embed",
    kept: CLEAR,
    sent: "no",
    why: "the duplicate check",
  },
  {
    key: null,
    field: "Requests of Shopify about a customer",
    from: "Shopify",
    kept: ENCRYPTED,
    sent: "no",
    why: "kept until done; the record without names, 2 years",
  },
];
