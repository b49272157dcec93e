import { z } from "zod";
import { boundedText } from "#app/events/bounded-text.ts";
import { cleanText, meaningfulText } from "#app/events/clean-text.ts";
import type { Amount, BasketLine, StoreOrder } from "#app/events/store-event.ts";
import { isRefusalNote } from "#app/mapping/decide-consent.server.ts";
import { isZeroDecimal } from "#app/mapping/decimal.server.ts";
import { isClickIdName, pickNotedClickId } from "#app/mapping/source/find-click-id.server.ts";
import { ADDRESS, addressNode, CUSTOMER, customerNode, readShopper } from "./customers.server.ts";

export interface FetchedOrder {
  order: StoreOrder;
  isSaleOptedOut: boolean;
  /** It was paid in full, even if some was paid back since. */
  isPaid: boolean;
}

const PAID = ["PAID", "PARTIALLY_REFUNDED", "REFUNDED"];

/** Whether an order was paid in full, by its `displayFinancialStatus`. */
export function isOrderPaid(status: string | null): boolean {
  return PAID.includes(status ?? "");
}

export const MAX_NAME = 100;

const money = z.object({
  amount: boundedText(100).regex(/^-?\d+(\.\d+)?$/),
  currencyCode: boundedText(3).regex(/^[A-Z]{3}$/),
});

const MONEY_BAG = "{ shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }";

const moneyBag = z.object({ shopMoney: money, presentmentMoney: money });

/** The fields of an order in a query, but for its lines. */
export const ORDER_FIELDS = `
    legacyResourceId name createdAt processedAt cancelledAt test sourceName customerLocale
    checkoutToken cartToken displayFinancialStatus
    email phone customer ${CUSTOMER} billingAddress ${ADDRESS} shippingAddress ${ADDRESS}
    currencyCode presentmentCurrencyCode taxesIncluded
    subtotalPriceSet ${MONEY_BAG} totalPriceSet ${MONEY_BAG}
    currentSubtotalPriceSet ${MONEY_BAG} currentTotalPriceSet ${MONEY_BAG}
    totalTipReceivedSet ${MONEY_BAG}
    customAttributes { key value }`;

/** The fields of a line. */
export const LINE = `{
        quantity currentQuantity sku variant { legacyResourceId } product { legacyResourceId }
        originalUnitPriceSet ${MONEY_BAG} taxLines { priceSet ${MONEY_BAG} }
      }`;

const text = z.string().nullable();
const resource = z.object({ legacyResourceId: z.string() }).nullable();

export const moment = boundedText(40).check(z.iso.datetime({ offset: true }));

const lineNode = z.object({
  quantity: z.int(),
  currentQuantity: z.int().nullish(),
  sku: text,
  variant: resource,
  product: resource,
  originalUnitPriceSet: moneyBag,
  taxLines: z.array(z.object({ priceSet: moneyBag })),
});

export const orderNode = z.object({
  legacyResourceId: z.string(),
  name: z.string(),
  createdAt: moment,
  processedAt: moment.nullable(),
  cancelledAt: text,
  test: z.boolean(),
  sourceName: text,
  customerLocale: text,
  checkoutToken: text,
  cartToken: text,
  displayFinancialStatus: text,
  email: text,
  phone: text,
  customer: customerNode.nullable(),
  billingAddress: addressNode,
  shippingAddress: addressNode,
  currencyCode: z.string(),
  presentmentCurrencyCode: z.string(),
  taxesIncluded: z.boolean(),
  subtotalPriceSet: moneyBag.nullable(),
  totalPriceSet: moneyBag,
  currentSubtotalPriceSet: moneyBag.nullish(),
  currentTotalPriceSet: moneyBag.nullish(),
  totalTipReceivedSet: moneyBag.nullish(),
  customAttributes: z.array(z.object({ key: z.string(), value: text })),
  lineItems: z.object({
    nodes: z.array(lineNode),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: text }),
  }),
});

export type OrderNode = z.infer<typeof orderNode>;
type LineNode = OrderNode["lineItems"]["nodes"][number];

