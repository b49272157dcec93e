import { deleteOldEntries } from "#app/audit/write-audit-entry.server.ts";
import type { StoredState } from "#app/events/event-state.ts";
import type { Database } from "#app/platform/db.server.ts";
import {
  dropOldPartitions,
  type PartitionedTable,
} from "#app/platform/tables/partitions.server.ts";
import { bucketSql, countEvents, countedReason } from "./count-events.server.ts";

const RECEIPT_DAYS = 30;
const ATTEMPT_DAYS = 90;
/** How long the ledger is kept: longer than the 60 days of orders that Shopify shows an app. */
const EVENT_DAYS = 90;
/** How long a visit is kept after it was last told of: nobody takes as long to buy. */
const VISIT_DAYS = 30;
const PAGE = 5_000;
/** A backup reads for long. Partitions that are still locked then are dropped by the job's next run. */
const DROP_WITHIN_MS = 15 * 60_000;

interface DeletedEvent {
  shop_id: bigint;
  kind: string;
  source: string;
  state: StoredState;
  reason: string | null;
  bucket: string;
}

/**
 * Deletes rows past their retention. Payloads, receipts and attempts are deleted by dropping their
 * day's partition, which costs nothing; events are narrow and are deleted in pages, from the
 * counters too, and so are visits. Waiting events stay: they end first. `onDeleted` hears how many
 * rows of a table went, as soon as they have.
 */
export async function dropOldRows(
  { db }: { db: Pick<Database, "pool" | "transaction"> },
  onDeleted: (table: string, rows: number) => void = () => {},
): Promise<void> {
  const remove = async (table: string, statement: string) =>
    onDeleted(table, (await db.pool.query(statement)).rowCount ?? 0);
  await remove("event_payload", "delete from event_payload_default where drop_on < current_date");
  await remove(
    "receipt",
    `delete from receipt_default where received_on < current_date - ${RECEIPT_DAYS}`,
  );
  await remove(
    "attempt",
    `delete from attempt_default where made_on < current_date - ${ATTEMPT_DAYS}`,
  );
  await inPages(
    () => deleteOldEvents(db),
    (rows) => onDeleted("event", rows),
  );
  await inPages(
    () => deleteOldVisits(db.pool),
    (rows) => onDeleted("visit", rows),
  );
  await remove(
    "count_bucket",
    `delete from count_bucket where n = 0 and bucket < now() - interval '${EVENT_DAYS} days'`,
  );
  await remove(
    "redacted_source",
    `delete from redacted_source where redacted_at < now() - interval '${EVENT_DAYS} days'`,
  );
  onDeleted("audit_entry", await deleteOldEntries(db.pool));
  await remove("run", `delete from run where created_at < now() - interval '${EVENT_DAYS} days'`);
  for (const [table, days] of Object.entries({
    event_payload: 0,
    receipt: RECEIPT_DAYS,
    attempt: ATTEMPT_DAYS,
  } as const)) {
    const name = table as PartitionedTable;
    onDeleted(name, await dropOldPartitions(db.pool, name, days, DROP_WITHIN_MS));
  }
}

async function inPages(
  deletePage: () => Promise<number>,
  onPage: (rows: number) => void,
): Promise<void> {
  for (let rows = PAGE; rows === PAGE; ) {
    rows = await deletePage();
    onPage(rows);
  }
}

/** Deletes one page of them. Returns how many there were. */
function deleteOldEvents(db: Pick<Database, "transaction">): Promise<number> {
  return db.transaction(async (client) => {
    const { rows } = await client.query<DeletedEvent>(
      `delete from event where id in (select id from event
          where created_at < now() - interval '${EVENT_DAYS} days' and state not in ('held', 'pending')
          order by id limit ${PAGE})
        returning shop_id, kind, source, state, reason, ${bucketSql("event.event_time")} as bucket`,
    );
    const changes = rows.map(({ shop_id: shopId, reason, ...event }) => {
      return { ...event, shopId, reason: countedReason(event.state, reason), by: -1 as const };
    });
    await countEvents(client, changes);
    return rows.length;
  });
}

/** Deletes one page of them. Returns how many there were. */
async function deleteOldVisits(pool: Pick<Database["pool"], "query">): Promise<number> {
  const { rowCount } = await pool.query(
    `delete from visit where (shop_id, visit_key) in (select shop_id, visit_key from visit
        where seen_at < now() - interval '${VISIT_DAYS} days' order by seen_at limit ${PAGE})`,
  );
  return rowCount ?? 0;
}
