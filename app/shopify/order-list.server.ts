import { z } from "zod";
import { boundedText } from "#app/events/bounded-text.ts";
import { cleanText } from "#app/events/clean-text.ts";
import { askShopify, type ShopifyAdmin, type ShopifyAnswer } from "./ask-shopify.server.ts";
import { isOrderPaid, MAX_NAME, moment } from "./order-node.server.ts";

/** An order of a list: enough to see whether it has an event. */
export interface ListedOrder {
  id: string;
  name: string | null;
  createdAt: Date;
  updatedAt: Date;
  /** Unix seconds: the time of its event. */
  occurredAtSeconds: number;
  isPaid: boolean;
}

export interface OrderPage {
  orders: ListedOrder[];
  /** Where the next page begins; null: this is the last. */
  next: string | null;
}

/** Orders by when they were created, or last changed: since then, and before. */
export interface OrderRange {
  by: "created" | "updated";
  since: Date;
  until: Date;
}

/** Shopify counts about one point an order. */
const ORDERS_A_PAGE = 100;

/** The fields of such an order in a query. */
export const LISTED_FIELDS =
  "legacyResourceId name createdAt updatedAt processedAt displayFinancialStatus";

export const listedNode = z.object({
  legacyResourceId: boundedText(20).regex(/^\d+$/),
  name: z.string(),
  createdAt: moment,
  updatedAt: moment,
  processedAt: moment.nullable(),
  displayFinancialStatus: z.string().nullable(),
});

const LIST = {
  text: `query OrdersSince($search: String!, $sort: OrderSortKeys!, $after: String) {
    orders(first: ${ORDERS_A_PAGE}, after: $after, query: $search, sortKey: $sort) {
      nodes { ${LISTED_FIELDS} }
      pageInfo { hasNextPage endCursor }
    }
  }`,
  data: z.object({
    orders: z.object({
      nodes: z.array(listedNode),
      pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
    }),
  }),
};

const COUNT = {
  text: `query OrdersInRange($search: String!) {
    ordersCount(query: $search, limit: null) { count precision }
  }`,
  data: z.object({ ordersCount: z.object({ count: z.int(), precision: z.literal("EXACT") }) }),
};

/** The number of the shop's orders in the range; null: Shopify does not say. */
export async function countOrders(admin: ShopifyAdmin, range: OrderRange): Promise<number | null> {
  const asked = await askShopify(admin, COUNT, { search: formatOrderSearch(range) });
  return asked.ok ? asked.found.ordersCount.count : null;
}

/** The range in Shopify's search syntax. */
export function formatOrderSearch({ by, since, until }: OrderRange): string {
  return `${by}_at:>='${since.toISOString()}' ${by}_at:<'${until.toISOString()}'`;
}

/** A page of the shop's orders, the earliest first. Apps see the orders of the last 60 days. */
export async function listOrders(
  admin: ShopifyAdmin,
  range: OrderRange,
  after: string | null,
): Promise<ShopifyAnswer<OrderPage>> {
  const sort = range.by === "created" ? "CREATED_AT" : "UPDATED_AT";
  const asked = await askShopify(admin, LIST, { search: formatOrderSearch(range), sort, after });
  if (!asked.ok) return asked;
  const { nodes, pageInfo } = asked.found.orders;
  const orders = nodes.map(toListedOrder);
  return { ok: true, found: { orders, next: pageInfo.hasNextPage ? pageInfo.endCursor : null } };
}

export function toListedOrder(node: z.infer<typeof listedNode>): ListedOrder {
  return {
    id: node.legacyResourceId,
    name: cleanText(node.name, MAX_NAME),
    createdAt: new Date(node.createdAt),
    updatedAt: new Date(node.updatedAt),
    occurredAtSeconds: Math.floor(Date.parse(node.processedAt ?? node.createdAt) / 1_000),
    isPaid: isOrderPaid(node.displayFinancialStatus),
  };
}
