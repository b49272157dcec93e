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
  return given.includes("T") ? Date.parse(given) / 1_000 : Number(given);
}
