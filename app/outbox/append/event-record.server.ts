import { INCOMPLETE_REASONS } from "#app/events/event-state.ts";
import { dropOn } from "#app/outbox/payload-retention.server.ts";
import type { EventRow } from "./intake-row.server.ts";

const IDENTITY = { lane: "smallint", shop_id: "bigint", kind: "text", source_key: "text" };

const FACTS = {
  event_id: "text",
  id_source: "text",
  source: "text",
  order_id: "text",
  order_name: "text",
  state: "text",
  reason: "text",
  action_source: "text",
  event_time: "bigint",
  value: "text",
  currency: "text",
  key_bits: "integer",
  consent: "text",
  settings_version: "integer",
  ad_account_id: "text",
  payload_drop_on: "date",
  settled_at: "timestamptz",
  checkout_token: "text",
  cart_token: "text",
};

const COLUMNS = { ...IDENTITY, ...FACTS };

/**
 * The shortest wait, in seconds, of an event that waits for its time: webhooks of one moment arrive
 * apart.
 */
const LEAST_HOLD_SECONDS = 30;

/** Columns that identify an event; a unique index holds them. */
export const IDENTITY_COLUMNS = Object.keys(IDENTITY);
/** Columns that a webhook fills. */
export const FACT_COLUMNS = Object.keys(FACTS);
/** SQL: the fields of a record. */
export const RECORD_FIELDS = `${Object.entries(COLUMNS)
  .map(([name, type]) => `${name} ${type}`)
  .join(", ")}, held_until bigint, hold_seconds integer`;
/** SQL: the rows of a JSON array of records, as `r`. */
export const RECORDS = `json_to_recordset($1) as r(${RECORD_FIELDS})`;
/**
 * The time, in seconds, between the last moment at which a held order may get its browser's id and
 * the first at which a worker may read it: an id must not change after it was sent.
 */
export const RELEASE_MARGIN_SECONDS = 2;

/** SQL: when the event of a record is due. */
export const DUE_AT = `case
  when r.hold_seconds is not null
    then now() + make_interval(secs => r.hold_seconds + ${RELEASE_MARGIN_SECONDS})
  when r.held_until is null then now()
  else greatest(to_timestamp(r.held_until), now() + interval '${LEAST_HOLD_SECONDS} seconds') end`;
/** SQL: the reasons of skips that a later webhook may lift. */
export const INCOMPLETE = INCOMPLETE_REASONS.map((reason) => `'${reason}'`).join(", ");

/** Makes an event's new row of the table. */
export function toRecord({
  shop,
  mapped,
}: EventRow): Record<keyof typeof COLUMNS | "held_until" | "hold_seconds", unknown> {
  const { outcome } = mapped;
  const isSent = outcome.kind === "send";
  const heldUntil = isSent ? (outcome.heldUntilSeconds ?? null) : null;
  const wait = isSent ? outcome.heldForBrowser : undefined;
  const isHeld = heldUntil !== null || wait !== undefined;
  return {
    lane: shop.lane,
    shop_id: shop.id.toString(),
    kind: mapped.kind,
    source_key: mapped.sourceKey,
    event_id: mapped.eventId,
    id_source: mapped.idSource,
    source: mapped.source,
    order_id: mapped.orderId,
    order_name: mapped.orderName,
    state: isSent ? (isHeld ? "held" : "pending") : "skipped",
    reason: isSent ? null : outcome.reason,
    action_source: mapped.actionSource,
    event_time: mapped.eventTimeSeconds,
    value: mapped.value,
    currency: mapped.currency,
    key_bits: mapped.keyBits,
    consent: mapped.consent,
    settings_version: shop.settingsVersion,
    ad_account_id: shop.connection?.adAccountId ?? null,
    payload_drop_on: isSent ? dropOn(shop.payloadDays) : null,
    settled_at: isSent ? null : new Date().toISOString(),
    held_until: heldUntil,
    checkout_token: wait?.checkoutToken ?? null,
    cart_token: wait?.cartToken ?? null,
    hold_seconds: wait?.seconds ?? null,
  };
}
