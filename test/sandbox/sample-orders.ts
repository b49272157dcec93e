import { customerOf, type Overrides, shopTime } from "./sample-customers.ts";
import { createLines, orderLine, type SampleLine, sumLines } from "./sample-lines.ts";
import { createPurse, type Purse, priceIn } from "./sample-money.ts";
import { addressOf, createPerson, type Person, placeOf } from "./sample-people.ts";
import { createRandom, jsonId, type Random } from "./sample-random.ts";

export interface OrderOptions {
  /** Past 2^53 as bigint or text; the JSON keeps every digit. */
  id: bigint | number | string;
  /** Default: from the id. */
  seed?: number;
  /** ISO alpha-2; default US. */
  country?: string;
  /** The shop's; default that of the country. */
  currency?: string;
  /** The currency that the buyer saw; default the shop's. */
  presentmentCurrency?: string;
  createdAt?: Date;
  /** Default `createdAt`; in the past for an import. */
  processedAt?: Date;
  updatedAt?: Date;
  /** `web` (default), `pos`, `shopify_draft_order`, `subscription_contract`, an app's id. */
  sourceName?: string;
  test?: boolean;
  cancelledAt?: Date;
  /** No customer, as for some guests. */
  guest?: boolean;
  /** 0 to 100. */
  discountPercent?: number;
  taxesIncluded?: boolean;
  shippingDollars?: number;
  lineCount?: number;
  /** Default: lines by the seed. */
  lines?: SampleLine[];
  financialStatus?: string;
  customerId?: bigint | number | string;
  checkoutToken?: string;
  /** Path and query of the first page of the visit; may hold `epik`. */
  landingSite?: string | null;
  person?: Person;
  /** Replaces top-level fields; undefined leaves one out of the JSON, as redaction does. */
  overrides?: Overrides;
}

interface Totals {
  items: number;
  discounts: number;
  tax: number;
  shipping: number;
  subtotal: number;
  total: number;
}

function totalsOf(lines: SampleLine[], shipping: number, taxesIncluded: boolean): Totals {
  const items = sumLines(lines, ({ unitMinor, quantity }) => unitMinor * quantity);
  const discounts = sumLines(lines, ({ discountMinor }) => discountMinor);
  const tax = sumLines(lines, ({ taxMinor }) => taxMinor);
  const subtotal = items - discounts;
  const total = subtotal + shipping + (taxesIncluded ? 0 : tax);
  return { items, discounts, tax, shipping, subtotal, total };
}

function moneyFields(totals: Totals, purse: Purse) {
  const both = (name: string, minor: number) => ({
    [name]: purse.text(minor),
    [`${name}_set`]: purse.set(minor),
  });
  return {
    current_shipping_price_set: purse.set(totals.shipping),
    ...both("current_subtotal_price", totals.subtotal),
    current_total_additional_fees_set: null,
    ...both("current_total_discounts", totals.discounts),
    current_total_duties_set: null,
    ...both("current_total_price", totals.total),
    ...both("current_total_tax", totals.tax),
    original_total_additional_fees_set: null,
    original_total_duties_set: null,
    ...both("subtotal_price", totals.subtotal),
    total_cash_rounding_payment_adjustment_set: purse.set(0),
    total_cash_rounding_refund_adjustment_set: purse.set(0),
    ...both("total_discounts", totals.discounts),
    ...both("total_line_items_price", totals.items),
    total_outstanding: purse.text(0),
    ...both("total_price", totals.total),
    total_shipping_price_set: purse.set(totals.shipping),
    ...both("total_tax", totals.tax),
    total_tip_received: purse.text(0),
  };
}

/** The browser of the till or the draft: the merchant's own machine, never the shopper's. */
const STAFF = {
  ip: "192.0.2.77",
  userAgent:
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.7777.7 Safari/537.36",
};

function originFields(options: OrderOptions, person: Person, random: Random) {
  const source = options.sourceName ?? "web";
  const isDraft = source === "shopify_draft_order";
  const isPos = source === "pos";
  const isWeb = source === "web";
  const visitor = isDraft ? STAFF : person;
  const hasClient = isWeb || isDraft;
  const client = {
    accept_language: null,
    browser_height: null,
    browser_ip: visitor.ip,
    browser_width: null,
    session_hash: null,
    user_agent: visitor.userAgent,
  };
  const landing = `/products/linen-apron?utm_source=pinterest&epik=dj0yJnU9${random.hex(24)}`;
  return {
    app_id: isWeb ? 580111 : isPos ? 129785 : 1354745,
    browser_ip: hasClient ? visitor.ip : null,
    cart_token: isWeb ? `hWN${random.hex(22)}` : null,
    checkout_token: isWeb ? (options.checkoutToken ?? random.hex(32)) : null,
    client_details: hasClient ? client : null,
    landing_site: isWeb
      ? options.landingSite === undefined
        ? landing
        : options.landingSite
      : null,
    landing_site_ref: null,
    location_id: isPos ? 655441491 : null,
    referring_site: isWeb ? "https://www.pinterest.com/" : null,
    source_identifier: null,
    source_name: source,
    source_url: null,
    user_id: isDraft || isPos ? 902541635 : null,
  };
}

