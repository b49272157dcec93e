import { commitIntake } from "#app/outbox/append/commit-intake.server.ts";
import type { IntakeRow, RowOutcome } from "#app/outbox/append/intake-row.server.ts";
import type { Waker } from "#app/outbox/waker.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import { unreadableEvent } from "./unreadable-event.server.ts";

export interface CommitServices {
  db: Pick<Database, "transaction">;
  keyring: Keyring;
  log: Logger;
  waker: Waker;
}

/** `blocked`: not stored, because another transaction holds rows of the shop. `failed`: not stored. */
export type NotCommitted = "blocked" | "failed";

type Outcomes = (RowOutcome | NotCommitted)[];

/** `brief`: many shops wait with one whose rows are locked. `patient`: none does. */
export type Patience = keyof typeof ALONE_MS;

/** How long a commit of many shops waits for locked rows. */
const TOGETHER_MS = 100;
/** The same limit for a commit of one shop. */
const ALONE_MS = { brief: 50, patient: 600 };
/** The number of shops that are committed separately at once; each needs a connection. */
const ALONE_AT_ONCE = 3;

/**
 * Commits all rows together, and separately if that fails: a shop whose rows are locked delays no
 * other shop, and a row that the database rejects does not affect its neighbours.
 */
export async function commitIsolatingBadRows(
  services: CommitServices,
  rows: readonly IntakeRow[],
  patience: Patience,
): Promise<Outcomes> {
  if (patience === "patient") return commitByShop(services, rows, patience);
  try {
    return await commitBisecting(services, rows, TOGETHER_MS);
  } catch (error) {
    if (!isHeldUp(error)) throw error;
    return commitByShop(services, rows, patience);
  }
}

/** Bisects rows of which the database rejects one, until that row is alone. */
async function commitBisecting(
  services: CommitServices,
  rows: readonly IntakeRow[],
  lockTimeoutMs: number,
): Promise<Outcomes> {
  if (rows.length === 0) return [];
  try {
    return await commitTwice(services, rows, lockTimeoutMs);
  } catch (error) {
    if (!isOfContent(error)) throw error;
    const [first, ...rest] = rows;
    if (first !== undefined && rest.length === 0) {
      return [await commitReceiptOnly(services, first, lockTimeoutMs, error)];
    }
    const middle = Math.ceil(rows.length / 2);
    const left = await commitBisecting(services, rows.slice(0, middle), lockTimeoutMs);
    return [...left, ...(await commitBisecting(services, rows.slice(middle), lockTimeoutMs))];
  }
}

/** A deadlock or a serialization failure passes: the same commit will succeed. */
async function commitTwice(
  services: CommitServices,
  rows: readonly IntakeRow[],
  lockTimeoutMs: number,
): Promise<RowOutcome[]> {
  try {
    return await commitIntake(services, rows, lockTimeoutMs);
  } catch (error) {
    if (!readSqlState(error).startsWith("40")) throw error;
    return commitIntake(services, rows, lockTimeoutMs);
  }
}

function readSqlState(error: unknown): string {
  return String((error as { code?: unknown }).code ?? "");
}

/** Lock not available, or a statement that took too long. */
function isHeldUp(error: unknown): boolean {
  return ["55P03", "57014"].includes(readSqlState(error));
}

/**
 * Data exception, limit exceeded: classes that concern the content of a row. All others (no
 * connection, disk full) concern the database, and Shopify is asked to send the webhook again.
 */
function isOfContent(error: unknown): boolean {
  return ["22", "54"].includes(readSqlState(error).slice(0, 2));
}

async function commitByShop(
  services: CommitServices,
  rows: readonly IntakeRow[],
  patience: Patience,
): Promise<Outcomes> {
  const outcomes: Outcomes = rows.map(() => "blocked");
  const byShop = Map.groupBy(rows.entries(), ([, { shop }]) => shop.id);
  const shops = byShop.values();
  async function commitShops(): Promise<void> {
    for (const members of shops) {
      const alone = await commitShop(
        services,
        members.map(([, row]) => row),
        patience,
      );
      for (const [position, [index]] of members.entries())
        outcomes[index] = alone[position] ?? "failed";
    }
  }
  await Promise.all(Array.from({ length: ALONE_AT_ONCE }, commitShops));
  return outcomes;
}

async function commitShop(
  services: CommitServices,
  rows: readonly IntakeRow[],
  patience: Patience,
): Promise<Outcomes> {
  try {
    return await commitBisecting(services, rows, ALONE_MS[patience]);
  } catch (error) {
    if (!isHeldUp(error)) throw error;
    services.log.warn(
      { err: error, webhooks: rows.length },
      "rows of a shop are locked by another transaction",
    );
    return rows.map(() => "blocked");
  }
}

const REFUSED = "the database refused its content";

/**
 * Stores the receipt of the one row that the database rejects, without the rejected event but with
 * the order's id, by which reconciliation fetches the order again; the id is left out if the
 * database rejects it as well.
 */
async function commitReceiptOnly(
  services: CommitServices,
  row: IntakeRow,
  lockTimeoutMs: number,
  error: unknown,
): Promise<RowOutcome | NotCommitted> {
  const { topic, webhookId, mapped } = row;
  services.log.error({ err: error, topic, webhookId }, "the database rejected a webhook's content");
  if (mapped === null) return "failed";
  const { kind: eventName, sourceKey, orderId, eventTimeSeconds } = mapped;
  const nameless = { eventName, sourceKey: null, orderId: null };
  for (const identity of [{ eventName, sourceKey, orderId }, nameless]) {
    const bare = unreadableEvent(identity, webhookId, eventTimeSeconds);
    try {
      const [outcome] = await commitTwice(
        services,
        [{ ...row, note: REFUSED, mapped: bare, trace: null }],
        lockTimeoutMs,
      );
      return outcome ?? "failed";
    } catch (refusal) {
      if (!isOfContent(refusal)) throw refusal;
    }
  }
  return "failed";
}
