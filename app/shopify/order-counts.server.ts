import { z } from "zod";
import { askShopify, type ShopifyAdmin, type ShopifyAnswer } from "./ask-shopify.server.ts";

/** Counters hold 15 minutes each; no zone's midnight lies inside one. */
const BUCKET_MS = 15 * 60 * 1_000;

/** A day of a shop, with its start and end in the shop's time zone. */
export interface ShopDay {
  /** YYYY-MM-DD */
  day: string;
  start: Date;
  /** The next day's start: 23, 24 or 25 hours later. */
  end: Date;
}

/**
 * The end of the part in which Shopify's count of orders is compared with ours: the last quarter-hour boundary that
 * was at least 15 minutes past when Shopify was asked. A younger order may still be on its way to
 * us, and would look like a missing one.
 */
function comparableUntil(askedAt: Date): Date {
  return new Date(floorToBucket(askedAt).getTime() - BUCKET_MS);
}

/** Computes the start of the counter that a moment falls into. */
export function floorToBucket(moment: Date): Date {
  return new Date(Math.floor(moment.getTime() / BUCKET_MS) * BUCKET_MS);
}

/** A period from `from` up to, but not including, `until`. */
export interface OrderSpan {
  from: Date;
  until: Date;
}

/**
 * Finds the part of a day in which Shopify's count can be compared with ours: it begins at the
 * install, because earlier orders were not reported to us. Null when there is nothing to compare.
 */
export function comparableSpan(day: ShopDay, installedAt: Date, askedAt: Date): OrderSpan | null {
  const from = new Date(Math.max(day.start.getTime(), installedAt.getTime()));
  const until = new Date(Math.min(day.end.getTime(), comparableUntil(askedAt).getTime()));
  return from < until ? { from, until } : null;
}

/** How often a day that is not over is counted again, because orders still come in. */
export const OPEN_DAY_AGE_MS = 60 * 60 * 1_000;
/**
 * How often a day that is over is counted again: its count changes when an order is deleted, or
 * added later.
 */
const CLOSED_DAY_AGE_MS = 24 * 60 * 60 * 1_000;

/** Whether a day's count must be read again. */
export function isCountStale(day: ShopDay, askedAt: Date, now: Date): boolean {
  const isClosed = comparableUntil(askedAt) >= day.end;
  const ageMs = now.getTime() - askedAt.getTime();
  return ageMs >= (isClosed ? CLOSED_DAY_AGE_MS : OPEN_DAY_AGE_MS);
}

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
