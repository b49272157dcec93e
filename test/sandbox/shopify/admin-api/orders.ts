import type { Resolvers } from "../answer-graphql.ts";
import type { LocalShop } from "../installed-shops.ts";

interface ListedOrder {
  name: string;
  /** ISO 8601, UTC. */
  createdAt: string;
  updatedAt: string;
  test: boolean;
  checkoutToken: string | null;
}

/** The real orders, the last made first. */
const LATEST = /sortKey : CREATED_AT , reverse : true , query : "test:false"/;

/** Orders by time, in pages: the only search with a cursor. */
const BY_TIME = /sortKey : \$ sort/;
const RANGE = /^(created|updated)_at:>='([^']+)' \1_at:<'([^']+)'$/;

/**
 * `orders(first:, query:)` for a search by name or by the checkout's token, and for the latest that are no tests. As Shopify's search
 * by name it is no comparison: it finds every order whose name has the word in it, whatever its case.
 */
export function createOrderResolvers(ordersOf: (shop: LocalShop) => ListedOrder[]): Resolvers {
  return {
    orders: (shop, variables, args) => {
      const first = Number(/first : (\d+)/.exec(args)?.[1]);
      if (!(first >= 1 && first <= 250)) {
        throw new Error("you must provide one of first or last, of 1 to 250");
      }
      if (BY_TIME.test(args)) return takePage(inRange(ordersOf(shop), variables), first, variables);
      if (LATEST.test(args)) return { nodes: latest(ordersOf(shop)).slice(0, first) };
      const [, variable, literal] = /query : (?:\$ (\w+)|"((?:[^"\\]|\\.)*)")/.exec(args) ?? [];
      const search = variable === undefined ? (literal ?? "") : String(variables[variable]);
      const [, token] = /^checkout_token:"([\w-]+)"$/.exec(search) ?? [];
      if (token !== undefined) {
        const placed = ordersOf(shop).filter(({ checkoutToken }) => checkoutToken === token);
        return { nodes: placed.slice(0, first) };
      }
      const [, quoted, plain] = /^name:(?:"([^"]*)"|'?(\S+))$/.exec(search.trim()) ?? [];
      const word = (quoted ?? plain ?? "").toLowerCase().replace(/^#/, "");
      if (word === "")
        throw new Error(
          `the local Shopify searches orders by name and checkout token alone: ${search}`,
        );
      const nodes = ordersOf(shop).filter(({ name }) => name.toLowerCase().includes(word));
      return { nodes: nodes.slice(0, first) };
    },
    // Of a search by another time the counted orders know.
    ordersCount: (shop, variables, args) => {
      const name = /^\( query : \$ (\w+) , limit : null \)$/.exec(args)?.[1] ?? "";
      const search = String(variables[name]);
      if (!RANGE.test(search)) return undefined;
      return { count: searchByTime(ordersOf(shop), search).length, precision: "EXACT" };
    },
  };
}

function latest(orders: ListedOrder[]): ListedOrder[] {
  return orders
    .filter(({ test }) => !test)
    .sort((left, right) => right.createdAt.localeCompare(left.createdAt));
}

/** The orders that such a search finds. */
export function searchByTime<Order extends ListedOrder>(orders: Order[], search: string): Order[] {
  return inRange(orders, { search, sort: `${RANGE.exec(search)?.[1]?.toUpperCase()}_AT` });
}

function inRange<Order extends ListedOrder>(
  orders: Order[],
  { search, sort }: Record<string, unknown>,
): Order[] {
  const [, by, since = "", until = ""] = RANGE.exec(String(search)) ?? [];
  if (by === undefined || sort !== `${by.toUpperCase()}_AT`) {
    throw new Error(`the local Shopify does not sort ${search} by ${sort}`);
  }
  const at = (order: ListedOrder) => Date.parse(order[`${by as "created" | "updated"}At`]);
  return orders
    .filter((order) => at(order) >= Date.parse(since) && at(order) < Date.parse(until))
    .sort((left, right) => at(left) - at(right));
}

function takePage(orders: ListedOrder[], first: number, { after }: Record<string, unknown>) {
  const start = typeof after === "string" ? Number(after) : 0;
  const nodes = orders.slice(start, start + first);
  const end = start + nodes.length;
  return {
    nodes,
    pageInfo: {
      hasNextPage: end < orders.length,
      endCursor: nodes.length === 0 ? null : String(end),
    },
  };
}
