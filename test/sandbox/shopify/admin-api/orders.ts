import type { Resolvers } from "../answer-graphql.ts";
import type { LocalShop } from "../installed-shops.ts";

interface ListedOrder {
  name: string;
  /** ISO 8601, UTC. */
  createdAt: string;
  test: boolean;
  checkoutToken: string | null;
}

/** The real orders, the last made first. */
const LATEST = /sortKey : CREATED_AT , reverse : true , query : "test:false"/;

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
  };
}

function latest(orders: ListedOrder[]): ListedOrder[] {
  return orders
    .filter(({ test }) => !test)
    .sort((left, right) => right.createdAt.localeCompare(left.createdAt));
}
