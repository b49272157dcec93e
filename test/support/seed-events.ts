import { randomUUID } from "node:crypto";
import type { EventState, StoredState } from "#app/events/event-state.ts";
import { type CountChange, countEvents, countedReason } from "#app/outbox/count-events.server.ts";
import type { Database } from "#app/platform/db.server.ts";

/** An event as a test wants to find it; what is left out is that of an ordinary accepted purchase. */
export interface SeededEvent {
  kind?: string;
  sourceKey?: string;
  eventId?: string;
  idSource?: "browser" | "order" | "given";
  source?: string;
  orderId?: string | null;
  orderName?: string | null;
  state?: Exclude<EventState, "sending">;
  reason?: string | null;
  actionSource?: string | null;
  /** When it happened. */
  at?: Date;
  value?: string | null;
  currency?: string | null;
  keyBits?: number;
  consent?: string | null;
  adAccountId?: string | null;
  attempts?: number;
  warning?: string | null;
  /** When it is tried next. */
  nextAt?: Date;
  /** When it was heard of. Default: when it happened. */
  createdAt?: Date;
  /** When it came to its end; null while it waits. */
  settledAt?: Date | null;
}

const BUCKET_SECONDS = 900;
const WAITING: readonly string[] = ["held", "pending"];

/**
 * Creates events in any state, with their counters, without intake and delivery. They have no
 * payload and no attempts: a test that shows those sends real ones.
 */
export async function seedEvents(
  db: Pick<Database, "transaction">,
  shop: { id: bigint; lane: number; adAccountId?: string },
  events: readonly SeededEvent[],
): Promise<void> {
  const rows = events.map((event) => toRow(shop, event));
  await db.transaction(async (client) => {
    await client.query(
      `insert into event (lane, shop_id, kind, source_key, event_id, id_source, source, order_id, order_name,
          state, reason, action_source, event_time, value, currency, key_bits, consent, settings_version,
          ad_account_id, attempts, warning, next_at, created_at, settled_at)
        select $2, $3, kind, source_key, event_id, id_source, source, order_id, order_name, state, reason,
          action_source, event_time, value, currency, key_bits, consent, 1, ad_account_id, attempts, warning,
          next_at, created_at, settled_at
        from json_to_recordset($1) as r(kind text, source_key text, event_id text, id_source text, source text,
          order_id text, order_name text, state text, reason text, action_source text, event_time bigint,
          value text, currency text, key_bits integer, consent text, ad_account_id text, attempts integer,
          warning text, next_at timestamptz, created_at timestamptz,
          settled_at timestamptz)`,
      [JSON.stringify(rows), shop.lane, shop.id.toString()],
    );
    await countEvents(
      client,
      rows.map((row) => toChange(shop.id, row)),
    );
  });
}

let seeded = 0;

function toRow(shop: { adAccountId?: string }, event: SeededEvent) {
  seeded += 1;
  const number = 5_000_000_000_000 + seeded;
  const { kind = "checkout", state = "accepted", at = new Date(Date.now() - 60_000) } = event;
  const isOrder = kind === "checkout";
  const orderId = event.orderId === undefined && isOrder ? String(number) : (event.orderId ?? null);
  const sourceKey = event.sourceKey ?? orderId ?? randomUUID();
  return {
    kind,
    source_key: sourceKey,
    event_id: event.eventId ?? (isOrder ? `order-${sourceKey}-${kind}` : `${kind}-${sourceKey}`),
    id_source: event.idSource ?? "order",
    source: event.source ?? "web",
    order_id: orderId,
    order_name:
      event.orderName === undefined && isOrder ? `#${1_000 + seeded}` : (event.orderName ?? null),
    state,
    reason: event.reason ?? null,
    action_source: event.actionSource ?? "web",
    event_time: Math.floor(at.getTime() / 1_000),
    value: event.value === undefined && isOrder ? "72.39" : (event.value ?? null),
    currency: event.currency === undefined && isOrder ? "USD" : (event.currency ?? null),
    key_bits: event.keyBits ?? 1,
    consent: event.consent ?? "allowed:consent.default",
    ad_account_id: event.adAccountId === undefined ? (shop.adAccountId ?? null) : event.adAccountId,
    attempts: event.attempts ?? (["accepted", "rejected"].includes(state) ? 1 : 0),
    warning: event.warning ?? null,
    next_at: (event.nextAt ?? at).toISOString(),
    created_at: (event.createdAt ?? at).toISOString(),
    settled_at: settledAt(event, state, at)?.toISOString() ?? null,
  };
}

function settledAt(event: SeededEvent, state: string, at: Date): Date | null {
  if (event.settledAt !== undefined) return event.settledAt;
  return WAITING.includes(state) ? null : new Date(at.getTime() + 38_000);
}

function toChange(shopId: bigint, row: ReturnType<typeof toRow>): CountChange {
  const { kind, source, event_time: seconds } = row;
  const state = row.state as StoredState;
  const bucket = new Date((seconds - (seconds % BUCKET_SECONDS)) * 1_000).toISOString();
  const reason = countedReason(state, row.reason);
  return { shopId, bucket: bucket.replace(".000Z", "Z"), kind, source, state, reason, by: 1 };
}
