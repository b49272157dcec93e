import { type EventFilter, listStates } from "#app/admin/shell/event-filter.ts";
import { isBeingSentSql, LEASES_SQL } from "#app/outbox/event-conditions.server.ts";
import { Prisma } from "#prisma/client/client.ts";
import {
  type Condition,
  isEveryState,
  type PeriodBounds,
  sourcePredicate,
} from "./conditions.server.ts";
import { EVENT_COLUMNS, type EventRow } from "./event-row.server.ts";

/** Rows of one page, and the most that can be ticked. */
export const PAGE_ROWS = 50;

/** Where a row stands in the list. */
export interface EventPosition {
  /** Unix seconds. */
  eventTime: bigint;
  id: bigint;
}

export interface RowsWanted {
  shopId: bigint;
  filter: EventFilter;
  bounds: PeriodBounds;
  /** What the rows of `event e` have to meet, and whether the counters know how many do. */
  condition: Condition;
  /** The row to begin after, in the direction of reading. */
  after: EventPosition | null;
  /** `desc`: the latest first. */
  direction: "asc" | "desc";
  limit: number;
}

const BUCKET_SECONDS = 900;

const IS_SENDING = Prisma.raw(isBeingSentSql({ state: "page.state", nextAt: 'page."nextAt"' }));

/**
 * Events by when they happened, from a place on, within a `readAsShop`. A page costs the same
 * wherever it is: what is rare in a long list is looked for only in those 15 minutes in which the
 * counters have some of it.
 */
export async function readEventRows(
  tx: Prisma.TransactionClient,
  wanted: RowsWanted,
): Promise<EventRow[]> {
  const order = Prisma.raw(`order by event_time ${wanted.direction}, id ${wanted.direction}`);
  const buckets = wanted.condition.isCounted ? await findBuckets(tx, wanted) : null;
  const rows = buckets === null ? fromAll(wanted, order) : fromBuckets(wanted, order, buckets);
  return tx.$queryRaw<EventRow[]>`
    with ${Prisma.raw(LEASES_SQL)},
    page as materialized (${rows})
    select page.*, ${IS_SENDING} as "isSending"
    from page left join lease on lease.ad_account_id = page."adAccountId"
    order by page."eventTime" ${Prisma.raw(wanted.direction)}, page.id ${Prisma.raw(wanted.direction)}`;
}

function fromAll(
  { condition, after, direction, limit }: RowsWanted,
  order: Prisma.Sql,
): Prisma.Sql {
  return Prisma.sql`select ${EVENT_COLUMNS} from event e
    where ${condition.sql}${afterPredicate(after, direction)} ${order} limit ${limit}`;
}

function fromBuckets(
  { condition, after, direction, limit }: RowsWanted,
  order: Prisma.Sql,
  starts: bigint[],
): Prisma.Sql {
  return Prisma.sql`select found.* from unnest(${starts}::bigint[]) as bucket (start)
    cross join lateral (select ${EVENT_COLUMNS}, e.event_time from event e
      where ${condition.sql}${afterPredicate(after, direction)}
        and e.event_time >= bucket.start and e.event_time < bucket.start + ${BUCKET_SECONDS}
      ${order} limit ${limit}) found ${order} limit ${limit}`;
}

/**
 * Not as a comparison of rows: Postgres would begin its scan at the period's bound, not here, and
 * read all of the list to reach the last page.
 */
function afterPredicate(after: EventPosition | null, direction: "asc" | "desc"): Prisma.Sql {
  if (after === null) return Prisma.empty;
  const { eventTime, id } = after;
  const beyond = Prisma.raw(direction === "desc" ? "<" : ">");
  return Prisma.sql` and e.event_time ${beyond}= ${eventTime}::bigint
    and (e.event_time ${beyond} ${eventTime}::bigint or e.id ${beyond} ${id}::bigint)`;
}

/**
 * Starts of the 15 minutes that hold the page: each has one row at least, but for the first, of
 * which the pages before may have had all. Null where the filter leaves nothing out.
 */
async function findBuckets(
  tx: Prisma.TransactionClient,
  { shopId, filter, bounds, after, direction, limit }: RowsWanted,
): Promise<bigint[] | null> {
  const states = listStates(filter);
  const isWhole = filter.kinds.length === 0 && filter.sources.length === 0 && isEveryState(states);
  if (isWhole) return null;
  const { kinds, reasons, sources } = filter;
  const firstAt = after === null ? null : after.eventTime - (after.eventTime % 900n);
  const edge = direction === "desc" ? Prisma.raw("<=") : Prisma.raw(">=");
  const rows = await tx.$queryRaw<{ start: bigint }[]>`
    select extract(epoch from bucket)::bigint as start from count_bucket
    where shop_id = ${shopId}
      and bucket >= to_timestamp(${bounds.from}) and bucket < to_timestamp(${bounds.to})
      ${firstAt === null ? Prisma.empty : Prisma.sql`and bucket ${edge} to_timestamp(${firstAt}::bigint)`}
      and state = any(${states}::text[])
      ${kinds.length === 0 ? Prisma.empty : Prisma.sql`and kind = any(${kinds}::text[])`}
      ${reasons.length === 0 ? Prisma.empty : Prisma.sql`and reason = any(${reasons}::text[])`}
      ${sources.length === 0 ? Prisma.empty : Prisma.sql`and ${sourcePredicate(sources)}`}
    group by bucket having sum(n) > 0 order by bucket ${Prisma.raw(direction)} limit ${limit + 1}`;
  return rows.map(({ start }) => start);
}
