import type { PoolClient } from "pg";
import { NEVER_REBUILT_REASONS } from "#app/events/event-state.ts";
import { bucketSql, type CountChange } from "#app/outbox/count-events.server.ts";
import { isRedactedSql, roleOfKindSql } from "#app/outbox/redact/redacted-sources.server.ts";
import {
  DUE_AT,
  FACT_COLUMNS,
  IDENTITY_COLUMNS,
  INCOMPLETE,
  RECORDS,
  RELEASE_MARGIN_SECONDS,
  toRecord,
} from "./event-record.server.ts";
import { type EventRow, identifySource } from "./intake-row.server.ts";

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
  was_state: "held" | "skipped" | "rejected";
  was_reason: string | null;
  was_bucket: string;
};

/** The state of new events, by `identifySource`; an event that is missing here existed already. */
export type Inserted = Map<string, "stored" | "skipped">;

/** An event to be sent, and the day on which its payload is dropped. */
export interface SentEvent {
  ref: bigint;
  row: EventRow;
  dropOn: string | null;
}

/** The other writes of the transaction for the events that it took up. */
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

/**
 * SQL: inserts the events of `records`, which are called `r`; an existing one stays unchanged, and one
 * that was redacted does not come back.
 */
export function insertEventsSql(records: string): string {
  return `insert into event (${columns}, next_at) select ${columns}, ${DUE_AT} from ${records}
      where not ${isRedactedSql("r.shop_id", roleOfKindSql("r.kind"), "r.source_key")}
      order by ${identity} on conflict (${identity}) do nothing`;
}

/** Inserts events; an existing one stays unchanged. Records in `appended` what it did. */
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
  return recordInserted(rows, events, appended);
}

/** Which events are requeued with a later webhook, in addition to those whose first webhook lacked data. */
export interface Retaken {
  /** Events that Pinterest rejected. */
  retakesRefused: boolean;
  /** Events that a rule skipped. */
  retakesKeptBack?: boolean;
  /** Visits of a page that are held for the product on it. */
  retakesHeldPages?: boolean;
}

/**
 * Requeues events that were skipped because an earlier webhook lacked data, when a later one has
 * it: an early checkout has no email yet, its update has. The same for one that was skipped because
 * nothing was known of the shopper's consent, when their browser has told it by now; and when the
 * order is cancelled, so that what the browser tells later does not send it.
 */
export async function reviveEvents(
  client: PoolClient,
  rows: readonly EventRow[],
  appended: Appended,
  { retakesRefused, retakesKeptBack = false, retakesHeldPages = false }: Retaken,
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
          or (e.state = 'skipped' and e.reason = 'consent_unknown'
            and (r.consent in ('allowed:browser', 'refused:browser') or r.reason = 'cancelled'))
          or ($2::boolean and e.state = 'rejected' and r.state <> 'skipped')
          or ($3::boolean and e.state = 'skipped' and e.reason not in (${NEVER_REBUILT}) and r.state <> 'skipped')
          or ($4::boolean and e.state = 'held' and e.kind = 'page_visit' and r.hold_seconds is null
            and r.state <> 'skipped'
            and e.next_at > clock_timestamp() + interval '${RELEASE_MARGIN_SECONDS} seconds')
        order by e.id for no key update of e) late
      where event.id = late.id
      returning ${RETURNED}, late.was_source, late.was_state, late.was_reason, late.was_bucket`,
    values: [JSON.stringify(rows.map(toRecord)), retakesRefused, retakesKeptBack, retakesHeldPages],
  });
  for (const { shop_id: shopId, kind, was_source: source, was_bucket: bucket, ...was } of events) {
    const state = was.was_state;
    const reason = state === "skipped" ? was.was_reason : null;
    appended.changes.push({ shopId, bucket, kind, source, state, reason, by: -1 });
  }
  return recordInserted(rows, events, appended);
}

function recordInserted(
  rows: readonly EventRow[],
  events: readonly StoredEvent[],
  { changes, sent }: Appended,
): Inserted {
  const bySource = new Map(rows.map((row) => [identifySource(row), row]));
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
