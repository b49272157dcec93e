import type { EventState } from "#app/events/event-state.ts";
import { type MatchKey, matchKeysFromBits } from "#app/events/match-keys.ts";
import {
  type AttemptRow,
  answerFor,
  type EventAnswer,
  type EventRecord,
  isWaiting,
  type PayloadStatus,
  readEventRecord,
} from "#app/outbox/read-event-record.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import { createKeyring, type Keyring } from "#app/platform/keyring.server.ts";
import { type CommandContext, CommandError, type CommandResult } from "./command.server.ts";
import { formatFields, plain } from "./format-table.server.ts";
import { requireShop, withDatabase } from "./with-database.server.ts";

/** `pinrelay events show` */
export async function showEvent(
  context: CommandContext,
  { shop: domain, eventId }: { shop: string; eventId: string },
): Promise<CommandResult> {
  return withDatabase(context, async ({ db, config }) => {
    const { id } = await requireShop({ db }, domain);
    const keyring = createKeyring(config.ENCRYPTION_KEYS);
    const detail = await readEventDetail({ db, keyring }, id, eventId);
    if (detail !== null) return { json: detail, text: describeDetail(detail) };
    throw new CommandError(
      {
        code: "not_found",
        message: `${domain} has no event ${eventId}.`,
        action: "`pinrelay events list` names the shop's events.",
      },
      1,
    );
  });
}

const PAYLOAD_TEXTS = {
  none: "No payload: the event was skipped.",
  dropped: "The payload is past the time for which it is kept.",
  locked: "The payload is encrypted under a key that is not in ENCRYPTION_KEYS.",
};

function describeDetail(detail: EventDetail): string {
  const { event, payload, payload_status: status, attempts } = detail;
  return [
    formatFields(event),
    "",
    status === "kept" ? JSON.stringify(payload, null, 2) : PAYLOAD_TEXTS[status],
    "",
    ...(attempts.length === 0 ? ["Not sent to Pinterest yet."] : attempts.map(formatAttempt)),
  ].join("\n");
}

function formatAttempt(attempt: AttemptDetail, index: number): string {
  const { started_at: at, http_status: status, duration_ms: ms, events, answer } = attempt;
  const said = [answer?.status, answer?.message, attempt.message].filter(Boolean);
  return plain(
    `Attempt ${index + 1}  ${at}  HTTP ${status ?? "none"}  ${ms} ms  ${events} events  ${said.join(": ") || attempt.outcome}`,
  );
}

/** One event with all that is known of it, as `pinrelay events show --json` prints it. */
interface EventDetail {
  event: {
    event_id: string;
    event_name: string;
    /** `browser`, `order` or `given`. */
    id_source: string;
    source: string;
    order_id: string | null;
    order_name: string | null;
    state: EventState;
    reason: string | null;
    action_source: string | null;
    /** Unix seconds. */
    event_time: number;
    value: string | null;
    currency: string | null;
    match_keys: MatchKey[];
    consent: string | null;
    settings_version: number;
    ad_account_id: string | null;
    attempts: number;
    warning: string | null;
    created_at: string;
    /** When it is sent next; null when it will not be. */
    next_at: string | null;
    settled_at: string | null;
  };
  /** The payload that was sent or will be sent. */
  payload: unknown;
  payload_status: PayloadStatus;
  /** First day without the payload, YYYY-MM-DD. */
  payload_kept_until: string | null;
  /** Oldest first. */
  attempts: AttemptDetail[];
}

/** One request to Pinterest that the event was in. */
interface AttemptDetail {
  id: string;
  ad_account_id: string;
  started_at: string;
  duration_ms: number;
  /** The meaning of the answer for the batch. */
  outcome: string;
  http_status: number | null;
  pinterest_code: number | null;
  message: string | null;
  /** The number of events in the request. */
  events: number;
  /** Pinterest's answer about this event; null if it has none. */
  answer: EventAnswer | null;
}

/** Finds an event of the shop by its event id; null if there is none. */
export async function readEventDetail(
  { db, keyring }: { db: Pick<Database, "pool" | "readAsShop">; keyring: Keyring },
  shopId: bigint,
  eventId: string,
): Promise<EventDetail | null> {
  const keys = await keyring.load(db.pool, [shopId]);
  const record = await db.readAsShop(shopId, (tx) =>
    readEventRecord(tx, keys, shopId, { eventId, kind: null }),
  );
  if (record === null) return null;
  const { row, body, payloadStatus } = record;
  return {
    event: describeEvent(record),
    payload: body === null ? null : JSON.parse(body),
    payload_status: payloadStatus,
    payload_kept_until: row.payloadDropOn?.toISOString().slice(0, 10) ?? null,
    attempts: record.attempts.map((attempt) => describeAttempt(attempt, row.id)),
  };
}

function describeAttempt(attempt: AttemptRow, eventRef: bigint): AttemptDetail {
  return {
    id: String(attempt.id),
    ad_account_id: attempt.adAccountId,
    started_at: attempt.startedAt.toISOString(),
    duration_ms: attempt.durationMs,
    outcome: attempt.outcome,
    http_status: attempt.httpStatus,
    pinterest_code: attempt.pinterestCode,
    message: attempt.message,
    events: attempt.events,
    answer: answerFor(attempt, eventRef),
  };
}

function describeEvent({ row: event, isSending }: EventRecord): EventDetail["event"] {
  return {
    event_id: event.eventId,
    event_name: event.kind,
    id_source: event.idSource,
    source: event.source,
    order_id: event.orderId,
    order_name: event.orderName,
    state: isSending ? "sending" : (event.state as EventState),
    reason: event.reason,
    action_source: event.actionSource,
    event_time: Number(event.eventTime),
    value: event.value,
    currency: event.currency,
    match_keys: matchKeysFromBits(event.keyBits),
    consent: event.consent,
    settings_version: event.settingsVersion,
    ad_account_id: event.adAccountId,
    attempts: event.attempts,
    warning: event.warning,
    created_at: event.createdAt.toISOString(),
    next_at: isWaiting(event) ? event.nextAt.toISOString() : null,
    settled_at: event.settledAt?.toISOString() ?? null,
  };
}
