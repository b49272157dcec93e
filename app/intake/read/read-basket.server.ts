import { z } from "zod";
import { cleanText, meaningfulText } from "#app/events/clean-text.ts";
import type { Amount, Basket, BasketLine } from "#app/events/store-event.ts";
import { isRefusalNote } from "#app/mapping/decide-consent.server.ts";
import { DecimalSum } from "#app/mapping/decimal.server.ts";
import { isClickIdName, pickNotedClickId } from "#app/mapping/source/find-click-id.server.ts";
import {
  amount,
  amountSet,
  anything,
  currency,
  isPresent,
  isQuantity,
  list,
  optionalCurrency,
  optionalFlag,
  optionalId,
  optionalText,
  quantity,
  readAmount,
} from "./read-fields.server.ts";
import { addressField, customerField, readShopper } from "./read-shopper.server.ts";

/** Longer than any path, key or name that Shopify makes. */
const MAX_TEXT = 2_000;
const MAX_NAME = 100;

const lineItem = z.object(
  {
    variant_id: optionalId,
    product_id: optionalId,
    sku: optionalText,
    quantity,
    current_quantity: anything,
    price: amount,
    price_set: amountSet,
    // Only some settings need the taxes, and Shopify states no maximum per line.
    tax_lines: anything,
    // Lines that are a tip have these keys, with null where the values are unknown.
    tip_payment_gateway: anything,
    tip_payment_method: anything,
  },
  { error: "expected an object" },
);

/** The fields that orders and checkouts share; checkouts have no `_set` and no `contact_email`. */
export const BASKET_FIELDS = {
  source_name: optionalText,
  currency,
  presentment_currency: optionalCurrency,
  taxes_included: optionalFlag,
  subtotal_price: amount,
  subtotal_price_set: amountSet,
  total_price: amount,
  total_price_set: amountSet,
  line_items: list(lineItem),
  landing_site: optionalText,
  // Shoppers and themes write any values here, so its shape is checked only where it is used.
  note_attributes: anything,
  customer_locale: optionalText,
  cart_token: optionalText,
  email: optionalText,
  contact_email: optionalText,
  phone: optionalText,
  customer: customerField,
  billing_address: addressField,
  shipping_address: addressField,
};

/** Printable, without spaces, and short enough for an event id of 256 characters. */
export const TOKEN = /^[\x21-\x7e]{1,200}$/;

/** Reads a token, also of a webhook that may be faulty elsewhere. */
export function readToken(token: unknown): string | null {
  return typeof token === "string" && token.length <= 200 && TOKEN.test(token) ? token : null;
}

const basket = z.object(BASKET_FIELDS);

export function readBasket(body: z.infer<typeof basket>, occurredAtSeconds: number): Basket {
  const presentmentCurrency = body.presentment_currency || null;
  const read = (shop: unknown, set: unknown) => readAmount(shop, set, presentmentCurrency);
  return {
    sourceName: cleanText(body.source_name, MAX_NAME) ?? "unknown",
    occurredAtSeconds,
    currency: body.currency,
    presentmentCurrency,
    taxesIncluded: body.taxes_included === true,
    subtotal: read(body.subtotal_price, body.subtotal_price_set),
    total: read(body.total_price, body.total_price_set),
    lines: readLines(body.line_items, presentmentCurrency),
    landingSite: cleanText(body.landing_site, MAX_TEXT),
    notedClickId: findClickId(body.note_attributes),
    isRefusalNoted: isRefusalNoted(body.note_attributes),
    locale: cleanText(body.customer_locale, MAX_NAME),
    checkoutToken: null,
    cartToken: readToken(body.cart_token),
    isReread: false,
    shopper: readShopper({
      email: body.email,
      contactEmail: body.contact_email,
      phone: body.phone,
      customer: body.customer,
      billing: body.billing_address,
      shipping: body.shipping_address,
    }),
  };
}

type Line = z.infer<typeof lineItem>;

const TIP_KEYS = ["tip_payment_gateway", "tip_payment_method"];

/**
 * More than any sale has: Shopify's checkout ends at 500 lines, each with a few taxes. A webhook of
 * 8 MiB may hold half a million of either, and a copy of each would take many times its bytes.
 * Lines and taxes beyond the limit are counted and summed, and the order is sent.
 */
const MOST_LINES = 5_000;
const MOST_TAXES = 10_000;

function readLines(items: readonly Line[], presentmentCurrency: string | null): BasketLine[] {
  const lines: BasketLine[] = [];
  let room = MOST_TAXES;
  for (const item of items.slice(0, MOST_LINES)) {
    const line = readLine(item, presentmentCurrency, room);
    room = Math.max(0, room - line.taxes.length);
    lines.push(line);
  }
  if (items.length > MOST_LINES) lines.push(sumLines(items, presentmentCurrency));
  return lines;
}

