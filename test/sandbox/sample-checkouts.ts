import { customerOf, type Overrides, shopTime } from "./sample-customers.ts";
import { checkoutLine, createLines, type SampleLine, sumLines } from "./sample-lines.ts";
import { createPurse, priceIn } from "./sample-money.ts";
import { addressOf, createPerson, type Person, placeOf } from "./sample-people.ts";
import { createRandom } from "./sample-random.ts";

export interface CheckoutOptions {
  /** The checkout's identity: since 2026-04 there is no `id`. */
  token: string;
  seed: number;
  country?: string;
  currency?: string;
  presentmentCurrency?: string;
  createdAt?: Date;
  updatedAt?: Date;
  completedAt?: Date;
  /** The shopper has entered nothing yet: no e-mail, no address. */
  early?: boolean;
  discountPercent?: number;
  taxesIncluded?: boolean;
  lineCount?: number;
  /** Default: lines by the seed. */
  lines?: SampleLine[];
  customerId?: bigint | number | string;
  person?: Person;
  overrides?: Overrides;
}

function personFields(options: CheckoutOptions, person: Person, at: Date) {
  if (options.early) {
    return { email: null, phone: null, customer_locale: null, shipping_address: [] };
  }
  const customer = options.customerId
    ? { customer: customerOf(options.customerId, person, at) }
    : {};
  return {
    email: person.email,
    phone: null,
    customer_locale: person.place.locale,
    billing_address: addressOf(person),
    shipping_address: addressOf(person),
    ...customer,
  };
}

/** The body of `checkouts/create` and `checkouts/update`, 2026-10. */
export function checkoutBody(options: CheckoutOptions) {
  const random = createRandom(options.seed);
  const place = placeOf(options.country ?? "US");
  const person = options.person ?? createPerson(random, place);
  const currency = options.currency ?? place.currency;
  const presentment = options.presentmentCurrency ?? currency;
  const purse = createPurse(currency, presentment);
  const { discountPercent = 0, taxesIncluded = false, early = false } = options;
  const createdAt = options.createdAt ?? new Date();
  const rules = { place, currency, discountPercent, taxesIncluded };
  const lines =
    options.lines ?? createLines(random, options.lineCount ?? random.integer(1, 4), rules);
  const items = sumLines(lines, ({ unitMinor, quantity }) => unitMinor * quantity);
  const discounts = sumLines(lines, ({ discountMinor }) => discountMinor);
  const tax = early ? 0 : sumLines(lines, ({ taxMinor }) => taxMinor);
  const shipping = early ? 0 : priceIn(currency, 6.5);
  const subtotal = items - discounts;
  const total = subtotal + shipping + (taxesIncluded ? 0 : tax);
  return {
    token: options.token,
    cart_token: `hWN${random.hex(22)}`,
    ...personFields(options, person, createdAt),
    gateway: null,
    buyer_accepts_marketing: false,
    buyer_accepts_sms_marketing: false,
    sms_marketing_phone: null,
    created_at: shopTime(createdAt),
    updated_at: shopTime(options.updatedAt ?? createdAt),
    completed_at: options.completedAt ? shopTime(options.completedAt) : null,
    closed_at: null,
    landing_site: `/collections/all?epik=dj0yJnU9${random.hex(24)}`,
    referring_site: "https://www.pinterest.com/",
    note: null,
    note_attributes: [],
    shipping_lines: [],
    taxes_included: taxesIncluded,
    total_weight: 400,
    currency,
    presentment_currency: presentment,
    user_id: null,
    location_id: null,
    source_identifier: null,
    source_url: null,
    device_id: null,
    source_name: "web",
    source: null,
    name: `#${options.token.slice(0, 12)}`,
    abandoned_checkout_url: `https://demo.example/548380009/checkouts/${options.token}/recover?key=${random.hex(32)}`,
    discount_codes: [],
    tax_lines: [
      { price: purse.text(tax), rate: place.taxRate, title: place.taxName, channel_liable: false },
    ],
    line_items: lines.map((line) => checkoutLine(line, random.hex(32), place, purse)),
    total_discounts: purse.text(discounts),
    total_line_items_price: purse.text(items),
    total_price: purse.text(total),
    total_tax: purse.text(tax),
    subtotal_price: purse.text(subtotal),
    total_duties: null,
    reservation_token: null,
    ...options.overrides,
  };
}
