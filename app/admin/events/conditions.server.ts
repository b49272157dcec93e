import {
  EVENT_TABS,
  type EventFilter,
  type EventPeriod,
  KEPT_DAYS,
  listStates,
} from "#app/admin/shell/event-filter.ts";
import { Prisma } from "#prisma/client/client.ts";

/** What was sent by hand, by API or by Flow; all other sources are the store's. */
const BY_HAND = "task";

/** Longer beginnings of event ids are looked for; shorter ones would find half of all events. */
const SHORTEST_EVENT_ID = 6;

/**
 * SQL: whether a row `e` of `event` is in the filter, its search left out. States stand in it as
 * text, not as parameters: only so can the planner see that a partial index holds them all. A list
 * of every state leaves nothing out, and would lead it to think that little is left.
 */
function eventPredicate(shopId: bigint, filter: EventFilter, bounds: PeriodBounds): Prisma.Sql {
  const { kinds, reasons, idSource } = filter;
  const states = listStates(filter);
  return Prisma.join(
    [
      Prisma.sql`e.shop_id = ${shopId}`,
      Prisma.sql`e.event_time >= ${BigInt(bounds.from)} and e.event_time < ${BigInt(bounds.to)}`,
      ...(isEveryState(states) ? [] : [statePredicate(states)]),
      ...(kinds.length > 0 ? [Prisma.sql`e.kind = any(${kinds}::text[])`] : []),
      ...(reasons.length > 0 ? [Prisma.sql`e.reason = any(${reasons}::text[])`] : []),
      ...(filter.sources.length > 0 ? [sourcePredicate(filter.sources)] : []),
      ...(idSource === null ? [] : [Prisma.sql`e.id_source = ${idSource}`]),
    ],
    " and ",
  );
}

/** Whether a counter's source is among those of the filter. */
export function hasSource(sources: readonly string[], source: string): boolean {
  if (sources.length === 0 || sources.includes(source)) return true;
  return sources.includes("store") && source !== BY_HAND;
}

/** SQL: whether the column `source` is among the filter's sources, of which there is one at least. */
export function sourcePredicate(sources: readonly string[]): Prisma.Sql {
  const named = Prisma.sql`source = any(${[...sources]}::text[])`;
  return sources.includes("store") ? Prisma.sql`(${named} or source <> ${BY_HAND})` : named;
}

/** Whether the states leave no event out. */
export function isEveryState(states: readonly string[]): boolean {
  return states.length === EVENT_TABS.all.length;
}

function statePredicate(states: readonly string[]): Prisma.Sql {
  if (states.length === 0) return Prisma.sql`false`;
  const list = states.map((state) => `'${state}'`).join(", ");
  // Only the partial indexes' own words let them be used: `state = 'skipped'`, `state in (…)`.
  if (states.every((state) => state === "rejected" || state === "expired")) {
    return Prisma.raw(`e.state in ('rejected', 'expired') and e.state in (${list})`);
  }
  if (states.length === 1) return Prisma.raw(`e.state = ${list}`);
  return Prisma.raw(`e.state in (${list})`);
}

/** SQL: whether a row `e` of `event` is what the merchant looks for. Each part has its index. */
function searchPredicate(search: string): Prisma.Sql {
  const bare = search.replace(/^#/, "");
  if (bare === "") return Prisma.sql`false`;
  const names = [...new Set([bare, `#${bare}`, search])];
  const parts = [Prisma.sql`e.order_name = any(${names}::text[])`];
  if (/^\d+$/.test(bare)) parts.push(Prisma.sql`e.order_id = ${bare}`);
  if (search.length >= SHORTEST_EVENT_ID) {
    // These operators compare bytes: `like` may not use an index beneath row-level security.
    const end = `${search}\u{10FFFF}`;
    parts.push(Prisma.sql`(e.event_id ~>=~ ${search} and e.event_id ~<~ ${end})`);
  }
  return Prisma.sql`(${Prisma.join(parts, " or ")})`;
}

/** Searches are counted up to here. */
export const SEARCH_LIMIT = 10_000;

/** SQL that the rows of `event e` have to meet. */
export interface Condition {
  sql: Prisma.Sql;
  /** Whether the counters know how many do. */
  isCounted: boolean;
}

/**
 * The filter with its search, within a `readAsShop`. What a search finds is looked up by its own
 * indexes first: together with the order of the list, the planner might read all of the list.
 */
export async function toCondition(
  tx: Prisma.TransactionClient,
  shopId: bigint,
  filter: EventFilter,
  bounds: PeriodBounds,
): Promise<Condition> {
  const sql = eventPredicate(shopId, filter, bounds);
  if (filter.search === "") return { sql, isCounted: filter.idSource === null };
  const isSought = searchPredicate(filter.search);
  const found = await tx.$queryRaw<{ id: bigint }[]>`
    select e.id from event e where e.shop_id = ${shopId} and ${isSought} limit ${SEARCH_LIMIT + 1}`;
  const ids = found.map(({ id }) => id);
  // So many are everywhere in the list: its own order finds a page of them soon.
  return ids.length > SEARCH_LIMIT
    ? { sql: Prisma.sql`${sql} and ${isSought}`, isCounted: false }
    : { sql: Prisma.sql`${sql} and e.id = any(${ids}::bigint[])`, isCounted: false };
}

/** Days as the shop has them. */
export interface ShopDays {
  now: Date;
  /** YYYY-MM-DD. */
  dayOf(date: Date): string;
  startOfDay(isoDay: string): Date;
}

/** Unix seconds, from inclusive, to exclusive. Midnights, so edges of the counters' 15 minutes. */
export interface PeriodBounds {
  from: number;
  to: number;
}

const DAY_MS = 86_400_000;

/** When a period begins and ends by the shop's clock, on days of 23 and 25 hours too. */
export function periodBounds(period: EventPeriod, days: ShopDays): PeriodBounds {
  const today = days.dayOf(days.now);
  const [first, last] =
    "from" in period ? [period.from, period.to] : [addDays(today, 1 - period.days), today];
  // What stands in the filter by default is all that there is: so is what happens a little ahead.
  const isOpen = !("from" in period) && period.days === KEPT_DAYS;
  return {
    from: isOpen ? 0 : toSeconds(days.startOfDay(first)),
    to: toSeconds(days.startOfDay(addDays(last, 1))),
  };
}

function addDays(isoDay: string, count: number): string {
  return new Date(Date.parse(`${isoDay}T00:00:00Z`) + count * DAY_MS).toISOString().slice(0, 10);
}

function toSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1_000);
}

/** The limit of each statement of the list: a reader who would wait longer is told so. */
export const LIST_TIMEOUT_MS = 2_000;
