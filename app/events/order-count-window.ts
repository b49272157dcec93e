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
export function comparableUntil(askedAt: Date): Date {
  return new Date(floorToBucket(askedAt).getTime() - BUCKET_MS);
}

/** The start of the counter that a moment falls into. */
export function floorToBucket(moment: Date): Date {
  return new Date(Math.floor(moment.getTime() / BUCKET_MS) * BUCKET_MS);
}
