import type { Formatter } from "#app/admin/shell/format/formatter.server.ts";
import type { ShopDay } from "#app/events/order-count-window.ts";

/** The shop's last days, today the last of them. */
export function listDays(
  { now, dayOf, startOfDay }: Pick<Formatter, "now" | "dayOf" | "startOfDay">,
  count: number,
): ShopDay[] {
  // The calendar's days are counted, not 24 hours each: some have 23 or 25.
  const today = Date.parse(`${dayOf(now)}T00:00:00Z`);
  const names = Array.from({ length: count + 1 }, (_, place) =>
    new Date(today + (place - count + 1) * 24 * 60 * 60 * 1_000).toISOString().slice(0, 10),
  );
  return names.slice(0, count).map((day, place) => ({
    day,
    start: startOfDay(day),
    end: startOfDay(names.at(place + 1) ?? day),
  }));
}
