import { z } from "zod";
import { boundedText } from "#app/events/bounded-text.ts";
import { cleanText } from "#app/events/clean-text.ts";
import type { BasketLine, StoreOrder } from "#app/events/store-event.ts";
import { isClickIdName } from "#app/mapping/source/find-click-id.server.ts";
import { type Asked, askShopify, type ShopAdmin } from "./ask-shopify.server.ts";
import { MONEY_BAG, moneyBag, readAmount } from "./read-amount.server.ts";
import {
  ADDRESS,
  addressNode,
  CUSTOMER,
  customerNode,
  readShopper,
} from "./shopify-shopper.server.ts";

export interface ReadOrder {
  order: StoreOrder;
  isSaleOptedOut: boolean;
}

/** Shopify counts about ten points for a line, and answers no query of more than 1,000. */
const LINES_A_PAGE = 50;
const MAX_NAME = 100;
/** Orders whose names are alike, in one answer. */
const NAMESAKES = 10;

const QUERY = `query StoreOrder($id: ID!, $after: String) {
  order(id: $id) {
    legacyResourceId name createdAt processedAt cancelledAt test sourceName customerLocale
    email phone customer ${CUSTOMER} billingAddress ${ADDRESS} shippingAddress ${ADDRESS}
    currencyCode presentmentCurrencyCode taxesIncluded
    subtotalPriceSet ${MONEY_BAG} totalPriceSet ${MONEY_BAG}
    currentSubtotalPriceSet ${MONEY_BAG} currentTotalPriceSet ${MONEY_BAG}
    customAttributes { key value }
    lineItems(first: ${LINES_A_PAGE}, after: $after) {
      nodes {
        quantity currentQuantity sku variant { legacyResourceId } product { legacyResourceId }
        originalUnitPriceSet ${MONEY_BAG} taxLines { priceSet ${MONEY_BAG} }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}`;

const text = z.string().nullable();
const resource = z.object({ legacyResourceId: z.string() }).nullable();

const moment = boundedText(40).check(z.iso.datetime({ offset: true }));

const lineNode = z.object({
  quantity: z.int(),
  currentQuantity: z.int().nullish(),
  sku: text,
  variant: resource,
  product: resource,
  originalUnitPriceSet: moneyBag,
  taxLines: z.array(z.object({ priceSet: moneyBag })),
});

const orderNode = z.object({
  legacyResourceId: z.string(),
  name: z.string(),
  createdAt: moment,
  processedAt: moment.nullable(),
  cancelledAt: text,
  test: z.boolean(),
  sourceName: text,
  customerLocale: text,
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
  customAttributes: z.array(z.object({ key: z.string(), value: text })),
  lineItems: z.object({
    nodes: z.array(lineNode),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: text }),
  }),
});

const answer = z.object({ data: z.object({ order: orderNode.nullable() }) });

type OrderNode = z.infer<typeof orderNode>;

const BY_NAME = `query OrdersByName($search: String!) {
  orders(first: ${NAMESAKES}, query: $search) { nodes { legacyResourceId name } }
}`;

const namesakes = z.object({
  data: z.object({
    orders: z.object({
      nodes: z.array(z.object({ legacyResourceId: z.string(), name: z.string() })),
    }),
  }),
});

/** An order by its id (digits), or by its name with or without the number sign. */
export type OrderReference = { orderId: string } | { orderName: string };

/**
 * The order as the store's own webhook would tell it, but for the browser, which Shopify keeps to
 * itself. Apps see the orders of the last 60 days.
 */
export async function readStoreOrder(
  admin: ShopAdmin,
  reference: OrderReference,
  signal: AbortSignal,
): Promise<Asked<ReadOrder>> {
  if ("orderId" in reference) return readById(admin, reference.orderId, signal);
  const asked = await findId(admin, reference.orderName, signal);
  return asked.ok ? readById(admin, asked.found, signal) : asked;
}

/** Search finds similar names as well: `1042` is in `1042-B` and may be in another store's `X1042`. */
async function findId(
  admin: ShopAdmin,
  given: string,
  signal: AbortSignal,
): Promise<Asked<string>> {
  const name = given.trim();
  const search = `name:"${name.replaceAll(/["\\]/g, "")}"`;
  const asked = await askShopify(admin, BY_NAME, { search }, signal);
  if (!asked.ok) return asked;
  const { nodes } = namesakes.parse(asked.found).data.orders;
  const order = nodes.find((node) => node.name === name || node.name === `#${name}`);
  return order === undefined
    ? { ok: false, failure: "not_found" }
    : { ok: true, found: order.legacyResourceId };
}

async function readById(
  admin: ShopAdmin,
  id: string,
  signal: AbortSignal,
): Promise<Asked<ReadOrder>> {
  const lines: OrderNode["lineItems"]["nodes"] = [];
  let after: string | null = null;
  // To the last line, for value and pieces count them all; whoever asks says how long it may take.
  while (true) {
    const variables = { id: `gid://shopify/Order/${id}`, after };
    const asked = await askShopify(admin, QUERY, variables, signal);
    if (!asked.ok) return asked;
    const { order } = answer.parse(asked.found).data;
    if (order === null) return { ok: false, failure: "not_found" };
    const { nodes, pageInfo } = order.lineItems;
    lines.push(...nodes);
    after = pageInfo.endCursor;
    if (!pageInfo.hasNextPage) return { ok: true, found: read(order, lines) };
  }
}

function read(node: OrderNode, lines: OrderNode["lineItems"]["nodes"]): ReadOrder {
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
    lines: lines.map(readLine),
    landingSite: null,
    notedClickId: node.customAttributes.find(({ key }) => isClickIdName(key))?.value ?? null,
    locale: node.customerLocale,
    isReread: true,
    shopper: readShopper({ email, phone, customer, billing, shipping }),
  };
  return { order, isSaleOptedOut: customer?.dataSaleOptOut ?? false };
}

function readLine(node: OrderNode["lineItems"]["nodes"][number]): BasketLine {
  return {
    variantId: node.variant?.legacyResourceId ?? null,
    productId: node.product?.legacyResourceId ?? null,
    sku: cleanText(node.sku, MAX_NAME * 3),
    quantity: node.quantity,
    quantityLeft: node.currentQuantity ?? null,
    isGoods: true,
    unitPrice: readAmount(node.originalUnitPriceSet),
    taxes: node.taxLines.map(({ priceSet }) => readAmount(priceSet)),
  };
}