/** Sums the lines after the last kept one into one line without a product: their pieces and their taxes. */
function sumLines(items: readonly Line[], presentmentCurrency: string | null): BasketLine {
  let [quantity, quantityLeft] = [0, 0];
  let isPresented = true;
  const taxes = new AmountSum();
  for (let index = MOST_LINES; index < items.length; index += 1) {
    const item = items[index] as Line;
    const { current_quantity: left } = item;
    if (isGoods(item)) {
      quantity += item.quantity;
      quantityLeft += isQuantity(left) ? left : item.quantity;
    }
    const { presentment } = readAmount(item.price, item.price_set, presentmentCurrency);
    isPresented &&= presentment !== null;
    readTaxes(item.tax_lines, presentmentCurrency, (tax) => taxes.add(tax));
  }
  // Without a product no price is sent; a price that lacks one side decides the order's currency.
  const unitPrice = { shop: null, presentment: isPresented ? "0" : null };
  const none = { variantId: null, productId: null, sku: null };
  return { ...none, quantity, quantityLeft, isGoods: true, unitPrice, taxes: [taxes.total()] };
}

function readLine(line: Line, presentmentCurrency: string | null, mostTaxes: number): BasketLine {
  const { current_quantity: left } = line;
  return {
    variantId: line.variant_id ? String(line.variant_id) : null,
    productId: line.product_id ? String(line.product_id) : null,
    sku: meaningfulText(line.sku, MAX_NAME * 3),
    quantity: line.quantity,
    quantityLeft: isQuantity(left) ? left : null,
    isGoods: isGoods(line),
    unitPrice: readAmount(line.price, line.price_set, presentmentCurrency),
    taxes: listTaxes(line.tax_lines, presentmentCurrency, mostTaxes),
  };
}

function isGoods(line: Line): boolean {
  return !TIP_KEYS.some((key) => Object.hasOwn(line, key));
}

/** An unreadable tax: it matters only where the settings need it. */
const UNREADABLE: Amount = { shop: null, presentment: null };

/** Sums both sides; a side that any amount lacks is missing from the sum. */
class AmountSum {
  readonly #shop = new DecimalSum();
  readonly #presentment = new DecimalSum();
  #lacks = { shop: false, presentment: false };
  isEmpty = true;

  add({ shop, presentment }: Amount): void {
    this.isEmpty = false;
    if (shop === null) this.#lacks.shop = true;
    else this.#shop.add(shop);
    if (presentment === null) this.#lacks.presentment = true;
    else this.#presentment.add(presentment);
  }

  total(): Amount {
    return {
      shop: this.#lacks.shop ? null : String(this.#shop),
      presentment: this.#lacks.presentment ? null : String(this.#presentment),
    };
  }
}

/** Lists up to `most` taxes; the others are summed. */
function listTaxes(taxLines: unknown, presentmentCurrency: string | null, most: number): Amount[] {
  const taxes: Amount[] = [];
  const rest = new AmountSum();
  readTaxes(taxLines, presentmentCurrency, (tax) => {
    if (taxes.length < most) taxes.push(tax);
    else rest.add(tax);
  });
  return rest.isEmpty ? taxes : [...taxes, rest.total()];
}

/** Taxes without a price are skipped. */
function readTaxes(
  taxLines: unknown,
  presentmentCurrency: string | null,
  take: (tax: Amount) => void,
): void {
  if (taxLines === undefined || taxLines === null) return;
  // A value that is not a list counts as one unreadable tax.
  for (const tax of Array.isArray(taxLines) ? taxLines : [0]) {
    if (tax === undefined || tax === null) continue;
    if (typeof tax !== "object" || Array.isArray(tax)) take(UNREADABLE);
    else if (isPresent(tax.price)) {
      take(readAmount(tax.price, tax.price_set, presentmentCurrency));
    }
  }
}

function isRefusalNoted(noteAttributes: unknown): boolean {
  if (!Array.isArray(noteAttributes)) return false;
  return noteAttributes.some((attribute) => isRefusalNote(attribute?.name, attribute?.value));
}

function findClickId(noteAttributes: unknown): string | null {
  if (!Array.isArray(noteAttributes)) return null;
  const notes = noteAttributes.filter((attribute) => isClickIdName(attribute?.name));
  const values = notes.flatMap(({ value }) => (typeof value === "string" ? [value] : []));
  return pickNotedClickId(values);
}
