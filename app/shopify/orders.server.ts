import { z } from "zod";
import { askShopify, type ShopifyAdmin, type ShopifyAnswer } from "./ask-shopify.server.ts";
import {
  type FetchedOrder,
  LINE,
  ORDER_FIELDS,
  type OrderNode,
  orderNode,
  readOrder,
} from "./order-node.server.ts";

/** Shopify counts about ten points for a line, and answers no query of more than 1,000. */
const LINES_A_PAGE = 50;
/** Orders whose names are alike, in one answer. */
const NAMESAKES = 10;

const ORDER_BY_ID = {
  text: `query OrderById($id: ID!, $after: String) {
    order(id: $id) { ${ORDER_FIELDS}
      lineItems(first: ${LINES_A_PAGE}, after: $after) {
        nodes ${LINE}
        pageInfo { hasNextPage endCursor }
      }
    }
  }`,
  data: z.object({ order: orderNode.nullable() }),
};

const named = z.object({ legacyResourceId: z.string(), name: z.string() });
const ORDERS_BY_NAME = {
  text: `query OrdersByName($search: String!) {
    orders(first: ${NAMESAKES}, query: $search) { nodes { legacyResourceId name } }
  }`,
  data: z.object({ orders: z.object({ nodes: z.array(named) }) }),
};

const placed = z.object({ legacyResourceId: z.string(), checkoutToken: z.string().nullable() });
const ORDER_BY_CHECKOUT = {
  text: `query OrderByCheckout($search: String!) {
    orders(first: 1, query: $search) { nodes { legacyResourceId checkoutToken } }
  }`,
  data: z.object({ orders: z.object({ nodes: z.array(placed) }) }),
};

const LATEST_ORDER = {
  text: `query LatestOrder {
    orders(first: 1, sortKey: CREATED_AT, reverse: true, query: "test:false") {
      nodes { legacyResourceId }
    }
  }`,
  data: z.object({
    orders: z.object({ nodes: z.array(z.object({ legacyResourceId: z.string() })) }),
  }),
};

/** An order by its id (digits), by its name with or without the number sign, or by its checkout. */
export type OrderReference =
  | { orderId: string }
  | { orderName: string }
  | { checkoutToken: string };

/**
 * The order as the store's own webhook would tell it, but for the browser, which Shopify keeps to
 * itself. Apps see the orders of the last 60 days.
 */
export async function fetchOrder(
  admin: ShopifyAdmin,
  reference: OrderReference,
  signal: AbortSignal,
): Promise<ShopifyAnswer<FetchedOrder>> {
  if ("orderId" in reference) return fetchById(admin, reference.orderId, signal);
  const asked =
    "orderName" in reference
      ? await findByName(admin, reference.orderName, signal)
      : await findByCheckout(admin, reference.checkoutToken, signal);
  return asked.ok ? fetchById(admin, asked.found, signal) : asked;
}

/** Returns the id of the newest real order; null if the app sees none. */
export async function fetchLatestOrderId(
  admin: ShopifyAdmin,
  signal: AbortSignal,
): Promise<ShopifyAnswer<string | null>> {
  const asked = await askShopify(admin, LATEST_ORDER, {}, signal);
  if (!asked.ok) return asked;
  return { ok: true, found: asked.found.orders.nodes[0]?.legacyResourceId ?? null };
}

/** Search finds similar names as well: `1042` is in `1042-B` and may be in another store's `X1042`. */
async function findByName(
  admin: ShopifyAdmin,
  given: string,
  signal: AbortSignal,
): Promise<ShopifyAnswer<string>> {
  const name = given.trim();
  const search = `name:"${name.replaceAll(/["\\]/g, "")}"`;
  const asked = await askShopify(admin, ORDERS_BY_NAME, { search }, signal);
  if (!asked.ok) return asked;
  const { nodes } = asked.found.orders;
  const order = nodes.find((node) => node.name === name || node.name === `#${name}`);
  return order === undefined
    ? { ok: false, failure: "not_found" }
    : { ok: true, found: order.legacyResourceId };
}

/** Shopify's search ignores what it does not know, and finds any order then. */
async function findByCheckout(
  admin: ShopifyAdmin,
  token: string,
  signal: AbortSignal,
): Promise<ShopifyAnswer<string>> {
  const missing = { ok: false, failure: "not_found" } as const;
  if (!/^[\w-]+$/.test(token)) return missing;
  const search = `checkout_token:"${token}"`;
  const asked = await askShopify(admin, ORDER_BY_CHECKOUT, { search }, signal);
  if (!asked.ok) return asked;
  const order = asked.found.orders.nodes.find((node) => node.checkoutToken === token);
  return order === undefined ? missing : { ok: true, found: order.legacyResourceId };
}

async function fetchById(
  admin: ShopifyAdmin,
  id: string,
  signal: AbortSignal,
): Promise<ShopifyAnswer<FetchedOrder>> {
  const lines: OrderNode["lineItems"]["nodes"] = [];
  let after: string | null = null;
  // All lines are read, because value and quantity count them all; the caller sets the time limit.
  while (true) {
    const variables: Record<string, unknown> = { id: `gid://shopify/Order/${id}`, after };
    const asked: ShopifyAnswer<{ order: OrderNode | null }> = await askShopify(
      admin,
      ORDER_BY_ID,
      variables,
      signal,
    );
    if (!asked.ok) return asked;
    const { order } = asked.found;
    if (order === null) return { ok: false, failure: "not_found" };
    const { nodes, pageInfo } = order.lineItems;
    lines.push(...nodes);
    after = pageInfo.endCursor;
    if (!pageInfo.hasNextPage) return { ok: true, found: readOrder(order, lines) };
  }
}
