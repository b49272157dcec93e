import type { PoolClient } from "pg";
import { listShopsThatChanged } from "#app/audit/read-audit-log.server.ts";
import { SENDABLE_SECONDS } from "#app/events/event-state.ts";
import { shopSettings } from "#app/events/shop-settings.ts";
import type { Database } from "#app/platform/db.server.ts";

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
function payloadDaysSql(shopId: string): string {
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

/**
 * A page's rows are locked, and any other transaction that settles or takes one of its events waits
 * for the page.
 */
const PAGE = 1_000;

export interface ShortenedPayloads {
  /** Payloads that were dropped. */
  deleted: number;
  /** Payloads that will be dropped earlier than before. */
  moved: number;
}

/**
 * Limits the payloads of a shop's ended events to `days` from their end: those past the limit are
 * dropped at once, the others on their new day. A payload that is dropped earlier anyway stays, and
 * so does that of an event that still waits. Running it twice changes nothing the second time.
 */
export async function shortenPayloads(
  { db }: { db: Pick<Database, "transaction"> },
  shopId: bigint,
  days: number,
): Promise<ShortenedPayloads> {
  const shortened = { deleted: 0, moved: 0 };
  let after: Place | null = NEWEST;
  while (after !== null) {
    const start: Place = after;
    const page = await db.transaction((client) => shortenPage(client, { shopId, days }, start));
    shortened.deleted += page.deleted;
    shortened.moved += page.moved;
    after = page.last;
  }
  return shortened;
}

/**
 * Does the same for the shops whose days changed recently: by another way than the privacy page, or
 * by a process that ended before it finished. Returns how many payloads were dropped.
 */
export async function shortenChangedShops({
  db,
}: {
  db: Pick<Database, "pool" | "transaction">;
}): Promise<number> {
  const changed = await listShopsThatChanged(db.pool, "payload_days", 3);
  const { rows } = await db.pool.query<{ id: bigint; days: number }>(
    `select s.id, ${payloadDaysSql("s.id")} as days from shop s where s.id = any($1::bigint[])`,
    [changed.map(String)],
  );
  let deleted = 0;
  for (const { id, days } of rows) deleted += (await shortenPayloads({ db }, id, days)).deleted;
  return deleted;
}

/** A row's position in the shop's list of events, newest first. */
interface Place {
  event_time: bigint;
  id: bigint;
}

const NEWEST: Place = { event_time: 2n ** 62n, id: 0n };

const ENDED_AT = "coalesce(e.settled_at, e.created_at)";
const IS_OVER = `${ENDED_AT} < now() - make_interval(days => $2::integer)`;
const NEW_DAY = `case when ${IS_OVER} then current_date
  else (${ENDED_AT} at time zone 'UTC')::date + $2::integer + 1 end`;
const TO_SHORTEN = `e.shop_id = $1 and e.state not in ('held', 'pending') and e.payload_drop_on > ${NEW_DAY}`;

async function shortenPage(
  client: PoolClient,
  { shopId, days }: { shopId: bigint; days: number },
  after: Place,
): Promise<ShortenedPayloads & { last: Place | null }> {
  const { rows: page } = await client.query<Place>(
    `select e.id, e.event_time from event e
      where ${TO_SHORTEN} and (e.event_time, e.id) < ($3, $4)
      order by e.event_time desc, e.id desc limit ${PAGE}`,
    [shopId.toString(), days, after.event_time.toString(), after.id.toString()],
  );
  // Locked in the order of their ids, as when events are settled: two orders would deadlock.
  const { rows } = await client.query<PayloadMove & { is_over: boolean }>(
    `update event set payload_drop_on = late.new_day
      from (select e.id, e.payload_drop_on as was_drop_on, ${NEW_DAY} as new_day, ${IS_OVER} as is_over
        from event e where ${TO_SHORTEN} and e.id = any($3::bigint[])
        order by e.id for no key update) late
      where event.id = late.id
      returning event.id, late.was_drop_on, event.payload_drop_on, late.is_over`,
    [shopId.toString(), days, page.map(({ id }) => id.toString())],
  );
  const { over = [], young = [] } = Object.groupBy(rows, (row) => (row.is_over ? "over" : "young"));
  const { rowCount: deleted } = await client.query(
    `delete from event_payload p using unnest($1::bigint[], $2::date[]) r (id, day)
      where p.drop_on = r.day and p.event_ref = r.id`,
    [over.map(({ id }) => id.toString()), over.map((event) => event.was_drop_on)],
  );
  const moved = await movePayloads(client, young);
  const last = page.length < PAGE ? null : (page.at(-1) ?? null);
  return { deleted: deleted ?? 0, moved, last };
}
