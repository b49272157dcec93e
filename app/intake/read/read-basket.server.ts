import { z } from "zod";
import { cleanText, meaningfulText } from "#app/events/clean-text.ts";
import type { Amount, Basket, BasketLine } from "#app/events/store-event.ts";
import { isClickIdName, readClickId } from "#app/mapping/source/find-click-id.server.ts";
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
    // Only some settings need the taxes, and nobody says how many a line may have.
    tax_lines: anything,
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
  line_items: list(lineItem),
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

type Line = z.infer<typeof lineItem>;

const TIP_KEYS = ["tip_payment_gateway", "tip_payment_method"];

function readLine(line: Line, presentmentCurrency: string | null): BasketLine {
  const { current_quantity: left } = line;
  return {
    variantId: line.variant_id ? String(line.variant_id) : null,
    productId: line.product_id ? String(line.product_id) : null,
    sku: meaningfulText(line.sku, MAX_NAME * 3),
    quantity: line.quantity,
    quantityLeft: isQuantity(left) ? left : null,
    isGoods: !TIP_KEYS.some((key) => Object.hasOwn(line, key)),
    unitPrice: readAmount(line.price, line.price_set, presentmentCurrency),
    taxes: readTaxes(line.tax_lines, presentmentCurrency),
  };
}

/** Stands for a tax that cannot be read: it counts only where the settings need it. */
const UNREADABLE: Amount = { shop: null, presentment: null };

/** Taxes that say no price are none. */
function readTaxes(taxLines: unknown, presentmentCurrency: string | null): Amount[] {
  if (taxLines === undefined || taxLines === null) return [];
  if (!Array.isArray(taxLines)) return [UNREADABLE];
  const taxes: Amount[] = [];
  for (const tax of taxLines) {
    if (tax === undefined || tax === null) continue;
    if (typeof tax !== "object" || Array.isArray(tax)) taxes.push(UNREADABLE);
    else if (isPresent(tax.price)) {
      taxes.push(readAmount(tax.price, tax.price_set, presentmentCurrency));
    }
  }
  return taxes;
}

function findClickId(noteAttributes: unknown): string | null {
  if (!Array.isArray(noteAttributes)) return null;
  const notes = noteAttributes.filter((attribute) => isClickIdName(attribute?.name));
  const values = notes.flatMap(({ value }) => (typeof value === "string" ? [value] : []));
  return values.map(readClickId).find((id) => id !== null) ?? cleanText(values[0], MAX_TEXT);
}
