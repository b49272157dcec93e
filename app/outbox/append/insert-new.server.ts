import type { PoolClient } from "pg";
import { addCountsSql, bucketStartSql } from "#app/outbox/count-events.server.ts";
import type { DataKeys } from "#app/platform/keyring.server.ts";
import { IDENTITY_COLUMNS, RECORD_FIELDS, toRecord } from "./event-record.server.ts";
import { insertEventsSql } from "./insert-events.server.ts";
import { listPersons, sealPayload, type TakenEvent } from "./insert-payloads.server.ts";
import { insertReceiptsSql, RECEIPT_FIELDS } from "./insert-receipts.server.ts";
import type { EventRow, IntakeRow } from "./intake-row.server.ts";

const identity = IDENTITY_COLUMNS.join(", ");

/** The database runs the last of the parts that no other reads first: counters come after everything else. */
const INSERT_NEW = `with given as materialized (select * from json_to_recordset($1) as r(n integer,
      ${RECORD_FIELDS}, notes text, persons bigint[], from_byte integer, bytes integer, ${RECEIPT_FIELDS})),
    fresh as (${insertEventsSql("given r")} returning id, ${identity}),
    stored as materialized (select fresh.id, given.* from given join fresh using (${identity})),
    counts as (${addCountsSql(`select shop_id, ${bucketStartSql("event_time")}, kind, source, state,
      coalesce(reason, ''), count(*) from stored group by 1, 2, 3, 4, 5, 6`)}),
    receipts as (${insertReceiptsSql(`select shop_id, topic, webhook_id,
      case state when 'skipped' then 'skipped' else 'stored' end, coalesce(note, reason), source_key,
      triggered_at from stored where topic is not null`)}),
    payloads as (insert into event_payload (drop_on, event_ref, shop_id, body, notes, persons)
      select payload_drop_on, id, shop_id, substring($2::bytea from from_byte for bytes), notes,
        persons from stored where bytes is not null)
  select n from stored`;

/** A row with an event, and with a receipt where a webhook brought it. */
type NewEventRow = EventRow &
  Partial<Pick<IntakeRow, "topic" | "webhookId" | "note" | "triggeredAt">>;

/**
 * Stores those rows whose event is new: event, payload, receipt and count, in one statement, so
 * that the commit can go with it. Takes and returns them by index.
 */
export async function insertNew(
  { client, keys }: { client: PoolClient; keys: DataKeys },
  rows: ReadonlyMap<number, NewEventRow>,
): Promise<Map<number, TakenEvent>> {
  if (rows.size === 0) return new Map();
  const sealed = new Map<number, TakenEvent>();
  const bodies: Buffer[] = [];
  let from = 1;
  const records = Array.from(rows, ([n, row]) => {
    const body = sealPayload(keys, row);
    const place = body === null ? null : { from_byte: from, bytes: body.length };
    if (body !== null) bodies.push(body);
    from += body?.length ?? 0;
    sealed.set(n, { row, bytes: body?.length ?? 0 });
    const { topic, note, triggeredAt: triggered_at } = row;
    const receipt = { topic, webhook_id: row.webhookId, note, triggered_at };
    const persons = listPersons(keys, row);
    return { n, ...toRecord(row), notes: row.mapped.notes, persons, ...place, ...receipt };
  });
  const { rows: stored } = await client.query<{ n: number }>({
    name: "insert-new",
    text: INSERT_NEW,
    values: [JSON.stringify(records), Buffer.concat(bodies)],
  });
  const places = new Set(stored.map(({ n }) => n));
  return new Map([...sealed].filter(([n]) => places.has(n)));
}
