import { EARLIEST_SECONDS, type EventInput, TIME_RULE } from "./event-input.server.ts";

/** How far ahead of ours the caller's clock may be. */
const CLOCK_DIFFERENCE_SECONDS = 5 * 60;

export type ReadTime =
  | { ok: true; occurredAtSeconds: number | null }
  | { ok: false; message: string };

/** Whole unix seconds, not later than now; null: not given. */
export function readEventTime(given: EventInput["eventTime"], nowSeconds: number): ReadTime {
  if (given === undefined) return { ok: true, occurredAtSeconds: null };
  const seconds = Math.floor(toSeconds(given));
  if (!(seconds >= EARLIEST_SECONDS)) return { ok: false, message: TIME_RULE };
  if (seconds > nowSeconds + CLOCK_DIFFERENCE_SECONDS) {
    return { ok: false, message: "lies in the future: Pinterest takes what has happened" };
  }
  return { ok: true, occurredAtSeconds: Math.min(seconds, nowSeconds) };
}

function toSeconds(given: number | string): number {
  if (typeof given === "number") return given;
  const [, day, time = "T00:00", zone = "Z"] = MOMENT.exec(given) ?? [];
  if (day === undefined) return Number(given);
  if (!isDay(day)) return Number.NaN;
  const offset = zone.replace(
    /^([+-]\d{2}):?(\d{2})?$/,
    (_, hours, minutes = "00") => `${hours}:${minutes}`,
  );
  return Date.parse(`${day}${time.replace(",", ".")}${offset}`) / 1_000;
}

/** A day that its month does not have runs over into the next, and is another day. */
function isDay(day: string): boolean {
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}

const MOMENT = /^(\d{4}-\d{2}-\d{2})(T[\d:.,]+)?(Z|[+-][\d:]+)?$/;
