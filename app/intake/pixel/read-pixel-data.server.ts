import { z } from "zod";
import type {
  BrowserCheckout,
  BrowserItem,
  CustomFields,
  PageReport,
} from "#app/events/browser-event.ts";
import { cleanText, meaningfulText } from "#app/events/clean-text.ts";
import { readCountry } from "#app/events/country.ts";
import type { Address } from "#app/events/store-event.ts";
import {
  longText,
  optionalAmount,
  optionalFlag,
  optionalId,
  optionalList,
  optionalObject,
  readAmount,
  readCurrency,
  readNumericId,
  readQuantity,
  readWritten,
  shortText,
  writtenText,
} from "./read-pixel-fields.server.ts";

/** Longer than any name or title that is worth sending. */
const MAX_NAME = 500;
/** A body of 32 KiB holds no more lines of a cart. */
const MOST_LINES = 500;
/** More tags than any page has; each is a row of the shop's. */
const MOST_TAGS = 5;

const money = optionalObject({ amount: optionalAmount, currencyCode: shortText });

const variant = optionalObject({
  id: optionalId,
  sku: shortText,
  title: longText,
  price: money,
  product: optionalObject({ id: optionalId, title: longText, vendor: longText, type: longText }),
});

const variants = optionalList(variant, MOST_LINES);

const line = z.object(
  {
    quantity: optionalAmount,
    merchandise: variant,
    cost: optionalObject({ totalAmount: money }),
    variant,
    finalLinePrice: money,
  },
  "expected an object",
);

const address = optionalObject({
  firstName: longText,
  lastName: longText,
  city: longText,
  provinceCode: shortText,
  zip: shortText,
  countryCode: shortText,
  phone: shortText,
});

const checkout = optionalObject({
  token: shortText,
  email: longText,
  phone: shortText,
  currencyCode: shortText,
  subtotalPrice: money,
  totalPrice: money,
  billingAddress: address,
  shippingAddress: address,
  lineItems: optionalList(line, MOST_LINES),
  order: optionalObject({ id: optionalId, customer: optionalObject({ id: optionalId }) }),
});

/**
 * A value of another type counts as none here: the page may mean something of its own by the name,
 * and its event stays.
 */
const own = {
  text: shortText.catch(null),
  longText: longText.catch(null),
  written: writtenText.catch(null),
  id: optionalId.catch(null),
  amount: optionalAmount.catch(null),
  flag: optionalFlag.catch(null),
};
const ids = z.union([optionalList(own.id, MOST_LINES), optionalId]).catch(null);

/** What a page gives with an event of its own, by the names of a task's input and in either spelling. */
export const customData = optionalObject({
  value: own.amount,
  currency: own.text,
  orderId: own.id,
  order_id: own.id,
  orderQuantity: own.amount,
  order_quantity: own.amount,
  productId: own.id,
  product_id: own.id,
  productIds: ids,
  product_ids: ids,
  searchString: own.written,
  search_string: own.written,
  contentName: own.written,
  content_name: own.written,
  contentCategory: own.written,
  content_category: own.written,
  contentBrand: own.written,
  content_brand: own.written,
  email: own.longText,
  email_digest: own.text,
  phone: own.written,
  tags: optionalList(own.id, 50).catch(null),
  shares_ids: own.flag,
  cookie: own.flag,
}).catch(null);

export const eventData = optionalObject({
  productVariant: variant,
  collection: optionalObject({ id: optionalId, title: longText, productVariants: variants }),
  searchResult: optionalObject({ query: longText, productVariants: variants }),
  cartLine: line.nullable().optional(),
  cart: optionalObject({ id: longText }),
  checkout,
});

type Variant = z.infer<typeof variant>;
type Line = z.infer<typeof line>;
export type Checkout = NonNullable<z.infer<typeof checkout>>;
type CustomData = NonNullable<z.infer<typeof customData>>;

