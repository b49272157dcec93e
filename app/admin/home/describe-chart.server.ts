import { toEventQuery } from "#app/admin/shell/event-filter.ts";
import type { Formatter } from "#app/admin/shell/formatter.server.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { addUp } from "./describe-orders.server.ts";
import type { DayCounts, PeriodCounts } from "./read-numbers.server.ts";
import { type HomePeriod, homeTexts } from "./texts.ts";

export type ChartSeries = "accepted" | "notSent" | "waiting" | "problem";

export interface Chart {
  /** What the chart shows, in words. */
  finding: string;
  /** Whether Shopify counted the orders of every day. */
  isCounted: boolean;
  days: ChartDay[];
}

export interface ChartDay extends Record<ChartSeries, number> {
  /** YYYY-MM-DD */
  day: string;
  /** `Nov 24`, `Nov 24 so far` */
  label: string;
  /** Shopify's, with what it told us of since. */
  orders: number;
  missing: number;
  /** The numbers as written, and the orders' events of the day. */
  written: Record<ChartSeries | "orders" | "missing", string>;
  url: string;
}

const texts = homeTexts.chart;

/** The orders by day, as numbers for bars and as written for the table; both are the same. */
export function describeChart(
  { days, isCounted }: PeriodCounts,
  period: HomePeriod,
  format: Formatter,
): Chart {
  const shown = days.map((day) => describeDay(day, format));
  const total = addUp(days);
  const lowest = findLowest(shown);
  const finding = formatMessage(texts.finding, {
    accepted: format.number(total.accepted),
    orders: format.number(isCounted ? total.orders : total.received),
    period: texts.spans[period],
    hasLowest: lowest === undefined ? "no" : "yes",
    day: lowest?.label ?? "",
    part: lowest?.written.accepted ?? "",
    whole: lowest?.written.orders ?? "",
  });
  return { finding, isCounted, days: shown };
}

function describeDay(counts: DayCounts, format: Formatter): ChartDay {
  const { day, accepted, notSent, waiting, missing } = counts;
  const problem = counts.refused + counts.tooLate;
  const numbers = {
    accepted,
    notSent,
    waiting,
    problem,
    missing,
    orders: accepted + notSent + waiting + problem + missing,
  };
  const written = Object.fromEntries(
    Object.entries(numbers).map(([name, n]) => [name, format.number(n)]),
  ) as ChartDay["written"];
  const label = format.day(day);
  const isToday = day === format.dayOf(format.now);
  const filter = { kinds: ["checkout"], sources: ["store"], period: { from: day, to: day } };
  return {
    day,
    label: isToday ? formatMessage(texts.soFar, { day: label }) : label,
    ...numbers,
    written,
    url: `/app/events?${toEventQuery(filter)}`,
  };
}

/** The day with the smallest share, if it says anything; today's is still growing. */
function findLowest(days: readonly ChartDay[]): ChartDay | undefined {
  const [lowest] = days
    .slice(0, -1)
    .filter(({ orders, accepted }) => accepted < orders)
    .toSorted((a, b) => a.accepted / a.orders - b.accepted / b.orders);
  return lowest;
}
