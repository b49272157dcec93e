import { z } from "zod";
import type { OrderSpan } from "#app/events/order-count-window.ts";
import { askShopify, type ShopifyAdmin, type ShopifyAnswer } from "./ask-shopify.server.ts";

/** A query may cost 1,000 points, and Shopify prices each count. */
const MOST_COUNTS = 10;

/** An inexact count is not used: it would show orders as missing. */
const exactCount = z.object({ count: z.int(), precision: z.literal("EXACT") });

/**
 * Counts Shopify's orders in each span, without test orders, in the order of the spans. The count
 * uses `processed_at`, which is an event's time: an order imported today counts on the day it was
 * placed. `limit: null` lifts the ceiling of 10,000 (shopify.dev, changelog "Uncapped counts in
 * GraphQL").
 */
export async function fetchOrderCounts(
  admin: ShopifyAdmin,
  spans: readonly OrderSpan[],
): Promise<ShopifyAnswer<number[]>> {
  const counts: number[] = [];
  for (let from = 0; from < spans.length; from += MOST_COUNTS) {
    const asked = await fetchSome(admin, spans.slice(from, from + MOST_COUNTS));
    if (!asked.ok) return asked;
    counts.push(...asked.found);
  }
  return { ok: true, found: counts };
}

async function fetchSome(
  admin: ShopifyAdmin,
  spans: readonly OrderSpan[],
): Promise<ShopifyAnswer<number[]>> {
  const names = spans.map((_, place) => `span${place}`);
  const declared = names.map((name) => `$${name}: String!`).join(", ");
  const fields = names.map(
    (name) => `${name}: ordersCount(query: $${name}, limit: null) { count precision }`,
  );
  const variables = Object.fromEntries(
    spans.map((span, place) => [names[place], buildSearch(span)]),
  );
  const text = `query OrderCounts(${declared}) { ${fields.join(" ")} }`;
  const data = z.object(Object.fromEntries(names.map((name) => [name, exactCount])));
  const asked = await askShopify(admin, { text, data }, variables);
  if (!asked.ok) return asked;
  return { ok: true, found: names.map((name) => asked.found[name]?.count ?? 0) };
}

function buildSearch({ from, until }: OrderSpan): string {
  return `processed_at:>='${inSeconds(from)}' processed_at:<'${inSeconds(until)}' test:false`;
}

function inSeconds(moment: Date): string {
  return moment.toISOString().replace(/\.\d{3}Z$/, "Z");
}
