import { payloadIdentity } from "#app/events/encryption-identity.ts";
import { lookUp } from "#app/events/look-up.ts";
import type { Decrypter } from "#app/platform/keyring.server.ts";
import { Prisma } from "#prisma/client/client.ts";
import { isBeingSentSql, LEASES_SQL } from "./event-conditions.server.ts";

/** The state of the payload: shown, never made, past its retention, or impossible to decrypt. */
export type PayloadStatus = "kept" | "none" | "dropped" | "locked";

export type EventRow = NonNullable<
  Awaited<ReturnType<Prisma.TransactionClient["event"]["findFirst"]>>
>;
export type AttemptRow = Awaited<
  ReturnType<Prisma.TransactionClient["attempt"]["findMany"]>
>[number];

export interface EventRecord {
  row: EventRow;
  isSending: boolean;
  /** The JSON text that is sent; null unless it is kept. */
  body: string | null;
  /** Notes as defined in app/events/match-notes.ts. */
  notes: string;
  payloadStatus: PayloadStatus;
  /** Attempts, oldest first. */
  attempts: AttemptRow[];
}

/** Identifies the event: the newest of the id, or of one name where an id stands for several. */
export interface EventName {
  eventId: string;
  kind: string | null;
}

/**
 * Loads everything that the outbox keeps of one event, within a `readAsShop`; null when the shop
 * has no such event.
 */
export async function readEventRecord(
  tx: Prisma.TransactionClient,
  keys: Decrypter,
  shopId: bigint,
  { eventId, kind }: EventName,
): Promise<EventRecord | null> {
  const row = await tx.event.findFirst({
    where: { shopId, eventId, ...(kind !== null && { kind }) },
    orderBy: { id: "desc" },
  });
  if (row === null) return null;
  const attempts = await tx.attempt.findMany({
    where: { shopId, id: { in: row.attemptIds } },
    orderBy: { id: "asc" },
  });
  const isSending = await isBeingSent(tx, row);
  return { row, isSending, ...(await readPayload(tx, keys, row)), attempts };
}

export function isWaiting({ state }: EventRow): boolean {
  return state === "held" || state === "pending";
}

async function isBeingSent(tx: Prisma.TransactionClient, event: EventRow): Promise<boolean> {
  if (!isWaiting(event) || event.adAccountId === null) return false;
  const rows = await tx.$queryRaw<{ is: boolean }[]>`with ${Prisma.raw(LEASES_SQL)}
    select ${Prisma.raw(isBeingSentSql())} as is
    from event e left join lease on lease.ad_account_id = e.ad_account_id where e.id = ${event.id}`;
  return rows[0]?.is === true;
}

async function readPayload(
  tx: Prisma.TransactionClient,
  keys: Decrypter,
  event: EventRow,
): Promise<Pick<EventRecord, "body" | "notes" | "payloadStatus">> {
  const { shopId, kind, sourceKey, payloadDropOn } = event;
  if (payloadDropOn === null) return { body: null, notes: "", payloadStatus: "none" };
  const row = await tx.eventPayload.findFirst({
    where: { shopId, dropOn: payloadDropOn, eventRef: event.id },
  });
  if (row === null) return { body: null, notes: "", payloadStatus: "dropped" };
  const { notes } = row;
  try {
    const body = keys.decrypt(row.body, payloadIdentity(shopId, kind, sourceKey));
    return { body: body.toString("utf8"), notes, payloadStatus: "kept" };
  } catch {
    // The key is not among ENCRYPTION_KEYS: the rest of the event is still worth showing.
    return { body: null, notes, payloadStatus: "locked" };
  }
}

export interface EventAnswer {
  status: string;
  message: string | null;
}

/** Pinterest's answer to the event; only answers other than a plain "processed" are stored. */
export function answerFor(
  { outcome, answers }: { outcome: string; answers: Prisma.JsonValue },
  eventRef: bigint,
): EventAnswer | null {
  const byRef: unknown = answers ?? {};
  const stored = lookUp(byRef as { [ref: string]: EventAnswer }, String(eventRef));
  if (stored !== undefined) return stored;
  return outcome === "outcomes" ? { status: "processed", message: null } : null;
}
