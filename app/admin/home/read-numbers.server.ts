import type { StoredState } from "#app/events/event-state.ts";
import {
  comparableSpan,
  floorToBucket,
  isCountStale,
  type ShopDay,
} from "#app/shopify/order-counts.server.ts";
import type { Prisma } from "#prisma/client/client.ts";

/** Where the orders of one day are. */
export interface DayCounts {
  day: string;
  accepted: number;
  notSent: number;
  waiting: number;
  refused: number;
  tooLate: number;
  /** Orders that Shopify has and we have no event of. */
  missing: number;
  /** Orders that we have an event of and Shopify no longer counts. */
  surplus: number;
  /** Skipped because they were tests, which are no orders; not in `notSent`. */
  tests: number;
}

export interface PeriodCounts {
  days: DayCounts[];
  /** Whether Shopify counted every day that can be compared. */
  isCounted: boolean;
  /** When Shopify was last asked, of the day that was asked for longest ago; today's if it has one. */
  countedAt: Date | null;
  isCountDue: boolean;
}

type Tx = Prisma.TransactionClient;

interface CountedDay extends ShopDay {
  orders: number | null;
  askedAt: Date | null;
  /** The part of the day that is compared; both its start where nothing is. */
  from: Date;
  until: Date;
}

interface CountRow {
  day: string;
  state: StoredState;
  is_test: boolean;
  n: bigint;
  compared: bigint;
}

/**
 * The store's purchases by day and state, beside Shopify's counts of orders. Both sides go by when
 * the order was placed; what was sent by hand is on neither. Within a `readAsShop`.
 */
export async function readDayCounts(
  tx: Tx,
  shopId: bigint,
  days: readonly ShopDay[],
  now: Date,
): Promise<PeriodCounts> {
  const counted = await readShopifyCounts(tx, shopId, days);
  const comparable = counted.days.map((day) => comparableSpan(day, counted.installedAt, now));
  const rows = await readOurs(tx, shopId, counted.days);
  const byDay = Map.groupBy(rows, ({ day }) => day);
  const missing = counted.days.filter((day, place) => comparable[place] && day.askedAt === null);
  const today = counted.days.at(-1);
  return {
    days: counted.days.map((day) => compare(day, byDay.get(day.day) ?? [])),
    isCounted: missing.length === 0,
    countedAt: today?.askedAt ?? findOldest(counted.days),
    isCountDue: counted.days.some(
      (day, place) =>
        comparable[place] && (day.askedAt === null || isCountStale(day, day.askedAt, now)),
    ),
  };
}

function findOldest(days: readonly CountedDay[]): Date | null {
  const asked = days.flatMap(({ askedAt }) => (askedAt === null ? [] : [askedAt.getTime()]));
  return asked.length === 0 ? null : new Date(Math.min(...asked));
}

async function readShopifyCounts(
  tx: Tx,
  shopId: bigint,
  days: readonly ShopDay[],
): Promise<{ installedAt: Date; days: CountedDay[] }> {
  const { installedAt } = await tx.shop.findUniqueOrThrow({
    where: { id: shopId },
    select: { installedAt: true },
  });
  const rows = await tx.orderCountDay.findMany({
    where: { shopId, day: { in: days.map(({ day }) => new Date(`${day}T00:00:00Z`)) } },
  });
  const byDay = new Map(rows.map((row) => [row.day.toISOString().slice(0, 10), row]));
  return {
    installedAt,
    days: days.map((day) => {
      const row = byDay.get(day.day);
      const span = row === undefined ? null : comparableSpan(day, installedAt, row.askedAt);
      return {
        ...day,
        orders: row?.orders ?? null,
        askedAt: row?.askedAt ?? null,
        // Counters hold 15 minutes: none of ours is older than the install, within its first.
        from: span === null ? day.start : floorToBucket(span.from),
        until: span?.until ?? day.start,
      };
    }),
  };
}

function readOurs(tx: Tx, shopId: bigint, days: readonly CountedDay[]): Promise<CountRow[]> {
  const list = days.map(({ day, start, end, from, until }) => ({ day, start, end, from, until }));
  return tx.$queryRaw<CountRow[]>`
    select d.day, b.state, b.reason = 'test_order' as is_test, sum(b.n)::bigint as n,
      coalesce(sum(b.n) filter (where b.bucket >= d."from" and b.bucket < d.until), 0)::bigint as compared
    from json_to_recordset(${JSON.stringify(list)}::json) as d(
      day text, start timestamptz, "end" timestamptz, "from" timestamptz, until timestamptz)
    join count_bucket b on b.shop_id = ${shopId} and b.bucket >= d.start and b.bucket < d."end"
    where b.kind = 'checkout' and b.source <> 'task'
    group by 1, 2, 3`;
}

