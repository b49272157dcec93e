import type { PoolClient } from "pg";
import type { StoredState } from "#app/events/event-state.ts";

/** A change of the number of a shop's events in a state, for the 15 minutes in which they happened. */
export interface CountChange {
  shopId: bigint;
  /** Start of the event's 15 minutes, ISO 8601. */
  bucket: string;
  kind: string;
  source: string;
  state: StoredState;
  reason: string | null;
  by: 1 | -1;
}

/** SQL: the start of the bucket of an event that happened at `eventTime` (SQL for unix seconds). */
export function bucketStartSql(eventTime: string): string {
  return `to_timestamp(${eventTime} - ${eventTime} % 900)`;
}

/** SQL: the same as ISO 8601 text. */
export function bucketSql(eventTime: string): string {
  return `to_char(${bucketStartSql(eventTime)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;
}

/**
 * SQL: adds `rows`, a query of the counters' columns, to the counters, in the order of their key:
 * otherwise two transactions that touch the same counters would deadlock.
 */
export function addCountsSql(rows: string): string {
  return `insert into count_bucket (shop_id, bucket, kind, source, state, reason, n)
    ${rows} order by 1, 2, 3, 4, 5, 6
    on conflict (shop_id, bucket, kind, source, state, reason) do update set n = count_bucket.n + excluded.n`;
}

/** Adds the changes to the counters, in the transaction that changes the states. */
export async function countEvents(client: PoolClient, changes: CountChange[]): Promise<void> {
  const totals = new Map<string, { change: CountChange; n: number }>();
  for (const change of changes) {
    const { shopId, bucket, kind, source, state, reason } = change;
    const key = [shopId, bucket, kind, source, state, reason ?? ""].join("\n");
    const total = totals.get(key);
    if (total === undefined) totals.set(key, { change, n: change.by });
    else total.n += change.by;
  }
  const rows = [...totals.values()]
    .filter(({ n }) => n !== 0)
    .map(({ change, n }) => ({
      shop_id: change.shopId.toString(),
      bucket: change.bucket,
      kind: change.kind,
      source: change.source,
      state: change.state,
      reason: change.reason ?? "",
      n,
    }));
  if (rows.length === 0) return;
  await client.query({
    name: "count-events",
    text: addCountsSql(`select shop_id, bucket, kind, source, state, reason, n from json_to_recordset($1)
        as r(shop_id bigint, bucket timestamptz, kind text, source text, state text, reason text, n bigint)`),
    values: [JSON.stringify(rows)],
  });
}

/** Counters distinguish only our own reasons: Pinterest's messages are too many to count by. */
export function countedReason(state: StoredState, reason: string | null): string | null {
  return state === "skipped" || state === "expired" ? reason : null;
}
