import { z } from "zod";
import { cleanText } from "#app/events/clean-text.ts";
import type { Basket, BasketLine } from "#app/events/store-event.ts";
import { isClickIdName, readClickId } from "#app/mapping/source/find-click-id.server.ts";
import {
  amountSet,
  currency,
  list,
  money,
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

const taxLine = z.object({ price: money, price_set: amountSet }, { error: "expected an object" });

const lineItem = z.object(
  {
    variant_id: optionalId,
    product_id: optionalId,
    sku: optionalText,
    quantity,
    price: money,
    price_set: amountSet,
    tax_lines: list(taxLine, MAX_TAX_LINES).nullish(),
  },
  { error: "expected an object" },
);

/** Fields that orders and checkouts share; checkouts have no `_set` and no `contact_email`. */
export const BASKET_FIELDS = {
  source_name: optionalText,
  currency,
  presentment_currency: optionalCurrency,
  taxes_included: optionalFlag,
  subtotal_price: money,
  subtotal_price_set: amountSet,
  total_price: money,
  total_price_set: amountSet,
  line_items: list(lineItem, MAX_LINES),
  landing_site: optionalText,
  // Shoppers and themes write what they like here, so its shape is looked at only where it is used.
  note_attributes: z.unknown().optional(),
  customer_locale: optionalText,
  email: optionalText,
  contact_email: optionalText,
  phone: optionalText,
  customer: customerField,
  billing_address: addressField,
  shipping_address: addressField,
};

const basket = z.object(BASKET_FIELDS);

export function readBasket(body: z.infer<typeof basket>, occurredAtSeconds: number): Basket {
  const presentmentCurrency = body.presentment_currency || null;
  return {
    sourceName: cleanText(body.source_name, MAX_NAME) ?? "unknown",
    occurredAtSeconds,
    currency: body.currency,
    presentmentCurrency,
    taxesIncluded: body.taxes_included === true,
    subtotal: readAmount(body.subtotal_price, body.subtotal_price_set, presentmentCurrency),
    total: readAmount(body.total_price, body.total_price_set, presentmentCurrency),
    lines: body.line_items.map((line) => readLine(line, presentmentCurrency)),
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

function readLine(line: z.infer<typeof lineItem>, presentmentCurrency: string | null): BasketLine {
  return {
    variantId: line.variant_id ? String(line.variant_id) : null,
    productId: line.product_id ? String(line.product_id) : null,
    sku: cleanText(line.sku, MAX_NAME * 3),
    quantity: line.quantity,
    unitPrice: readAmount(line.price, line.price_set, presentmentCurrency),
    taxes: (line.tax_lines ?? []).map((tax) =>
      readAmount(tax.price, tax.price_set, presentmentCurrency),
    ),
  };
}

function findClickId(noteAttributes: unknown): string | null {
  if (!Array.isArray(noteAttributes)) return null;
  const notes = noteAttributes.filter((attribute) => isClickIdName(attribute?.name));
  const values = notes.flatMap(({ value }) => (typeof value === "string" ? [value] : []));
  return values.map(readClickId).find((id) => id !== null) ?? cleanText(values[0], MAX_TEXT);
}