function compare(day: CountedDay, rows: readonly CountRow[]): DayCounts {
  const sum = (...states: StoredState[]) =>
    rows.reduce(
      (all, row) => (states.includes(row.state) && !row.is_test ? all + Number(row.n) : all),
      0,
    );
  const ours = rows.reduce((all, row) => (row.is_test ? all : all + Number(row.compared)), 0);
  const difference = day.orders === null ? 0 : day.orders - ours;
  return {
    day: day.day,
    accepted: sum("accepted"),
    notSent: sum("skipped"),
    waiting: sum("held", "pending"),
    refused: sum("rejected"),
    tooLate: sum("expired"),
    missing: Math.max(0, difference),
    surplus: Math.max(0, -difference),
    tests: rows.reduce((all, row) => (row.is_test ? all + Number(row.n) : all), 0),
  };
}

/** Events that are no orders of the store. */
export interface OtherCounts {
  /** Purchases that were sent by hand, by the API or by Flow. */
  byHand: number;
  kinds: { kind: string; accepted: number; notSent: number; open: number; problem: number }[];
}

interface TallyRow {
  kind: string;
  by_hand: bigint;
  accepted: bigint;
  skipped: bigint;
  open: bigint;
  problem: bigint;
}

/** Within a `readAsShop`; the kind with the most events first. */
export async function readOtherCounts(
  tx: Prisma.TransactionClient,
  shopId: bigint,
  { start, end }: { start: Date; end: Date },
): Promise<OtherCounts> {
  const rows = await tx.$queryRaw<TallyRow[]>`
    select kind, sum(n) filter (where kind = 'checkout')::bigint as by_hand,
      coalesce(sum(n) filter (where state = 'accepted'), 0)::bigint as accepted,
      coalesce(sum(n) filter (where state = 'skipped'), 0)::bigint as skipped,
      coalesce(sum(n) filter (where state in ('held', 'pending')), 0)::bigint as open,
      coalesce(sum(n) filter (where state in ('rejected', 'expired')), 0)::bigint as problem
    from count_bucket
    where shop_id = ${shopId} and bucket >= ${start} and bucket < ${end} and n > 0
      and (kind <> 'checkout' or source = 'task')
    group by kind order by sum(n) desc, kind`;
  return {
    byHand: Number(rows.find(({ kind }) => kind === "checkout")?.by_hand ?? 0),
    kinds: rows
      .filter(({ kind }) => kind !== "checkout")
      .map(({ kind, accepted, skipped, open, problem }) => ({
        kind,
        accepted: Number(accepted),
        notSent: Number(skipped),
        open: Number(open),
        problem: Number(problem),
      })),
  };
}

/** The time from Shopify's webhook about an order until Pinterest accepted its event. */
export interface Timing {
  /** Purchases that were looked at. */
  purchases: number;
  /** There were more of them in the period. */
  isCut: boolean;
  medianSeconds: number;
  withinHour: number;
}

/** A busy shop has millions of events a month, and a median needs each one of its sample. */
const MOST_EVENTS = 20_000;

interface TimingRow {
  looked_at: bigint;
  purchases: bigint;
  median: number | null;
  within_hour: bigint;
}

/** Null: no order of the period was accepted yet. Within a `readAsShop`. */
export async function readTiming(
  tx: Prisma.TransactionClient,
  shopId: bigint,
  { start }: { start: Date },
): Promise<Timing | null> {
  const from = BigInt(Math.floor(start.getTime() / 1_000));
  const rows = await tx.$queryRaw<TimingRow[]>`
    with latest as (
      select kind, source, state, extract(epoch from settled_at - created_at) as seconds
      from event where shop_id = ${shopId} and event_time >= ${from}
      order by event_time desc, id desc limit ${MOST_EVENTS}),
    accepted as (
      select greatest(seconds, 0)::float8 as seconds from latest
      where kind = 'checkout' and source <> 'task' and state = 'accepted')
    select (select count(*) from latest) as looked_at, count(*) as purchases,
      percentile_cont(0.5) within group (order by seconds) as median,
      count(*) filter (where seconds <= 3600) as within_hour
    from accepted`;
  const [row] = rows;
  if (row === undefined || row.median === null) return null;
  return {
    purchases: Number(row.purchases),
    isCut: Number(row.looked_at) === MOST_EVENTS,
    medianSeconds: row.median,
    withinHour: Number(row.within_hour),
  };
}
