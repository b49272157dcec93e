import { Temporal } from "temporal-polyfill";

/** A shop's days: 23, 24 or 25 hours from one local midnight to the next. */
export interface Calendar {
  /** `2026-11-24` */
  dayOf(date: Date): string;
  /** First moment of the day, which is not midnight where clocks are put forward at midnight. */
  startOfDay(isoDay: string): Date;
}

/** @param timeZone IANA name */
export function createCalendar(timeZone: string): Calendar {
  return {
    dayOf: (date) =>
      Temporal.Instant.fromEpochMilliseconds(date.getTime())
        .toZonedDateTimeISO(timeZone)
        .toPlainDate()
        .toString(),
    startOfDay: (isoDay) =>
      new Date(Temporal.PlainDate.from(isoDay).toZonedDateTime(timeZone).epochMilliseconds),
  };
}

export function nowSeconds(): number {
  return Math.floor(Date.now() / 1_000);
}
