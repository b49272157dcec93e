/** A moment as a reader sees it, and for machines. Made on the server: browsers format otherwise. */
export interface Moment {
  /** `2:02 PM`, or `Nov 24, 2:02 PM` on another day. */
  text: string;
  /** ISO 8601. */
  iso: string;
}

const LOCALE = "en-US";

/** @param timeZone IANA name of the shop's zone */
export function formatMoment(moment: Date, now: Date, timeZone: string): Moment {
  const isToday = dayOf(moment, timeZone) === dayOf(now, timeZone);
  const text = new Intl.DateTimeFormat(LOCALE, {
    timeZone,
    hour: "numeric",
    minute: "2-digit",
    ...(!isToday && { month: "short", day: "numeric" }),
  }).format(moment);
  // Newer ICU puts a narrow no-break space before AM and PM.
  return { text: text.replaceAll("\u202f", " "), iso: moment.toISOString() };
}

/** `GMT-5`, `UTC`. */
export function formatZone(now: Date, timeZone: string): string {
  const parts = new Intl.DateTimeFormat(LOCALE, { timeZone, timeZoneName: "shortOffset" });
  const zone = parts.formatToParts(now).find(({ type }) => type === "timeZoneName");
  return zone === undefined || /^GMT([+-]0)?$/.test(zone.value) ? "UTC" : zone.value;
}

/** `1,204` */
export function formatNumber(count: number): string {
  return new Intl.NumberFormat(LOCALE).format(count);
}

function dayOf(moment: Date, timeZone: string): string {
  return new Intl.DateTimeFormat(LOCALE, { timeZone, dateStyle: "short" }).format(moment);
}
