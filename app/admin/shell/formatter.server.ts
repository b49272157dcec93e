import { formatMessage } from "#app/events/format-message.ts";
import { createCalendar, knownZone } from "#app/platform/calendar.server.ts";
import { shellTexts } from "./texts.ts";

/** Writes dates, money and numbers for one reader of one shop. */
export interface Formatter {
  now: Date;
  /** IANA name of the shop's zone. */
  timeZone: string;
  /** BCP 47, as Shopify gave it. */
  locale: string;
  /** `1,204` */
  number(count: number): string;
  /** `97.6%`; `100%` and `0%` only where exact; `–` where there is no whole. */
  percent(part: number, whole: number): string;
  /** From a decimal string in major units; never through a float. */
  money(value: string, currency: string): string;
  /** The time, with the day where it is another than today. */
  moment(date: Date): Moment;
  /** `12 s ago`; from an hour on like `moment`. */
  relative(date: Date): Moment;
  /** `Nov 24`, of `2026-11-24`. */
  day(isoDay: string): string;
  /** `GMT-5 (New York)`, `UTC`. */
  zone(): string;
  /** `2026-11-24`: the shop's day of a moment. */
  dayOf(date: Date): string;
  /** First moment of one of the shop's days. */
  startOfDay(isoDay: string): Date;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export function createFormatter({
  locale: wanted,
  timeZone: zone,
  now,
}: Pick<Formatter, "locale" | "timeZone" | "now">): Formatter {
  const locale = knownLocale(wanted);
  const timeZone = knownZone(zone);
  const calendar = createCalendar(timeZone);
  const dates = (options: Intl.DateTimeFormatOptions) =>
    lazily(() => plainSpaces(new Intl.DateTimeFormat(locale, { timeZone, ...options })));
  const time = dates({ hour: "numeric", minute: "2-digit" });
  const dayAndTime = dates({ month: "short", day: "numeric", hour: "numeric", minute: "2-digit" });
  const full = dates({ dateStyle: "full", timeStyle: "long" });
  const dayName = dates({ month: "short", day: "numeric", timeZone: "UTC" });
  const counts = lazily(() => new Intl.NumberFormat(locale));
  const shares = lazily(
    () =>
      new Intl.NumberFormat(locale, {
        style: "percent",
        minimumFractionDigits: 1,
        maximumFractionDigits: 1,
      }),
  );
  const moment = (date: Date): Moment => {
    const isToday = calendar.dayOf(date) === calendar.dayOf(now);
    return {
      text: (isToday ? time() : dayAndTime())(date),
      iso: date.toISOString(),
      title: full()(date),
    };
  };
  return {
    now,
    timeZone,
    locale,
    number: (count) => counts().format(count),
    percent: (part, whole) => writeShare(part, whole, (share) => shares().format(share)),
    money: (value, currency) => writeMoney(locale, value, currency),
    moment,
    relative(date) {
      const ageMs = now.getTime() - date.getTime();
      // What was fetched for this very page is younger than its request.
      if (ageMs < -MINUTE_MS || ageMs >= HOUR_MS) return moment(date);
      return { ...moment(date), text: writeAge(ageMs) };
    },
    day: (isoDay) => dayName()(new Date(`${isoDay}T12:00:00Z`)),
    zone: () => writeZone(timeZone, now),
    dayOf: calendar.dayOf,
    startOfDay: calendar.startOfDay,
  };
}

/** Formats are cached: making one takes longer than using it a hundred times. */
function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** Newer ICU puts a narrow no-break space before AM and PM. */
function plainSpaces(format: Intl.DateTimeFormat): (date: Date) => string {
  return (date) => format.format(date).replaceAll("\u202f", " ");
}

function writeShare(part: number, whole: number, write: (share: number) => string): string {
  if (whole === 0) return "–";
  if (part === 0 || part === whole) return write(part / whole).replace(/[.,]0(?=\D*$)/, "");
  const share = part / whole;
  if (share < 0.001) return `<${write(0.001)}`;
  // 9,999 of 10,000 are not all of them.
  return write(Math.min(share, 0.999));
}

function writeMoney(locale: string, value: string, currency: string): string {
  const given = /\.(\d*?)0*$/.exec(value)?.[1]?.length ?? 0;
  try {
    const usual = new Intl.NumberFormat(locale, { style: "currency", currency });
    const digits = usual.resolvedOptions().minimumFractionDigits ?? 2;
    const exact = new Intl.NumberFormat(locale, {
      style: "currency",
      currency,
      minimumFractionDigits: digits,
      maximumFractionDigits: Math.max(digits, given),
    });
    return exact.format(value as Intl.StringNumericLiteral);
  } catch {
    // No currency code that ICU knows: still worth showing.
    return `${value} ${currency}`;
  }
}

function writeAge(ageMs: number): string {
  if (ageMs < 1_000) return shellTexts.justNow;
  return ageMs < MINUTE_MS
    ? formatMessage(shellTexts.secondsAgo, { n: Math.floor(ageMs / 1_000) })
    : formatMessage(shellTexts.minutesAgo, { n: Math.floor(ageMs / MINUTE_MS) });
}

function writeZone(timeZone: string, now: Date): string {
  const parts = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "shortOffset" });
  const offset = parts.formatToParts(now).find(({ type }) => type === "timeZoneName")?.value ?? "";
  const place = timeZone.split("/").at(-1)?.replaceAll("_", " ") ?? "";
  if (timeZone === "UTC" || place === timeZone) return /^GMT$/.test(offset) ? "UTC" : offset;
  return `${offset} (${place})`;
}

/** The locale comes from a request and may be anything. */
function knownLocale(locale: string): string {
  try {
    return Intl.getCanonicalLocales(locale)[0] ?? "en-US";
  } catch {
    return "en-US";
  }
}

/**
 * A moment as a reader sees it, and for machines. Made on the server: browsers format otherwise.
 */
export interface Moment {
  /** `2:02 PM`, or `Nov 24, 2:02 PM` on another day. */
  text: string;
  /** ISO 8601. */
  iso: string;
  /** The time in full, with its zone. */
  title: string;
}

export function nowSeconds(): number {
  return Math.floor(Date.now() / 1_000);
}
