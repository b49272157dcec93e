import { type EventPeriod, KEPT_DAYS } from "#app/admin/shell/event-filter.ts";

/** Days as the shop has them. */
export interface ShopDays {
  now: Date;
  /** YYYY-MM-DD. */
  dayOf(date: Date): string;
  startOfDay(isoDay: string): Date;
}

/** Unix seconds, from inclusive, to exclusive. Midnights, so edges of the counters' 15 minutes. */
export interface PeriodBounds {
  from: number;
  to: number;
}

const DAY_MS = 86_400_000;

/** When a period begins and ends by the shop's clock, on days of 23 and 25 hours too. */
export function periodBounds(period: EventPeriod, days: ShopDays): PeriodBounds {
  const today = days.dayOf(days.now);
  const [first, last] =
    "from" in period ? [period.from, period.to] : [addDays(today, 1 - period.days), today];
  // What stands in the filter by default is all that there is: so is what happens a little ahead.
  const isOpen = !("from" in period) && period.days === KEPT_DAYS;
  return {
    from: isOpen ? 0 : toSeconds(days.startOfDay(first)),
    to: toSeconds(days.startOfDay(addDays(last, 1))),
  };
}

function addDays(isoDay: string, count: number): string {
  return new Date(Date.parse(`${isoDay}T00:00:00Z`) + count * DAY_MS).toISOString().slice(0, 10);
}

function toSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1_000);
}
