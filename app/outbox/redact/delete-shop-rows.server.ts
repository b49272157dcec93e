import type { StoredState } from "#app/events/event-state.ts";
import { bucketSql, countEvents, countedReason } from "#app/outbox/count-events.server.ts";
import type { Database } from "#app/platform/db.server.ts";

/** How many rows of each kind went. */
export interface DeletedRows {
  events: number;
  payloads: number;
  receipts: number;
  attempts: number;
  visits: number;
}

type OutboxDatabase = Pick<Database, "pool" | "transaction">;

const PAGE = 2_000;

/** SQL: whether a shop ($1) is still one that has uninstalled the app: it may come back meanwhile. */
const IS_GONE = "exists (select from shop s where s.id = $1 and s.state = 'uninstalled')";

/** SQL: the days of receipts and attempts, so that each partition is read by its key. */
const DAYS = "generate_series(current_date - 100, current_date + 1, interval '1 day') day";

interface DeletedEvent {
  id: bigint;
  kind: string;
  source: string;
  state: StoredState;
  reason: string | null;
  payload_drop_on: string | null;
  bucket: string;
}

/**
 * Deletes all that the outbox keeps of an uninstalled shop: events in pages, with their payloads and
 * from the counters, then the rest. Stops where the shop comes back.
 */
export async function deleteShopRows(
  { db }: { db: OutboxDatabase },
  shopId: bigint,
): Promise<DeletedRows> {
  const deleted: DeletedRows = { events: 0, payloads: 0, receipts: 0, attempts: 0, visits: 0 };
  for (let page = PAGE; page === PAGE; ) {
    const gone = await db.transaction((client) => deletePage(client, shopId));
    deleted.events += gone.events;
    deleted.payloads += gone.payloads;
    page = gone.events;
  }
  const shop = [shopId.toString()];
  const count = async (text: string) => (await db.pool.query(text, shop)).rowCount ?? 0;
  deleted.receipts = await count(
    `delete from receipt r using ${DAYS} where r.received_on = day::date and r.shop_id = $1 and ${IS_GONE}`,
  );
  deleted.attempts = await count(
    `delete from attempt a using ${DAYS} where a.made_on = day::date and a.shop_id = $1 and ${IS_GONE}`,
  );
  deleted.visits = await count(`delete from visit where shop_id = $1 and ${IS_GONE}`);
  await count(`delete from customer_trace where shop_id = $1 and ${IS_GONE}`);
  await count(`delete from redacted_source where shop_id = $1 and ${IS_GONE}`);
  await count(
    `delete from due_account d using connection c where c.shop_id = $1 and ${IS_GONE}
      and d.ad_account_id = c.ad_account_id
      and not exists (select from connection o
        where o.ad_account_id = c.ad_account_id and o.shop_id <> $1)
      and not exists (select from event e where e.ad_account_id = c.ad_account_id)`,
  );
  await count(`delete from count_bucket where shop_id = $1 and ${IS_GONE}`);
  return deleted;
}

type Transaction = Parameters<Parameters<OutboxDatabase["transaction"]>[0]>[0];

async function deletePage(
  client: Transaction,
  shopId: bigint,
): Promise<{ events: number; payloads: number }> {
  const { rows } = await client.query<DeletedEvent>(
    `delete from event where id in (select e.id from event e where e.shop_id = $1 and ${IS_GONE}
        order by e.id limit ${PAGE} for no key update of e)
      returning id, kind, source, state, reason, payload_drop_on,
        ${bucketSql("event.event_time")} as bucket`,
    [shopId.toString()],
  );
  const { rowCount } = await client.query(
    `delete from event_payload p using unnest($1::bigint[], $2::date[]) r (id, day)
      where p.drop_on = r.day and p.event_ref = r.id`,
    [rows.map(({ id }) => id.toString()), rows.map((event) => event.payload_drop_on)],
  );
  const changes = rows.map(({ kind, source, state, reason, bucket }) => {
    const event = { shopId, kind, source, bucket };
    return { ...event, state, reason: countedReason(state, reason), by: -1 as const };
  });
  await countEvents(client, changes);
  return { events: rows.length, payloads: rowCount ?? 0 };
}
