import type { PoolClient } from "pg";
import { NEVER_REBUILT_REASONS } from "#app/events/event-state.ts";
import { bucketSql, type CountChange } from "#app/outbox/count-events.server.ts";
import {
  DUE_AT,
  FACT_COLUMNS,
  IDENTITY_COLUMNS,
  INCOMPLETE,
  RECORDS,
  toRecord,
} from "./event-record.server.ts";
import { type EventRow, sourceOf } from "./intake-row.server.ts";

interface StoredEvent {
  id: bigint;
  shop_id: bigint;
  kind: string;
  source_key: string;
  source: string;
  state: "held" | "pending" | "skipped";
  reason: string | null;
  payload_drop_on: string | null;
  bucket: string;
}

type RevivedEvent = StoredEvent & {
  was_source: string;
  was_state: "skipped" | "rejected";
  was_reason: string;
  was_bucket: string;
};

/** How new events stand, by `sourceOf`; what is not in it was there already. */
export type Inserted = Map<string, "stored" | "skipped">;

/** An event that is to be sent, and the day on which its payload goes. */
export interface SentEvent {
  ref: bigint;
  row: EventRow;
  dropOn: string | null;
}

/** What else the transaction has to write of the events that it took up. */
export interface Appended {
  changes: CountChange[];
  /** Events that are to be sent, by row id. */
  sent: SentEvent[];
}

const NEVER_REBUILT = NEVER_REBUILT_REASONS.map((reason) => `'${reason}'`).join(", ");
const RETURNED = `event.id, event.shop_id, event.kind, event.source_key, event.source, event.state,
  event.reason, event.payload_drop_on, ${bucketSql("event.event_time")} as bucket`;
const identity = IDENTITY_COLUMNS.join(", ");
const columns = [...IDENTITY_COLUMNS, ...FACT_COLUMNS].join(", ");

/** SQL: inserts the events of `records`, which are called `r`; one that is there already stays as it is. */
export function insertEventsSql(records: string): string {
  return `insert into event (${columns}, next_at) select ${columns}, ${DUE_AT} from ${records}
      order by ${identity} on conflict (${identity}) do nothing`;
}

/** Inserts events; one that is there already stays as it is. Notes in `appended` what it did. */
export async function insertEvents(
  client: PoolClient,
  rows: readonly EventRow[],
  appended: Appended,
): Promise<Inserted> {
  const { rows: events } = await client.query<StoredEvent>({
    name: "insert-events",
    text: `${insertEventsSql(RECORDS)} returning ${RETURNED}`,
    values: [JSON.stringify(rows.map(toRecord))],
  });
  return noteInserted(rows, events, appended);
}

/** Which events, besides those whose first body lacked something, are taken up with a later one. */
export interface Retaken {
  /** Those that Pinterest refused. */
  retakesRefused: boolean;
  /** Those that a rule kept back. */
  retakesKeptBack?: boolean;
}

/**
 * Takes up events that were skipped because an earlier body lacked something, when a later one has
 * it: an early checkout has no email yet, its update has.
 */
export async function reviveEvents(
  client: PoolClient,
  rows: readonly EventRow[],
  appended: Appended,
  { retakesRefused, retakesKeptBack = false }: Retaken,
): Promise<Inserted> {
  if (rows.length === 0) return new Map();
  const { rows: events } = await client.query<RevivedEvent>({
    name: "revive-events",
    text: `update event set ${FACT_COLUMNS.map((name) => `${name} = late.${name}`).join(", ")}, next_at = late.due_at,
        attempts = 0, warning = null
      from (select e.id, e.source as was_source, e.state as was_state, e.reason as was_reason, ${bucketSql("e.event_time")} as was_bucket, ${DUE_AT} as due_at, ${FACT_COLUMNS.map((name) => `r.${name}`).join(", ")}
        from event e join ${RECORDS} using (${identity})
        where (e.state = 'skipped' and e.reason in (${INCOMPLETE})
            and (r.state <> 'skipped' or r.reason not in (${INCOMPLETE})))
          or ($2::boolean and e.state = 'rejected' and r.state <> 'skipped')
          or ($3::boolean and e.state = 'skipped' and e.reason not in (${NEVER_REBUILT}) and r.state <> 'skipped')
        order by e.id for no key update of e) late
      where event.id = late.id
      returning ${RETURNED}, late.was_source, late.was_state, late.was_reason, late.was_bucket`,
    values: [JSON.stringify(rows.map(toRecord)), retakesRefused, retakesKeptBack],
  });
  for (const { shop_id: shopId, kind, was_source: source, was_bucket: bucket, ...was } of events) {
    const state = was.was_state;
    const reason = state === "skipped" ? was.was_reason : null;
    appended.changes.push({ shopId, bucket, kind, source, state, reason, by: -1 });
  }
  return noteInserted(rows, events, appended);
}

function noteInserted(
  rows: readonly EventRow[],
  events: readonly StoredEvent[],
  { changes, sent }: Appended,
): Inserted {
  const bySource = new Map(rows.map((row) => [sourceOf(row), row]));
  const inserted: Inserted = new Map();
  for (const event of events) {
    const { id: ref, shop_id: shopId, kind, source, state, reason, bucket } = event;
    const key = `${shopId}\n${kind}\n${event.source_key}`;
    const row = bySource.get(key);
    if (row !== undefined && state !== "skipped") {
      sent.push({ ref, row, dropOn: event.payload_drop_on });
    }
    changes.push({ shopId, bucket, kind, source, state, reason, by: 1 });
    inserted.set(key, state === "skipped" ? "skipped" : "stored");
  }
  return inserted;
}
