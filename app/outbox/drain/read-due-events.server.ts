import { payloadIdentity } from "#app/events/encryption-identity.ts";
import { IS_LATE_SQL, WAITS_SQL } from "#app/outbox/event-conditions.server.ts";
import { BATCH_BYTES, BATCH_SIZE } from "#app/outbox/schedule-accounts.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import { type Decrypter, type Keyring, listOwners } from "#app/platform/keyring.server.ts";
import type { Lease } from "./claim-accounts.server.ts";
import { IS_BOUND_SQL, planByIndex, sendersSql } from "./sending-shops.server.ts";

/** A due event, as it will be sent. */
export interface DueEvent {
  /** Row id. */
  ref: bigint;
  shopId: bigint;
  /** How often it was settled as "retry". */
  attempts: number;
  /** The JSON text of the conversion event, the same bytes at every attempt. */
  payload: string;
  createdAt: Date;
}

interface DueRow {
  id: bigint;
  shop_id: bigint;
  kind: string;
  source_key: string;
  attempts: number;
  is_late: boolean;
  is_refused: boolean;
  created_at: Date;
  /** The payload's size; null when it is gone. */
  bytes: number | null;
  /** Whether it is within the byte budget of the batch. */
  fits: boolean;
  /** Only read for events to send now. */
  body: Buffer | null;
}

export interface DueEvents {
  due: DueEvent[];
  /** Events that Pinterest no longer accepts, or whose payload is gone. */
  ended: { ref: bigint; reason: "too_old" | "content_gone" }[];
  /** Events that were held for a browser whose shopper refuses marketing by now. */
  refused: { ref: bigint }[];
  /** Events that are too large for any request. */
  oversized: { ref: bigint }[];
  /**
   * Events encrypted with a key that this process does not have: an operator's mistake, so they are
   * retried.
   */
  locked: { ref: bigint; attempts: number }[];
  /** More events may be due already. */
  mayHaveMore: boolean;
}

/**
 * Reads due events of a leased ad account, the longest waiting first, of shops that are installed
 * and whose connection is not paused: up to 1,000, and 2 MiB.
 */
export async function readDueEvents(
  { db, keyring }: { db: Pick<Database, "pool" | "transaction">; keyring: Keyring },
  lease: Lease,
): Promise<DueEvents> {
  const { rows } = await db.transaction(async (client) => {
    const [, read] = await Promise.all([
      planByIndex(client),
      client.query<DueRow>({
        name: "read-due-events",
        text: READ_DUE_EVENTS,
        values: [lease.adAccountId],
      }),
    ]);
    return read;
  });
  const events: DueEvents = {
    due: [],
    ended: [],
    refused: [],
    oversized: [],
    locked: [],
    mayHaveMore: rows.length >= BATCH_SIZE || rows.some(({ fits }) => !fits),
  };
  const keys = await keyring.load(db.pool, listOwners(rows.map(({ body }) => body)));
  for (const row of rows) if (row.fits) sortOut(events, keys, row);
  return events;
}

/**
 * The account's first due events are picked in the order of their index before any join; then the
 * sizes of their payloads are read, and payloads are returned until the budget is used up. An order
 * that was held, and released by nobody, is checked once more: the process that stored the
 * shopper's refusal may have ended before it told the order. The checkout's own visit comes first;
 * without it, a refusal of the cart or under the order's number counts.
 */
export const READ_DUE_EVENTS = `${sendersSql("$1")}, due as (
    select e.* from sender cross join lateral (
      select id, shop_id, kind, source_key, attempts, created_at, payload_drop_on, next_at,
        checkout_token, cart_token, ${IS_LATE_SQL} as is_late
      from event
      where ad_account_id = $1 and shop_id = sender.shop_id and ${WAITS_SQL} and next_at <= now()
        and ${IS_BOUND_SQL}
      order by next_at, id limit ${BATCH_SIZE}) e
    order by e.next_at, e.id limit ${BATCH_SIZE}
  ), weighed as (
    select d.*, p.body, octet_length(p.body) as bytes, coalesce(v.is_refused, false) as is_refused,
      coalesce(sum(octet_length(p.body)) filter (where octet_length(p.body) <= ${BATCH_BYTES} and not d.is_late)
        over (order by d.next_at, d.id), 0) <= ${BATCH_BYTES} as fits
    from due d left join lateral (select body from event_payload
      where drop_on = d.payload_drop_on and event_ref = d.id) p on true
    left join lateral (select is_refused from visit
      where d.checkout_token is not null and d.attempts = 0 and shop_id = d.shop_id
        and visit_key in ('checkout:' || d.checkout_token, 'cart:' || d.cart_token,
          case when d.kind = 'checkout' then 'order:' || d.source_key end)
      order by visit_key like 'checkout:%' desc, is_refused desc limit 1) v on true
  )
  select id, shop_id, kind, source_key, attempts, created_at, is_late, is_refused, bytes, fits,
    case when fits and not is_late and bytes <= ${BATCH_BYTES} then body end as body
  from weighed order by next_at, id`;

function sortOut(events: DueEvents, keys: Decrypter, row: DueRow): void {
  const { id: ref, shop_id: shopId, attempts, created_at: createdAt } = row;
  if (row.is_late) events.ended.push({ ref, reason: "too_old" });
  else if (row.is_refused) events.refused.push({ ref });
  else if (row.bytes === null) events.ended.push({ ref, reason: "content_gone" });
  else if (row.body === null) events.oversized.push({ ref });
  else {
    const identity = payloadIdentity(shopId, row.kind, row.source_key);
    const payload = decryptPayload(keys, row.body, identity);
    if (payload === null) events.locked.push({ ref, attempts });
    else events.due.push({ ref, shopId, attempts, payload, createdAt });
  }
}

function decryptPayload(keys: Decrypter, sealed: Buffer, identity: string): string | null {
  try {
    return keys.decrypt(sealed, identity).toString("utf8");
  } catch {
    return null;
  }
}
