import { payloadIdentity } from "#app/events/encryption-identity.ts";
import type { IdSource } from "#app/events/mapped-event.ts";
import { bucketSql } from "#app/outbox/count-events.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { strangeKeyring } from "#test/support/outbox-fixture.ts";

/** An event as a list knows it; what is not given is that of an ordinary purchase. */
export interface Listed {
  eventId: string;
  kind?: string;
  state?: string;
  reason?: string | null;
  source?: string;
  orderName?: string | null;
  orderId?: string | null;
  idSource?: IdSource;
  /** Unix seconds. */
  eventTime: number;
  value?: string | null;
  currency?: string | null;
  /** Whether what was sent is still kept. */
  hasContent?: boolean;
}

/**
 * Writes events with their counters as they stand, whatever way they would have come to stand so.
 * Only the given keyring decrypts their payloads.
 */
export async function listEvents(
  db: Pick<Database, "pool" | "transaction">,
  shop: { id: bigint; lane: number; adAccountId: string },
  events: readonly Listed[],
  keyring: Keyring = strangeKeyring(),
): Promise<void> {
  const keys = await keyring.ensure(db.pool, [shop.id]);
  const rows = events.map((event) => ({
    kind: "checkout",
    state: "accepted",
    reason: null,
    source: "web",
    order_name: event.orderName ?? null,
    order_id: event.orderId ?? null,
    value: "72.39",
    currency: "USD",
    ...event,
    id_source: event.idSource ?? "order",
    event_id: event.eventId,
    event_time: event.eventTime,
    has_content: event.hasContent ?? event.state !== "skipped",
    sealed: keys
      .encrypt(
        shop.id,
        "{}",
        payloadIdentity(shop.id, event.kind ?? "checkout", `test:${event.eventId}`),
      )
      .toString("hex"),
  }));
  await db.transaction(async (client) => {
    await client.query(
      `with given as (
          select * from json_to_recordset($4) as r(kind text, state text, reason text, source text,
            order_name text, order_id text, value text, currency text, id_source text, event_id text,
            event_time bigint, has_content boolean, sealed text)),
        written as (
          insert into event (lane, shop_id, kind, source_key, event_id, id_source, source, order_id,
            order_name, state, reason, event_time, value, currency, settings_version, ad_account_id,
            payload_drop_on, next_at)
          select $1, $2, kind, 'test:' || event_id, event_id, id_source, source, order_id, order_name, state, reason,
            event_time, value, currency, 1, $3, case when has_content then current_date + 9 end, 'infinity'
          from given returning *),
        content as (
          insert into event_payload (drop_on, event_ref, shop_id, body)
          select payload_drop_on, id, shop_id, decode(sealed, 'hex')
          from written join given using (kind, event_id) where payload_drop_on is not null)
      insert into count_bucket (shop_id, bucket, kind, source, state, reason, n)
      select shop_id, ${bucketSql("event_time")}::timestamptz, kind, source, state,
        case when state = 'skipped' then reason else '' end, count(*)
      from written group by 1, 2, 3, 4, 5, 6
      on conflict (shop_id, bucket, kind, source, state, reason)
        do update set n = count_bucket.n + excluded.n`,
      [shop.lane, shop.id, shop.adAccountId, JSON.stringify(rows)],
    );
  });
}
