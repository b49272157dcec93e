import type { PoolClient } from "pg";
import { SENDABLE_SECONDS } from "#app/events/event-state.ts";
import { shopSettings } from "#app/events/shop-settings.ts";

const DAY_SECONDS = 24 * 60 * 60;
const DAY_MS = DAY_SECONDS * 1_000;

/** The days for which an event may wait, and needs its payload, whatever its shop has chosen. */
const WAITING_DAYS = Math.ceil(SENDABLE_SECONDS / DAY_SECONDS);

const DEFAULT_DAYS = shopSettings.parse({}).payload_days;

/**
 * The first day (UTC) on which the payload of an event that arrives now is no longer needed: a
 * shop's days count from the event's end. For an event that ends on the day of its arrival, it is
 * this day already, so that the payload need not move.
 */
export function dropOn(payloadDays: number): string {
  const today = Math.floor(Date.now() / DAY_MS);
  return dayText(today + Math.max(payloadDays, WAITING_DAYS) + 1);
}

const dayTexts = new Map<number, string>();
const MOST_DAY_TEXTS = 100;

/**
 * Formats a day, given by its number since 1970. The result is cached, because the events of a busy
 * minute share a few days.
 */
function dayText(day: number): string {
  const known = dayTexts.get(day);
  if (known !== undefined) return known;
  if (dayTexts.size === MOST_DAY_TEXTS) dayTexts.clear();
  const text = new Date(day * DAY_MS).toISOString().slice(0, 10);
  dayTexts.set(day, text);
  return text;
}

/** SQL: the same for an event that waits again from now, at least. */
export const WAITING_DROP_ON_SQL = `current_date + ${WAITING_DAYS + 1}`;

/** SQL: for how many days a shop (SQL for its id) keeps the payloads of events that have ended. */
export function payloadDaysSql(shopId: string): string {
  return `coalesce((select case when jsonb_typeof(kept.settings -> 'payload_days') = 'number'
    then (kept.settings -> 'payload_days')::integer end from shop kept where kept.id = ${shopId}), ${DEFAULT_DAYS})`;
}

/** SQL: the first day on which the payload of an event of the shop that ends now is no longer needed. */
export function endedDropOnSql(shopId: string): string {
  return `(current_date + 1 + ${payloadDaysSql(shopId)})`;
}

/** A payload, the day on which it was to be dropped, and its new day; null when the event has none. */
export interface PayloadMove {
  id: bigint;
  was_drop_on: string | null;
  payload_drop_on: string | null;
}

/**
 * Moves payloads to the partition of their new day, after their events' rows say so. Most stay:
 * those of an event that ended on the day of its arrival.
 */
export async function movePayloads(
  client: PoolClient,
  events: readonly PayloadMove[],
): Promise<number> {
  const moved = events.filter((event) => event.was_drop_on !== event.payload_drop_on);
  const byDays = Map.groupBy(moved, (event) => `${event.was_drop_on} ${event.payload_drop_on}`);
  let count = 0;
  for (const [days, payloads] of byDays) {
    const [from, to] = days.split(" ");
    const { rowCount } = await client.query({
      name: "move-payloads",
      text: "update event_payload set drop_on = $2 where drop_on = $1 and event_ref = any($3::bigint[])",
      values: [from, to, payloads.map(({ id }) => id.toString())],
    });
    count += rowCount ?? 0;
  }
  return count;
}
