import type { EventState } from "#app/events/event-state.ts";
import { type MatchKey, matchKeysFromBits } from "#app/events/match-keys.ts";
import { payloadIdentity } from "#app/events/payload-identity.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import type { Prisma } from "#prisma/client/client.ts";

/** Where the payload is: shown, never made, past the time for which it is kept, or not to be opened. */
export type PayloadStatus = "kept" | "none" | "dropped" | "locked";

/** One event with all that is known of it, as `pinrelay events show --json` prints it. */
export interface EventDetail {
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
  /** What was sent, or will be. */
  payload: unknown;
  payload_status: PayloadStatus;
  /** First day without the payload, YYYY-MM-DD. */
  payload_kept_until: string | null;
  /** Oldest first. */
  attempts: AttemptDetail[];
}

/** One request to Pinterest that the event was in. */
export interface AttemptDetail {
  id: string;
  ad_account_id: string;
  started_at: string;
  duration_ms: number;
  /** What the answer meant for the batch. */
  outcome: string;
  http_status: number | null;
  pinterest_code: number | null;
  message: string | null;
  /** How many events were in the request. */
  events: number;
  /** What Pinterest said of this event; null when it said nothing of it. */
  answer: { status: string; message: string | null } | null;
}

type EventRow = NonNullable<Awaited<ReturnType<Prisma.TransactionClient["event"]["findFirst"]>>>;

/** An event of the shop by its event id; null when the shop has none such. */
export async function readEventDetail(
  { db, keyring }: { db: Pick<Database, "readAsShop">; keyring: Keyring },
  shopId: bigint,
  eventId: string,
): Promise<EventDetail | null> {
  return db.readAsShop(shopId, async (tx) => {
    const event = await tx.event.findFirst({
      where: { shopId, eventId },
      orderBy: { id: "desc" },
    });
    if (event === null) return null;
    const attempts = await tx.attempt.findMany({
      where: { shopId, id: { in: event.attemptIds } },
      orderBy: { id: "asc" },
    });
    return {
      event: describeEvent(event, await isBeingSent(tx, event)),
      ...(await readPayload(tx, keyring, event)),
      payload_kept_until: event.payloadDropOn?.toISOString().slice(0, 10) ?? null,
      attempts: attempts.map((attempt) => ({
        id: String(attempt.id),
        ad_account_id: attempt.adAccountId,
        started_at: attempt.startedAt.toISOString(),
        duration_ms: attempt.durationMs,
        outcome: attempt.outcome,
        http_status: attempt.httpStatus,
        pinterest_code: attempt.pinterestCode,
        message: attempt.message,
        events: attempt.events,
        answer: answerFor(attempt, event.id),
      })),
    };
  });
}

function describeEvent(event: EventRow, isSending: boolean): EventDetail["event"] {
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

function isWaiting({ state }: EventRow): boolean {
  return state === "held" || state === "pending";
}

/** Being sent: its account is leased, and it was due when the lease began. */
async function isBeingSent(tx: Prisma.TransactionClient, event: EventRow): Promise<boolean> {
  if (!isWaiting(event) || event.adAccountId === null) return false;
  const rows = await tx.$queryRaw<unknown[]>`select from due_account
    where ad_account_id = ${event.adAccountId} and lease_until > now() and leased_at >= ${event.nextAt}`;
  return rows.length > 0;
}

async function readPayload(
  tx: Prisma.TransactionClient,
  keyring: Keyring,
  event: EventRow,
): Promise<{ payload: unknown; payload_status: PayloadStatus }> {
  const { shopId, kind, sourceKey, payloadDropOn } = event;
  if (payloadDropOn === null) return { payload: null, payload_status: "none" };
  const row = await tx.eventPayload.findFirst({
    where: { shopId, dropOn: payloadDropOn, eventRef: event.id },
  });
  if (row === null) return { payload: null, payload_status: "dropped" };
  try {
    const body = keyring.decrypt(row.body, payloadIdentity(shopId, kind, sourceKey));
    return { payload: JSON.parse(body.toString("utf8")), payload_status: "kept" };
  } catch {
    // Its key is not among ENCRYPTION_KEYS: all else of the event is still worth showing.
    return { payload: null, payload_status: "locked" };
  }
}

/** Only answers that are not a plain "processed" are stored. */
function answerFor(
  { outcome, answers }: { outcome: string; answers: Prisma.JsonValue },
  eventRef: bigint,
): AttemptDetail["answer"] {
  const byRef = (answers ?? {}) as Record<string, { status: string; message: string | null }>;
  const stored = byRef[String(eventRef)];
  if (stored !== undefined) return stored;
  return outcome === "outcomes" ? { status: "processed", message: null } : null;
}