function personFields(options: OrderOptions, person: Person, id: bigint, at: Date) {
  const isPos = options.sourceName === "pos";
  const address = isPos ? null : addressOf(person);
  const customerId = options.customerId ?? id + 115n;
  return {
    buyer_accepts_marketing: false,
    contact_email: person.email,
    customer_locale: isPos ? null : person.place.locale,
    email: person.email,
    phone: null,
    billing_address: address,
    shipping_address: address,
    ...(options.guest ? {} : { customer: customerOf(customerId, person, at) }),
  };
}

function stateFields(options: OrderOptions, createdAt: Date) {
  const { cancelledAt } = options;
  const isDone = cancelledAt !== undefined;
  return {
    cancel_reason: isDone ? "customer" : null,
    cancelled_at: cancelledAt ? shopTime(cancelledAt) : null,
    closed_at: null,
    confirmed: true,
    created_at: shopTime(createdAt),
    processed_at: shopTime(options.processedAt ?? createdAt),
    updated_at: shopTime(options.updatedAt ?? createdAt),
    financial_status: options.financialStatus ?? (isDone ? "voided" : "paid"),
    fulfillment_status: null,
    test: options.test ?? false,
  };
}

function fixedFields(id: bigint, random: Random) {
  const number = 1000 + Number((id + id / 1000n) % 9000n);
  const token = random.hex(32);
  return {
    id: jsonId(id),
    admin_graphql_api_id: `gid://shopify/Order/${id}`,
    confirmation_number: random.hex(9).toUpperCase(),
    device_id: null,
    duties_included: false,
    estimated_taxes: false,
    merchant_business_entity_id: "MTU0ODM4MDAwOQ",
    merchant_of_record_app_id: null,
    name: `#${number}`,
    note: null,
    note_attributes: [] as { name: string; value: string }[],
    number: number - 1000,
    order_number: number,
    order_status_url: `https://demo.example/548380009/orders/${token}/authenticate?key=${random.hex(32)}`,
    payment_gateway_names: ["shopify_payments"],
    po_number: null,
    reference: null,
    tags: "",
    tax_exempt: false,
    token,
    total_weight: 400,
    payment_terms: null,
    refunds: [],
    fulfillments: [],
    returns: [],
    line_item_groups: [],
  };
}

function shippingLine(id: bigint, minor: number, purse: Purse) {
  return {
    id: jsonId(id),
    carrier_identifier: null,
    code: "Standard",
    current_discounted_price_set: purse.set(minor),
    discounted_price: purse.text(minor),
    discounted_price_set: purse.set(minor),
    is_removed: false,
    phone: null,
    price: purse.text(minor),
    price_set: purse.set(minor),
    requested_fulfillment_service_id: null,
    source: "shopify",
    title: "Standard",
    tax_lines: [],
    discount_allocations: [],
  };
}

function discountFields(percent: number, totals: Totals, purse: Purse) {
  if (percent === 0) return { discount_codes: [], discount_applications: [] };
  const application = {
    target_type: "line_item",
    type: "discount_code",
    value: `${percent}.0`,
    value_type: "percentage",
    allocation_method: "across",
    target_selection: "all",
    code: "WELCOME",
  };
  return {
    discount_codes: [{ code: "WELCOME", amount: purse.text(totals.discounts), type: "percentage" }],
    discount_applications: [application],
  };
}

/** The body of `orders/create`, `orders/paid`, `orders/updated` and `orders/cancelled`, 2026-10. */
export function orderBody(options: OrderOptions) {
  const id = BigInt(options.id);
  const random = createRandom(options.seed ?? Number(id % 2_147_483_647n));
  const place = placeOf(options.country ?? "US");
  const person = options.person ?? createPerson(random, place);
  const currency = options.currency ?? place.currency;
  const purse = createPurse(currency, options.presentmentCurrency ?? currency);
  const { discountPercent = 0, taxesIncluded = false } = options;
  const createdAt = options.createdAt ?? new Date();
  const rules = { place, currency, discountPercent, taxesIncluded };
  const lines =
    options.lines ?? createLines(random, options.lineCount ?? random.integer(1, 4), rules);
  const isShipped = options.sourceName !== "pos";
  const shipping = isShipped ? priceIn(currency, options.shippingDollars ?? 6.5) : 0;
  const totals = totalsOf(lines, shipping, taxesIncluded);
  const taxLines = [
    {
      price: purse.text(totals.tax),
      price_set: purse.set(totals.tax),
      rate: place.taxRate,
      title: place.taxName,
      channel_liable: false,
    },
  ];
  return {
    ...fixedFields(id, random),
    ...originFields(options, person, random),
    ...stateFields(options, createdAt),
    ...personFields(options, person, id, createdAt),
    currency,
    presentment_currency: options.presentmentCurrency ?? currency,
    taxes_included: taxesIncluded,
    tax_lines: totals.tax > 0 ? taxLines : [],
    ...moneyFields(totals, purse),
    ...discountFields(discountPercent, totals, purse),
    line_items: lines.map((line, index) => orderLine(line, id + BigInt(index) + 1n, place, purse)),
    shipping_lines: isShipped ? [shippingLine(id + 99n, shipping, purse)] : [],
    ...options.overrides,
  };
}
