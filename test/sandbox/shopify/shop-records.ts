import type { customerOf } from "../sample-customers.ts";
import type { orderBody } from "../sample-orders.ts";
import { type BulkOperations, createBulkOperations } from "./admin-api/bulk-operations.ts";
import { createOrderResolvers, searchByTime } from "./admin-api/orders.ts";
import type { Resolvers } from "./answer-graphql.ts";

type OrderBody = ReturnType<typeof orderBody>;
type CustomerBody = ReturnType<typeof customerOf>;
type Money = { amount: string; currency_code: string };
type MoneySet = { shop_money: Money; presentment_money: Money };
/** `orderBody` makes these by name. */
type Totals = {
  [Key in
    | "subtotal"
    | "total"
    | "current_subtotal"
    | "current_total" as `${Key}_price_set`]: MoneySet;
};

/** Orders and customers that the Admin API knows, put in as webhooks tell them. */
export interface ShopRecords {
  resolvers: Resolvers;
  /** Operations that write all orders of a range into a file. */
  bulk: BulkOperations;
  putOrder(shop: string, order: OrderBody, facts?: CustomerFacts): void;
  putCustomer(shop: string, customer: CustomerBody, facts?: CustomerFacts): void;
  remove(shop: string, gid: string): void;
}

/** The facts that no webhook contains. */
export interface CustomerFacts {
  dataSaleOptOut?: boolean;
}

export function createShopRecords(): ShopRecords {
  const records = new Map<string, object>();
  const find = (shop: { domain: string }, id: unknown) =>
    records.get(`${shop.domain} ${id}`) ?? null;
  const ordersOf = (shop: { domain: string }) =>
    [...records]
      .filter(([key]) => key.startsWith(`${shop.domain} gid://shopify/Order/`))
      .map(([, order]) => order as ReturnType<typeof orderNode>);
  const bulk = createBulkOperations((shop, search) => searchByTime(ordersOf(shop), search));
  return {
    bulk,
    resolvers: {
      ...createOrderResolvers(ordersOf),
      ...bulk.resolvers,
      order: (shop, { id, after }) => {
        const order = find(shop, id) as ReturnType<typeof orderNode> | null;
        return order && { ...order, lineItems: takePage(order.lineItems, after) };
      },
      customer: (shop, { id }) => find(shop, id),
    },
    putOrder(shop, order, facts = {}) {
      records.set(`${shop} ${order.admin_graphql_api_id}`, orderNode(order, facts));
    },
    putCustomer(shop, customer, facts = {}) {
      records.set(`${shop} ${customer.admin_graphql_api_id}`, customerNode(customer, facts));
    },
    remove: (shop, gid) => void records.delete(`${shop} ${gid}`),
  };
}

/** The page size that the app requests. */
const PAGE = 50;

function takePage(lines: object[], after: unknown) {
  const start = typeof after === "string" ? Number(after) : 0;
  const end = start + PAGE;
  return {
    nodes: lines.slice(start, end),
    pageInfo: { hasNextPage: end < lines.length, endCursor: String(Math.min(end, lines.length)) },
  };
}

function orderNode(order: OrderBody, facts: CustomerFacts) {
  const totals = order as unknown as Totals;
  return {
    id: order.admin_graphql_api_id,
    legacyResourceId: digitsOf(order.admin_graphql_api_id),
    name: order.name,
    createdAt: toUtc(order.created_at),
    updatedAt: toUtc(order.updated_at),
    processedAt: toUtc(order.processed_at),
    cancelledAt: order.cancelled_at === null ? null : toUtc(order.cancelled_at),
    test: order.test,
    sourceName: order.source_name,
    customerLocale: order.customer_locale,
    checkoutToken: order.checkout_token,
    cartToken: order.cart_token,
    displayFinancialStatus: order.financial_status.toUpperCase(),
    email: order.email || null,
    phone: order.phone,
    customer: order.customer ? customerNode(order.customer, facts) : null,
    billingAddress: addressNode(order.billing_address),
    shippingAddress: addressNode(order.shipping_address),
    currencyCode: order.currency,
    presentmentCurrencyCode: order.presentment_currency,
    taxesIncluded: order.taxes_included,
    subtotalPriceSet: moneyBag(totals.subtotal_price_set),
    totalPriceSet: moneyBag(totals.total_price_set),
    currentSubtotalPriceSet: moneyBag(totals.current_subtotal_price_set),
    currentTotalPriceSet: moneyBag(totals.current_total_price_set),
    totalTipReceivedSet: tipOf(order),
    customAttributes: order.note_attributes.map(({ name: key, value }) => ({ key, value })),
    lineItems: order.line_items.map((line) => ({
      quantity: line.quantity,
      currentQuantity: line.current_quantity,
      sku: line.sku,
      variant: resourceOf(line.variant_id),
      product: resourceOf(line.product_id),
      originalUnitPriceSet: moneyBag(line.price_set),
      taxLines: line.tax_lines.map((tax) => ({ priceSet: moneyBag(tax.price_set) })),
    })),
  };
}

/** A tip is in the shop's currency here: the sample orders have one. */
function tipOf({ total_tip_received, currency: currencyCode }: OrderBody) {
  const tip = { amount: total_tip_received, currencyCode };
  return { shopMoney: tip, presentmentMoney: tip };
}

/** Null for a line of no product, such as a tip. */
function resourceOf(id: unknown) {
  return id === null ? null : { legacyResourceId: String(id) };
}

function customerNode(customer: CustomerBody, { dataSaleOptOut = false }: CustomerFacts) {
  return {
    id: customer.admin_graphql_api_id,
    legacyResourceId: digitsOf(customer.admin_graphql_api_id),
    firstName: customer.first_name,
    lastName: customer.last_name,
    dataSaleOptOut,
    defaultEmailAddress: customer.email ? { emailAddress: customer.email } : null,
    defaultPhoneNumber: customer.phone ? { phoneNumber: customer.phone } : null,
    defaultAddress: addressNode(customer.default_address),
  };
}

function addressNode(
  address: Partial<NonNullable<OrderBody["billing_address"]>> | null | undefined,
) {
  if (!address) return null;
  return {
    firstName: address.first_name ?? null,
    lastName: address.last_name ?? null,
    city: address.city ?? null,
    provinceCode: address.province_code ?? null,
    zip: address.zip ?? null,
    countryCodeV2: address.country_code ?? null,
    phone: address.phone ?? null,
  };
}

function digitsOf(gid: string): string {
  return gid.slice(gid.lastIndexOf("/") + 1);
}

/** Webhooks tell times with the store's offset, the Admin API in UTC. */
function toUtc(time: string): string {
  return new Date(time).toISOString().replace(".000Z", "Z");
}

function moneyBag(set: MoneySet) {
  return { shopMoney: money(set.shop_money), presentmentMoney: money(set.presentment_money) };
}

/** Formats amounts as the Admin API does: no needless zeros, but always a decimal place. */
function money({ amount, currency_code: currencyCode }: Money) {
  const short = amount.includes(".") ? amount.replace(/0+$/, "") : `${amount}.`;
  return { amount: short.endsWith(".") ? `${short}0` : short, currencyCode };
}