/** The order as our own; `lines` are those of all its pages. */
export function readOrder(node: OrderNode, lines: readonly LineNode[]): FetchedOrder {
  const { email, phone, customer, billingAddress: billing, shippingAddress: shipping } = node;
  const order: StoreOrder = {
    id: node.legacyResourceId,
    name: cleanText(node.name, MAX_NAME),
    isTest: node.test,
    isCancelled: node.cancelledAt !== null,
    isMadeByStaff: false,
    browser: { ip: null, userAgent: null },
    sourceName: cleanText(node.sourceName, MAX_NAME) ?? "unknown",
    occurredAtSeconds: Math.floor(Date.parse(node.processedAt ?? node.createdAt) / 1_000),
    currency: node.currencyCode,
    presentmentCurrency: node.presentmentCurrencyCode,
    taxesIncluded: node.taxesIncluded,
    subtotal: readAmount(node.subtotalPriceSet ?? node.totalPriceSet),
    total: readAmount(node.totalPriceSet),
    subtotalLeft: node.currentSubtotalPriceSet ? readAmount(node.currentSubtotalPriceSet) : null,
    totalLeft: node.currentTotalPriceSet ? readAmount(node.currentTotalPriceSet) : null,
    lines: readLines(lines, node.totalTipReceivedSet ?? null),
    landingSite: null,
    notedClickId: pickNotedClickId(
      node.customAttributes.flatMap(({ key, value }) => (isClickIdName(key) ? (value ?? []) : [])),
    ),
    isRefusalNoted: node.customAttributes.some(({ key, value }) => isRefusalNote(key, value)),
    locale: node.customerLocale,
    checkoutToken: node.checkoutToken,
    cartToken: node.cartToken,
    isReread: true,
    shopper: readShopper({ email, phone, customer, billing, shipping }),
  };
  const isPaid = isOrderPaid(node.displayFinancialStatus);
  return { order, isSaleOptedOut: customer?.dataSaleOptOut ?? false, isPaid };
}

/**
 * The Admin API has a tip among the lines, as one piece of nothing in particular, and does not say
 * which line it is; webhooks do. Its price is the order's tip.
 */
function readLines(nodes: readonly LineNode[], tip: z.infer<typeof moneyBag> | null): BasketLine[] {
  const lines = nodes.map(readLine);
  const amount = tip && withPlaces(tip.shopMoney);
  if (amount === null || isZeroDecimal(amount)) return lines;
  const place = lines.findLastIndex(
    ({ variantId, productId, quantity, unitPrice }) =>
      variantId === null && productId === null && quantity === 1 && unitPrice.shop === amount,
  );
  return lines.map((line, index) => (index === place ? { ...line, isGoods: false } : line));
}

function readLine(node: LineNode): BasketLine {
  return {
    variantId: node.variant?.legacyResourceId ?? null,
    productId: node.product?.legacyResourceId ?? null,
    sku: meaningfulText(node.sku, MAX_NAME * 3),
    quantity: node.quantity,
    quantityLeft: node.currentQuantity ?? null,
    isGoods: true,
    unitPrice: readAmount(node.originalUnitPriceSet),
    taxes: node.taxLines.map(({ priceSet }) => readAmount(priceSet)),
  };
}

/** An amount in both currencies, with as many places as the currency has. */
function readAmount({ shopMoney, presentmentMoney }: z.infer<typeof moneyBag>): Amount {
  return { shop: withPlaces(shopMoney), presentment: withPlaces(presentmentMoney) };
}

/**
 * The Admin API writes 20 dollars as `20.0` and 1980 yen as `1980.0`; the store's webhooks, and with
 * them the same order's own event, write `20.00` and `1980`.
 */
function withPlaces({ amount, currencyCode: currency }: z.infer<typeof money>): string {
  const format = new Intl.NumberFormat("en", { style: "currency", currency });
  const places = format.resolvedOptions().maximumFractionDigits ?? 0;
  const [whole = "0", fraction = ""] = amount.split(".");
  const digits = fraction.replace(/0+$/, "").padEnd(places, "0");
  return digits === "" ? whole : `${whole}.${digits}`;
}
