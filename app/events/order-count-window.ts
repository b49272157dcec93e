/** Counters hold 15 minutes each; no zone's midnight lies inside one. */
const BUCKET_MS = 15 * 60 * 1_000;

/** A day of a shop, with where it begins and ends in its time zone. */
export interface ShopDay {
  /** YYYY-MM-DD */
  day: string;
  start: Date;
  /** The next day's start: 23, 24 or 25 hours later. */
  end: Date;
}

/**
 * Up to where Shopify's count of orders, asked for at a moment, is compared with ours: the edge of
 * 15 minutes that lies at least 15 minutes back. An order younger than that may still be on its way
 * to us, and would look as if it were missing.
 */
function comparableUntil(askedAt: Date): Date {
  return new Date(floorToBucket(askedAt).getTime() - BUCKET_MS);
}

/** The start of the counter that a moment falls into. */
export function floorToBucket(moment: Date): Date {
  return new Date(Math.floor(moment.getTime() / BUCKET_MS) * BUCKET_MS);
}

/** From `from` on, up to but not including `until`. */
export interface OrderSpan {
  from: Date;
  until: Date;
}

/**
 * The part of a day in which Shopify's count can be compared with ours: from the install on, since
 * nobody told us of earlier orders. Null: there is nothing to compare.
 */
export function comparableSpan(day: ShopDay, installedAt: Date, askedAt: Date): OrderSpan | null {
  const from = new Date(Math.max(day.start.getTime(), installedAt.getTime()));
  const until = new Date(Math.min(day.end.getTime(), comparableUntil(askedAt).getTime()));
  return from < until ? { from, until } : null;
}

/** Orders still come into a day that is not over. */
export const OPEN_DAY_AGE_MS = 60 * 60 * 1_000;
/** A day that is over changes when an order of it is deleted, or put in later. */
const CLOSED_DAY_AGE_MS = 24 * 60 * 60 * 1_000;

/** Whether a day's count is to be asked for again. */
export function isCountStale(day: ShopDay, askedAt: Date, now: Date): boolean {
  const isClosed = comparableUntil(askedAt) >= day.end;
  const ageMs = now.getTime() - askedAt.getTime();
  return ageMs >= (isClosed ? CLOSED_DAY_AGE_MS : OPEN_DAY_AGE_MS);
}
