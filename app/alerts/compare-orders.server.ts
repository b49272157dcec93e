import type { Readings, Verdict } from "./alert.server.ts";

const WEEK_MS = 7 * 24 * 60 * 60_000;

/** Two weeks may both have been unusual; of three, the middle one is what is usual. */
const LEAST_WEEKS = 3;

/**
 * Chance alone makes none of ten expected orders once in 20,000 windows, and fewer than six of twenty
 * once in 10,000. The end asks for clearly more than the begin.
 */
const LOW = { none: 10, few: 20, share: 0.3 };
const WELL = { least: 10, share: 0.6 };
/** A store with this many orders a day has ten in three hours on average: they tell sooner than a day. */
const BUSY = 80;
/** The earlier weeks are no measure any more: a store that closed for weeks has none to compare with. */
const NO_RHYTHM = 5;

interface Comparison {
  n: number;
  usual: number;
  isLow: boolean;
  isWell: boolean;
}

/**
 * Compares the orders of the last 3 hours, or 24 where the store has few, with the same hours of the
 * four weeks before. One window decides begin and end: a day that is well over all would end what
 * three hours have begun.
 */
export function compareOrders({ now, installedAt, slow }: Readings): Verdict {
  if (slow === null) return { is: "unclear" };
  const weeks = Math.floor((now.getTime() - installedAt.getTime()) / WEEK_MS);
  if (weeks < LEAST_WEEKS) return { is: "unclear" };
  const day = compare(slow.orders.day, weeks);
  const hours = day.usual >= BUSY ? 3 : 24;
  const { n, usual, isLow, isWell } = hours === 3 ? compare(slow.orders.short, weeks) : day;
  if (isLow) return { is: "on", facts: { n, usual, hours } };
  return { is: isWell || day.usual < NO_RHYTHM ? "over" : "unclear" };
}

function compare([n = 0, ...earlier]: number[], weeks: number): Comparison {
  const sorted = earlier.slice(0, weeks).toSorted((a, b) => a - b);
  const usual = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  const isNone = n === 0 && usual >= LOW.none;
  const isFew = usual >= LOW.few && n < LOW.share * usual;
  const isWell = usual >= WELL.least && n >= WELL.share * usual;
  return { n, usual, isLow: isNone || isFew, isWell };
}
