import {
  EVENT_TABS,
  type EventFilter,
  type EventTab,
  listStates,
} from "#app/admin/shell/event-filter.ts";
import type { StoredState } from "#app/events/event-state.ts";
import type { Prisma } from "#prisma/client/client.ts";
import { hasSource, type PeriodBounds, SEARCH_LIMIT } from "./conditions.server.ts";

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
