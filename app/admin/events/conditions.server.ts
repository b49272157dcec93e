import {
  EVENT_TABS,
  type EventFilter,
  type EventPeriod,
  type EventTab,
  KEPT_DAYS,
  listStates,
} from "#app/admin/shell/event-filter.ts";
import type { StoredState } from "#app/events/event-state.ts";
import { Prisma } from "#prisma/client/client.ts";

/** What was sent by hand, by API or by Flow; all other sources are the store's. */
const BY_HAND = "task";

/** The fewest characters of an event id that are searched: fewer would find half of all events. */
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
function hasSource(sources: readonly string[], source: string): boolean {
  if (sources.length === 0 || sources.includes(source)) return true;
  return sources.includes("store") && source !== BY_HAND;
}

/**
 * SQL: whether the column `source` is among the filter's sources, of which there is one at least.
 */
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

/** The most matches of a search that are counted. */
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
  // So many matches are everywhere in the list: reading it in order soon fills a page.
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
  // The default period has everything, also events whose time is a little ahead.
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

/** The time limit of each statement of the list: beyond it, the page says that it took too long. */
export const LIST_TIMEOUT_MS = 2_000;

/** Some of a period's counters, added up. */
export interface Tally {
  kind: string;
  source: string;
  state: StoredState;
  reason: string;
  n: number;
}

/** A period's counters by kind, source, state and reason, within a `readAsShop`. */
export async function readTallies(
  tx: Prisma.TransactionClient,
  shopId: bigint,
  { from, to }: PeriodBounds,
): Promise<Tally[]> {
  const rows = await tx.$queryRaw<(Omit<Tally, "n"> & { n: bigint })[]>`
    select kind, source, state, reason, sum(n)::bigint as n from count_bucket
    where shop_id = ${shopId} and bucket >= to_timestamp(${from}) and bucket < to_timestamp(${to})
    group by kind, source, state, reason`;
  return rows.map((row) => ({ ...row, n: Number(row.n) })).filter(({ n }) => n > 0);
}

/** How many events the counters know in each state, of the filter's kinds and sources. */
export function countByState(
  tallies: readonly Tally[],
  { kinds, sources }: Pick<EventFilter, "kinds" | "sources">,
): Map<StoredState, number> {
  const counts = new Map<StoredState, number>();
  for (const { kind, source, state, n } of tallies) {
    if (kinds.length > 0 && !kinds.includes(kind)) continue;
    if (hasSource(sources, source)) counts.set(state, (counts.get(state) ?? 0) + n);
  }
  return counts;
}

/** How many events each tab would show with the filter's kinds, sources and period. */
export function countTabs(counts: ReadonlyMap<StoredState, number>): Record<EventTab, number> {
  const sum = (tab: EventTab) =>
    EVENT_TABS[tab].reduce((total, state) => total + (counts.get(state) ?? 0), 0);
  return {
    all: sum("all"),
    action: sum("action"),
    waiting: sum("waiting"),
    accepted: sum("accepted"),
    "not-sent": sum("not-sent"),
  };
}

/** How many events of the filter the counters know in each state; search and id source left out. */
export function countMatching(
  tallies: readonly Tally[],
  filter: EventFilter,
): Map<StoredState, number> {
  const reasons: readonly string[] = filter.reasons;
  const states = listStates(filter);
  const matching = tallies.filter(
    ({ state, reason }) =>
      states.includes(state) && (reasons.length === 0 || reasons.includes(reason)),
  );
  return countByState(matching, filter);
}

export function sumCounts(counts: ReadonlyMap<StoredState, number>): number {
  return [...counts.values()].reduce((total, n) => total + n, 0);
}

/** Rows that meet the condition on `e`, counted one by one, up to one more than `limit`. */
export async function countRows(
  tx: Prisma.TransactionClient,
  condition: Prisma.Sql,
  limit = SEARCH_LIMIT,
): Promise<number> {
  const rows = await tx.$queryRaw<{ n: bigint }[]>`
    select count(*) as n from (select from event e where ${condition}
      limit ${limit + 1}) found`;
  return Number(rows[0]?.n ?? 0);
}
