import { csvHeader, csvLine } from "#app/admin/shell/csv.server.ts";
import {
  describeKind,
  describeSource,
  describeState,
  type StateBadge,
  type StateFacts,
} from "#app/admin/shell/describe-state.server.ts";
import { type EventFilter, listStates, toEventUrl } from "#app/admin/shell/event-filter.ts";
import type { Formatter, Moment } from "#app/admin/shell/formatter.server.ts";
import type { StoredState } from "#app/events/event-state.ts";
import { formatMessage } from "#app/events/format-message.ts";
import type { IdSource } from "#app/events/mapped-event.ts";
import { matchKeysFromBits } from "#app/events/match-keys.ts";
import { isBeingSentSql, LEASES_SQL } from "#app/outbox/event-conditions.server.ts";
import { Prisma } from "#prisma/client/client.ts";
import {
  type Condition,
  isEveryState,
  type PeriodBounds,
  sourcePredicate,
} from "./conditions.server.ts";
import { eventsTexts } from "./texts.ts";

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

/** An event as lists and files show it. */
export interface EventRow {
  id: bigint;
  eventId: string;
  idSource: IdSource;
  /** Pinterest's event name. */
  kind: string;
  orderName: string | null;
  orderId: string | null;
  /** Unix seconds. */
  eventTime: bigint;
  state: StoredState;
  /** Its ad account is leased, and it was due when the lease began. */
  isSending: boolean;
  reason: string | null;
  warning: string | null;
  value: string | null;
  currency: string | null;
  source: string;
  adAccountId: string | null;
  attempts: number;
  keyBits: number;
  nextAt: Date;
}

/** The columns of an `EventRow`, of `event e`. */
const EVENT_COLUMNS = Prisma.raw(`e.id, e.event_id as "eventId", e.id_source as "idSource", e.kind,
  e.order_name as "orderName", e.order_id as "orderId", e.event_time as "eventTime", e.state,
  e.reason, e.warning, e.value, e.currency, e.source, e.ad_account_id as "adAccountId", e.attempts,
  e.key_bits as "keyBits", e.next_at as "nextAt"`);

/** A row of the list, as the server has written it. */
export interface EventLine {
  /** Row id, for what is ticked. */
  id: string;
  url: string;
  /** `#1042`; a dash where there is no order. */
  order: string;
  /** The link's name, where the order does not name it. */
  name: string | null;
  kind: string;
  value: string;
  badge: StateBadge;
  /** Pinterest's words. */
  detail: string | null;
  source: string;
  happened: Moment;
}

/** The row as the list shows it. */
export function toEventLine(
  row: EventRow,
  connection: StateFacts["connection"],
  format: Formatter,
): EventLine {
  const { kind, state, isSending, reason, value, currency } = row;
  const happened = format.moment(new Date(Number(row.eventTime) * 1_000));
  const name = describeKind(kind);
  return {
    id: String(row.id),
    url: toEventUrl(row),
    order: row.orderName ?? row.orderId ?? eventsTexts.noOrder,
    name:
      row.orderName === null && row.orderId === null
        ? formatMessage(eventsTexts.rowName, { kind: name, time: happened.text })
        : null,
    kind: name,
    value:
      value === null || currency === null ? eventsTexts.noOrder : format.money(value, currency),
    badge: describeState({ ...row, state: isSending ? "sending" : state, connection }, format),
    detail: state === "rejected" ? reason : row.warning,
    source: describeSource(row.source),
    happened,
  };
}

/** What a file has beside the row. */
interface FileContext {
  /** What Pinterest said last. */
  answer: string | null;
  writeTime: (date: Date) => string;
}

/** The columns of the exported file, and what each holds. */
const FILE_COLUMNS: readonly [
  name: string,
  write: (row: EventRow, context: FileContext) => string | number | null,
][] = [
  ["event_id", ({ eventId }) => eventId],
  ["id_source", ({ idSource }) => idSource],
  ["kind", ({ kind }) => kind],
  ["order", ({ orderName }) => orderName],
  ["order_id", ({ orderId }) => orderId],
  ["happened_at", ({ eventTime }, { writeTime }) => writeTime(new Date(Number(eventTime) * 1_000))],
  ["state", ({ isSending, state }) => (isSending ? "sending" : state)],
  ["reason", ({ reason }) => reason],
  ["value", ({ value }) => value],
  ["currency", ({ currency }) => currency],
  ["source", ({ source }) => source],
  ["ad_account", ({ adAccountId }) => adAccountId],
  ["attempts", ({ attempts }) => attempts],
  ["last_answer", (_row, { answer }) => answer],
  [
    "keys_sent",
    ({ state, keyBits }) => (state === "skipped" ? null : matchKeysFromBits(keyBits).join(" ")),
  ],
];

/** The first line of the exported file. */
export const eventFileHeader = csvHeader(FILE_COLUMNS.map(([name]) => name));

/** The row as a line of the exported file. */
export function toFileLine(row: EventRow, context: FileContext): string {
  return csvLine(FILE_COLUMNS.map(([, write]) => write(row, context)));
}
