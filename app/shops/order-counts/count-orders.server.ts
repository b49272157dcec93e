import { z } from "zod";
import type { OrderSpan } from "#app/events/order-count-window.ts";

/** The Admin API of one shop, as Shopify's library gives it to a signed-in request. */
export interface OrderAdmin {
  graphql(
    query: string,
    options: { variables: Record<string, unknown> },
  ): Promise<{ json(): Promise<unknown> }>;
}

export class OrderCountError extends Error {
  override name = "OrderCountError";
}

/** A query may cost 1,000 points, and Shopify prices each count. */
const MOST_COUNTS = 10;

const answer = z.object({
  data: z.record(
    z.string(),
    z.object({ count: z.int(), precision: z.enum(["EXACT", "AT_LEAST"]) }),
  ),
});

/**
 * How many orders Shopify has in each span, test orders left out, in the order of the spans. By
 * `processed_at`, which is an event's time: an order imported today counts on the day it was placed.
 * `limit: null` lifts the ceiling of 10,000 (shopify.dev, changelog "Uncapped counts in GraphQL").
 *
 * Rejects with whatever Shopify's library throws, and with OrderCountError for an inexact count.
 */
export async function countOrders(
  admin: OrderAdmin,
  spans: readonly OrderSpan[],
): Promise<number[]> {
  const counts: number[] = [];
  for (let from = 0; from < spans.length; from += MOST_COUNTS) {
    counts.push(...(await countSome(admin, spans.slice(from, from + MOST_COUNTS))));
  }
  return counts;
}

async function countSome(admin: OrderAdmin, spans: readonly OrderSpan[]): Promise<number[]> {
  const names = spans.map((_, place) => `span${place}`);
  const declared = names.map((name) => `$${name}: String!`).join(", ");
  const fields = names.map(
    (name) => `${name}: ordersCount(query: $${name}, limit: null) { count precision }`,
  );
  const variables = Object.fromEntries(spans.map((span, place) => [names[place], searchOf(span)]));
  const query = `query OrderCounts(${declared}) { ${fields.join(" ")} }`;
  const response = await admin.graphql(query, { variables });
  const { data } = answer.parse(await response.json());
  return names.map((name) => {
    const found = data[name];
    if (found?.precision !== "EXACT") throw new OrderCountError("Shopify's count is not exact");
    return found.count;
  });
}

function searchOf({ from, until }: OrderSpan): string {
  return `processed_at:>='${inSeconds(from)}' processed_at:<'${inSeconds(until)}' test:false`;
}

function inSeconds(moment: Date): string {
  return moment.toISOString().replace(/\.\d{3}Z$/, "Z");
}
