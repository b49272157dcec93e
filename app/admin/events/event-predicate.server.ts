import { EVENT_TABS, type EventFilter, statesOf } from "#app/admin/shell/event-filter.ts";
import { Prisma } from "#prisma/client/client.ts";
import type { PeriodBounds } from "./period-bounds.server.ts";

/** What was sent by hand, by API or by Flow; all other sources are the store's. */
const BY_HAND = "task";

/** Longer beginnings of event ids are looked for; shorter ones would find half of all events. */
const SHORTEST_EVENT_ID = 6;

/**
 * SQL: whether a row `e` of `event` is in the filter, its search left out. States stand in it as
 * text, not as parameters: only so can the planner see that a partial index holds them all. A list
 * of every state leaves nothing out, and would lead it to think that little is left.
 */
export function eventPredicate(
  shopId: bigint,
  filter: EventFilter,
  bounds: PeriodBounds,
): Prisma.Sql {
  const { kinds, reasons, idSource } = filter;
  const states = statesOf(filter);
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
export function searchPredicate(search: string): Prisma.Sql {
  const bare = search.replace(/^#/, "");
  if (bare === "") return Prisma.sql`false`;
  const names = [...new Set([bare, `#${bare}`, search])];
  const parts = [Prisma.sql`e.order_name = any(${names}::text[])`];
  if (/^\d+$/.test(bare)) parts.push(Prisma.sql`e.order_id = ${bare}`);
  if (search.length >= SHORTEST_EVENT_ID) {
    // By bytes: `like` may not use an index beneath row-level security, these operators may.
    const end = `${search}\u{10FFFF}`;
    parts.push(Prisma.sql`(e.event_id ~>=~ ${search} and e.event_id ~<~ ${end})`);
  }
  return Prisma.sql`(${Prisma.join(parts, " or ")})`;
}
