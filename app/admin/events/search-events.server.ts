import type { EventFilter } from "#app/admin/shell/event-filter.ts";
import { Prisma } from "#prisma/client/client.ts";
import { SEARCH_LIMIT } from "./count-events.server.ts";
import { eventPredicate, searchPredicate } from "./event-predicate.server.ts";
import type { PeriodBounds } from "./period-bounds.server.ts";

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
