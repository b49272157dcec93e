import type { Resolvers } from "../answer-graphql.ts";

/** Orders of a store that the Admin API counts, without what else it knows of them. */
export interface CountedOrders {
  /** Shopify's id; the same one again replaces it. Left out: an order of its own. */
  id?: string | number;
  /** ISO 8601. */
  processedAt: string;
  createdAt?: string;
  test?: boolean;
  /** The number of orders that this counts for. Default 1. */
  count?: number;
}

export interface OrderCounts {
  resolvers: Resolvers;
  place(shop: string, orders: CountedOrders): void;
  /** The shop has no orders any more. */
  clear(shop: string): void;
  /** While it is set, every count of the shop fails with this text. */
  fail(shop: string, message: string | null): void;
}

const DEFAULT_LIMIT = 10_000;
const ARGUMENTS = /^\( query : \$ (\w+)(?: , limit : (null|\d+))? \)$/;
const FILTER = /^(created_at|processed_at|test):(>=|<=|>|<)?(?:'([^']*)'|(\S+))$/;
/** Shopify's warning for a search term that it can't parse and ignores. */
const UNREADABLE = "Invalid search field for this query.";

/** `ordersCount`: by `created_at`, `processed_at` and `test`, up to 10,000 unless `limit` is null. */
export function createOrderCounts(): OrderCounts {
  const stores = new Map<string, Map<string, CountedOrders>>();
  const failures = new Map<string, string>();
  let placed = 0;

  return {
    resolvers: {
      ordersCount: (shop, variables, args) => {
        const failure = failures.get(shop.domain);
        if (failure !== undefined) throw new Error(failure);
        const [, name, limit] = ARGUMENTS.exec(args) ?? [];
        if (name === undefined) throw new Error(`ordersCount does not take ${args}`);
        const query = variables[name];
        if (typeof query !== "string") throw new Error(`Variable $${name} was not provided`);
        const filters = readFilters(query);
        const orders = [...(stores.get(shop.domain)?.values() ?? [])];
        const count = orders
          .filter((order) => filters.every((isMet) => isMet(order)))
          .reduce((sum, order) => sum + (order.count ?? 1), 0);
        const most = limit === "null" ? Number.POSITIVE_INFINITY : Number(limit ?? DEFAULT_LIMIT);
        return count > most
          ? { count: most, precision: "AT_LEAST" }
          : { count, precision: "EXACT" };
      },
    },
    place(shop, orders) {
      placed += 1;
      const store = stores.get(shop) ?? new Map<string, CountedOrders>();
      stores.set(shop, store.set(String(orders.id ?? `placed-${placed}`), orders));
    },
    clear: (shop) => void stores.delete(shop),
    fail(shop, message) {
      if (message === null) failures.delete(shop);
      else failures.set(shop, message);
    },
  };
}

type Condition = (order: CountedOrders) => boolean;

function readFilters(query: string): Condition[] {
  return query.split(/ (?=\w+:)/).map((filter) => {
    const [, field, sign = "", quoted, bare] = FILTER.exec(filter) ?? [];
    if (field === undefined) throw new Error(UNREADABLE);
    const value = quoted ?? bare ?? "";
    if (field === "test") return ({ test = false }) => String(test) === value;
    const limit = Date.parse(value);
    if (Number.isNaN(limit)) throw new Error(UNREADABLE);
    return ({ createdAt, processedAt }) => {
      const at = Date.parse(field === "created_at" ? (createdAt ?? processedAt) : processedAt);
      return compare(at, sign, limit);
    };
  });
}

function compare(at: number, sign: string, limit: number): boolean {
  switch (sign) {
    case ">=":
      return at >= limit;
    case "<=":
      return at <= limit;
    case ">":
      return at > limit;
    case "<":
      return at < limit;
    default:
      return at === limit;
  }
}