/** The product of a page, one piece of it. */
export function readItem(given: Variant): BrowserItem {
  const { product } = given ?? {};
  return {
    variantId: readNumericId(given?.id),
    productId: readNumericId(product?.id),
    sku: meaningfulText(given?.sku, MAX_NAME),
    name: meaningfulText(product?.title, MAX_NAME),
    category: meaningfulText(product?.type, MAX_NAME),
    brand: meaningfulText(product?.vendor, MAX_NAME),
    unitPrice: readAmount(given?.price?.amount),
    linePrice: null,
    currency: readCurrency(given?.price?.currencyCode),
    quantity: 1,
  };
}

/** More than a page shows before somebody scrolls on. */
const MOST_LISTED = 100;

export function readItems(given: readonly Variant[] | null | undefined): BrowserItem[] {
  return (given ?? []).slice(0, MOST_LISTED).map(readItem);
}

export function readLine(given: Line): BrowserItem {
  const item = readItem(given.merchandise ?? given.variant);
  const total = given.cost?.totalAmount ?? given.finalLinePrice;
  return {
    ...item,
    linePrice: readAmount(total?.amount),
    currency: item.currency ?? readCurrency(total?.currencyCode),
    quantity: readQuantity(given.quantity) ?? 1,
  };
}

export function readCheckout(given: Checkout): BrowserCheckout {
  const { currencyCode, subtotalPrice, totalPrice, email, phone } = given;
  return {
    currency: readCurrency(currencyCode ?? totalPrice?.currencyCode ?? subtotalPrice?.currencyCode),
    subtotal: readAmount(subtotalPrice?.amount),
    total: readAmount(totalPrice?.amount),
    items: (given.lineItems ?? []).map(readLine),
    shopper: {
      customerId: readNumericId(given.order?.customer?.id),
      firstName: null,
      lastName: null,
      emails: email ? [{ value: email, from: "order" }] : [],
      phones: phone ? [{ value: phone, from: "order" }] : [],
      billing: readAddress(given.billingAddress),
      shipping: readAddress(given.shippingAddress),
      home: null,
    },
  };
}

function readAddress(given: z.infer<typeof address>): Address | null {
  if (!given) return null;
  return {
    firstName: given.firstName || null,
    lastName: given.lastName || null,
    city: given.city || null,
    provinceCode: given.provinceCode || null,
    zip: given.zip || null,
    countryCode: readCountry(given.countryCode),
    phone: given.phone || null,
  };
}

export function readCustomFields(given: CustomData): CustomFields {
  const one = given.productId ?? given.product_id;
  const ids = given.productIds ?? given.product_ids ?? one ?? [];
  return {
    value: readAmount(given.value),
    currency: readCurrency(given.currency),
    orderId: readShort(given.orderId ?? given.order_id),
    productIds: [ids].flat().flatMap((id) => readShort(id) ?? []),
    quantity: readQuantity(given.orderQuantity ?? given.order_quantity),
    searchText: cleanText(readWritten(given.searchString ?? given.search_string), MAX_NAME),
    name: meaningfulText(readWritten(given.contentName ?? given.content_name), MAX_NAME),
    category: meaningfulText(
      readWritten(given.contentCategory ?? given.content_category),
      MAX_NAME,
    ),
    brand: meaningfulText(readWritten(given.contentBrand ?? given.content_brand), MAX_NAME),
    email: given.email || null,
    phone: readWritten(given.phone) || null,
  };
}

/** Past 2^53 a number is another product's id, or another order's. */
function readShort(value: string | number | null | undefined): string | null {
  if (typeof value === "number") return Number.isSafeInteger(value) ? String(value) : null;
  return meaningfulText(value, MAX_NAME);
}

const TAG_ID = /^\d{5,20}$/;

export function readReport(given: CustomData): PageReport {
  const tags = (given.tags ?? []).map((tag) => String(tag ?? ""));
  const known = tags.filter((tag) => TAG_ID.test(tag));
  return {
    tagIds: [...new Set(known)].slice(0, MOST_TAGS),
    sharesIds: given.shares_ids ?? null,
    hasCookie: given.cookie === true,
  };
}
