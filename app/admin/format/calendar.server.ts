/** A shop's days: 23, 24 or 25 hours from one local midnight to the next. */
export interface Calendar {
  /** `2026-11-24` */
  dayOf(date: Date): string;
  /** First moment of the day. */
  startOfDay(isoDay: string): Date;
}

const DAY = new Intl.DateTimeFormat("en-CA", { dateStyle: "short", timeZone: "UTC" });

/** @param timeZone IANA name */
export function createCalendar(timeZone: string): Calendar {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });

  /** The wall clock's time, read as if it were UTC. */
  function wallClock(date: Date): number {
    const read = Object.fromEntries(
      parts.formatToParts(date).map(({ type, value }) => [type, Number(value)]),
    );
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = read;
    return Date.UTC(year, month - 1, day, hour, minute, second);
  }

  return {
    dayOf: (date) => DAY.format(wallClock(date)),
    startOfDay(isoDay) {
      const midnight = Date.parse(`${isoDay}T00:00:00Z`);
      const offsetAt = (ms: number) => wallClock(new Date(ms)) - ms;
      const guess = midnight - offsetAt(midnight);
      // The offset at midnight in UTC may be another than at midnight here.
      return new Date(midnight - offsetAt(guess));
    },
  };
}
