import { Temporal } from "temporal-polyfill";

/** A shop's days: 23, 24 or 25 hours from one local midnight to the next. */
interface Calendar {
  /** `2026-11-24` */
  dayOf(date: Date): string;
  /** First moment of the day, which is not midnight where clocks are put forward at midnight. */
  startOfDay(isoDay: string): Date;
  /** The hour on the shop's clocks, 0 to 23. */
  hourOf(date: Date): number;
}

/** @param timeZone IANA name */
export function createCalendar(timeZone: string): Calendar {
  const zoned = (date: Date) =>
    Temporal.Instant.fromEpochMilliseconds(date.getTime()).toZonedDateTimeISO(timeZone);
  return {
    dayOf: (date) => zoned(date).toPlainDate().toString(),
    hourOf: (date) => zoned(date).hour,
    startOfDay: (isoDay) =>
      new Date(Temporal.PlainDate.from(isoDay).toZonedDateTime(timeZone).epochMilliseconds),
  };
}

/** The form of `<input type="datetime-local">`: no zone, perhaps no seconds. */
const LOCAL_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?$/;

/**
 * Parses a time on a zone's clocks into Unix seconds; null: it is none. A time that the clocks show
 * twice is the first of both, and one that they skip lies as far behind the change.
 */
export function parseLocalTime(text: string, timeZone: string): number | null {
  if (!LOCAL_TIME.test(text)) return null;
  try {
    const local = Temporal.PlainDateTime.from(text, { overflow: "reject" });
    return local.toZonedDateTime(knownZone(timeZone)).epochMilliseconds / 1_000;
  } catch (error) {
    // A 31st that the month does not have.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Formats Unix seconds as a time on a zone's clocks, to the minute. */
export function formatLocalTime(seconds: number, timeZone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(seconds * 1_000)
    .toZonedDateTimeISO(knownZone(timeZone))
    .toPlainDateTime()
    .toString({ smallestUnit: "minute" });
}

/** The zone itself, or UTC where ICU does not know it. */
export function knownZone(timeZone: string): string {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone });
    return timeZone;
  } catch {
    return "UTC";
  }
}
