import type { Prisma } from "#prisma/client/client.ts";

/** How long it took from an order to Pinterest's yes. */
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

interface Row {
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
  const rows = await tx.$queryRaw<Row[]>`
    with latest as (
      select kind, source, state, extract(epoch from settled_at) - event_time as seconds
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
