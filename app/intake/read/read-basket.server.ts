import { z } from "zod";
import { cleanText, meaningfulText } from "#app/events/clean-text.ts";
import type { Amount, Basket, BasketLine } from "#app/events/store-event.ts";
import { shareDecimal } from "#app/mapping/decimal.server.ts";
import { isClickIdName, readClickId } from "#app/mapping/source/find-click-id.server.ts";
import {
  amount,
  amountSet,
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

/** Shopify's own limit is 500 lines. */
const MAX_LINES = 1_000;
const MAX_TAX_LINES = 50;

const anything = z.unknown().optional();

/** Whether amounts and pieces are those that were ordered, or those that are left of them now. */
export type AmountsOf = "ordered" | "current";

/** Stands for what cannot be read, where the settings need it. */
const UNREADABLE_TAX = { price: "unreadable", price_set: undefined };
const taxLine = z
  .object({ price: amount, price_set: amountSet })
  .nullish()
  .catch(() => UNREADABLE_TAX);

const lineItem = z.object(
  {
    variant_id: optionalId,
    product_id: optionalId,
    sku: optionalText,
    quantity,
    current_quantity: anything,
    price: amount,
    price_set: amountSet,
    tax_lines: list(taxLine, MAX_TAX_LINES)
      .nullish()
      .catch(() => [UNREADABLE_TAX]),
    // Lines that are a tip have these keys, and null in them where they are not known.
    tip_payment_gateway: anything,
    tip_payment_method: anything,
  },
  { error: "expected an object" },
);

/** Fields that orders and checkouts share; checkouts have no `_set` and no `contact_email`. */
export const BASKET_FIELDS = {
  source_name: optionalText,
  currency,
  presentment_currency: optionalCurrency,
  taxes_included: optionalFlag,
  subtotal_price: amount,
  subtotal_price_set: amountSet,
  total_price: amount,
  total_price_set: amountSet,
  line_items: list(lineItem, MAX_LINES),
  landing_site: optionalText,
  // Shoppers and themes write what they like here, so its shape is looked at only where it is used.
  note_attributes: anything,
  customer_locale: optionalText,
  email: optionalText,
  contact_email: optionalText,
  phone: optionalText,
  customer: customerField,
  billing_address: addressField,
  shipping_address: addressField,
};

/** What is left of an order after it was edited; a checkout has none of them. */
export const CURRENT_FIELDS = {
  current_subtotal_price: amount,
  current_subtotal_price_set: amountSet,
  current_total_price: amount,
  current_total_price_set: amountSet,
};

const basket = z.object(BASKET_FIELDS);
const current = z.object(CURRENT_FIELDS);

type BasketBody = z.infer<typeof basket> & Partial<z.infer<typeof current>>;

export function readBasket(
  body: BasketBody,
  occurredAtSeconds: number,
  amountsOf: AmountsOf = "ordered",
): Basket {
  const presentmentCurrency = body.presentment_currency || null;
  const readTotal = (name: "subtotal_price" | "total_price") => {
    const isCurrent = amountsOf === "current" && isPresent(body[`current_${name}`]);
    const field = isCurrent ? (`current_${name}` as const) : name;
    return readAmount(body[field], body[`${field}_set`], presentmentCurrency);
  };
  return {
    sourceName: cleanText(body.source_name, MAX_NAME) ?? "unknown",
    occurredAtSeconds,
    currency: body.currency,
    presentmentCurrency,
    taxesIncluded: body.taxes_included === true,
    subtotal: readTotal("subtotal_price"),
    total: readTotal("total_price"),
    lines: body.line_items.map((line) => readLine(line, presentmentCurrency, amountsOf)),
    landingSite: cleanText(body.landing_site, MAX_TEXT),
    notedClickId: findClickId(body.note_attributes),
    locale: cleanText(body.customer_locale, MAX_NAME),
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

function readLine(
  line: Line,
  presentmentCurrency: string | null,
  amountsOf: AmountsOf,
): BasketLine {
  const { quantity: ordered, current_quantity: left } = line;
  const pieces = amountsOf === "current" && isQuantity(left) ? left : ordered;
  const taxes = readTaxes(line, presentmentCurrency);
  return {
    variantId: line.variant_id ? String(line.variant_id) : null,
    productId: line.product_id ? String(line.product_id) : null,
    sku: meaningfulText(line.sku, MAX_NAME * 3),
    quantity: pieces,
    isGoods: !TIP_KEYS.some((key) => Object.hasOwn(line, key)),
    unitPrice: readAmount(line.price, line.price_set, presentmentCurrency),
    // A line's taxes are those of all that was ordered.
    taxes: pieces === ordered ? taxes : taxes.map((tax) => shareOf(tax, pieces, ordered)),
  };
}

function readTaxes({ tax_lines: taxLines }: Line, presentmentCurrency: string | null): Amount[] {
  return (taxLines ?? []).flatMap((tax) => {
    const isNothing = !tax || !isPresent(tax.price);
    return isNothing ? [] : [readAmount(tax.price, tax.price_set, presentmentCurrency)];
  });
}

function shareOf({ shop, presentment }: Amount, pieces: number, ordered: number): Amount {
  const share = (side: string | null) =>
    side === null || ordered === 0 ? side : shareDecimal(side, pieces, ordered);
  return { shop: share(shop), presentment: share(presentment) };
}

function findClickId(noteAttributes: unknown): string | null {
  if (!Array.isArray(noteAttributes)) return null;
  const notes = noteAttributes.filter((attribute) => isClickIdName(attribute?.name));
  const values = notes.flatMap(({ value }) => (typeof value === "string" ? [value] : []));
  return values.map(readClickId).find((id) => id !== null) ?? cleanText(values[0], MAX_TEXT);
}
