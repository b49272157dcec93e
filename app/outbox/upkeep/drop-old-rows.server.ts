import type { Database } from "#app/platform/db.server.ts";

const RECEIPT_DAYS = 30;
const ATTEMPT_DAYS = 90;
/** The ledger's memory: longer than the 60 days of orders that Shopify shows an app. */
const EVENT_DAYS = 90;
const AUDIT_DAYS = 365;
const PAGE = 5_000;

/**
 * Retention. Payloads, receipts and attempts go by dropping their day's partition, which costs
 * nothing; events and counters are narrow and go in pages. Waiting events stay: they end first.
 */
export async function dropOldRows({ db }: { db: Pick<Database, "pool"> }): Promise<void> {
  await db.pool.query(
    `select drop_day_partitions('event_payload', current_date),
      drop_day_partitions('receipt', current_date - ${RECEIPT_DAYS}),
      drop_day_partitions('attempt', current_date - ${ATTEMPT_DAYS})`,
  );
  await db.pool.query("delete from event_payload_default where drop_on < current_date");
  await db.pool.query(
    `delete from receipt_default where received_on < current_date - ${RECEIPT_DAYS}`,
  );
  await db.pool.query(`delete from attempt_default where made_on < current_date - ${ATTEMPT_DAYS}`);
  await deleteInPages(
    db,
    `delete from event where id in (select id from event
      where created_at < now() - interval '${EVENT_DAYS} days' and state not in ('held', 'pending')
      order by id limit ${PAGE})`,
  );
  await deleteInPages(
    db,
    `delete from count_bucket where ctid = any(array(select ctid from count_bucket
      where bucket < now() - interval '${EVENT_DAYS} days' limit ${PAGE}))`,
  );
  await db.pool.query(
    `delete from audit_entry where created_at < now() - interval '${AUDIT_DAYS} days'`,
  );
}

async function deleteInPages(db: Pick<Database, "pool">, sql: string): Promise<void> {
  for (;;) {
    const { rowCount } = await db.pool.query(sql);
    if ((rowCount ?? 0) < PAGE) return;
  }
}
