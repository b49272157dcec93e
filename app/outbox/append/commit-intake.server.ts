import type { PoolClient } from "pg";
import { countEvents } from "#app/outbox/count-events.server.ts";
import {
  type FreshByAccount,
  shareOfBatch,
  type Waker,
} from "#app/outbox/schedule-accounts.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import { reach } from "#app/platform/fault-point.server.ts";
import type { DataKeys, Keyring } from "#app/platform/keyring.server.ts";
import { commit } from "#app/platform/pool.server.ts";
import { type Appended, reviveEvents } from "./insert-events.server.ts";
import { insertNew } from "./insert-new.server.ts";
import { insertPayloads, type TakenEvent } from "./insert-payloads.server.ts";
import { insertReceipts, recordLastWebhooks } from "./insert-receipts.server.ts";
import {
  type EventRow,
  type IntakeRow,
  identifySource,
  type RowOutcome,
} from "./intake-row.server.ts";
import { findGuestsAmong, skipGuestsAmong } from "./skip-guests.server.ts";
import { withdrawEvents } from "./withdraw-events.server.ts";

/** The limit of one statement of the commit, in milliseconds: Shopify waits 5 s in all for its answer. */
const STATEMENT_TIMEOUT_MS = 1_500;

export interface CommitServices {
  db: Pick<Database, "pool" | "transaction">;
  keyring: Keyring;
  waker: Waker;
}

/**
 * Stores receipts and events of many webhooks, and then schedules their ad accounts. Resolves when
 * it is durable, with one outcome per row, by index. New rows go to the database in one statement
 * with their commit; rows whose event exists already, or that occur twice, need further reads, so
 * they go in a transaction after it.
 *
 * Rejects with 55P03 when another transaction holds a row for longer than `lockTimeoutMs`; the new
 * rows may be stored then. Rows are locked in the order events, counters, as everywhere in the
 * outbox: another order would deadlock with a worker that settles a batch.
 */
export async function commitIntake(
  { db, keyring, waker }: CommitServices,
  rows: readonly IntakeRow[],
  lockTimeoutMs: number,
): Promise<RowOutcome[]> {
  const limits = { statementTimeoutMs: STATEMENT_TIMEOUT_MS, lockTimeoutMs };
  const outcomes: RowOutcome[] = rows.map(() => "no_event");
  const rest = new Map(rows.entries());
  const keys = await loadKeys({ db, keyring }, rows);
  const { stored, hasGuests } = await db.transaction(
    (client) => commitNew({ client, keys }, rows),
    limits,
  );
  reach("webhook committed");
  for (const [index, { row }] of stored) {
    outcomes[index] = row.mapped.outcome.kind === "send" ? "stored" : "skipped";
    rest.delete(index);
  }
  waker.wake(freshByAccount(stored.values()));
  if (rest.size === 0 && !hasGuests) return outcomes;
  const others = await db.transaction(
    (client) => commitOthers({ client, keys }, [...rest.values()], hasGuests ? rows : []),
    limits,
  );
  for (const [nth, index] of [...rest.keys()].entries()) {
    outcomes[index] = others.outcomes[nth] ?? "no_event";
  }
  waker.wake(freshByAccount(others.taken));
  return outcomes;
}

/** A row with an event. */
type IntakeEventRow = IntakeRow & EventRow;

/** Before any row is locked: a missing key takes a query. */
export async function loadKeys(
  { db, keyring }: Pick<CommitServices, "db" | "keyring">,
  rows: readonly { shop: { id: bigint } }[],
): Promise<DataKeys> {
  return keyring.ensure(
    db.pool,
    rows.map(({ shop }) => shop.id),
  );
}

interface Services {
  client: PoolClient;
  keys: DataKeys;
}

/** Stores the new rows, by index, and says whether there are guests among all rows. */
async function commitNew(
  { client, keys }: Services,
  rows: readonly IntakeRow[],
): Promise<{ stored: Map<number, TakenEvent>; hasGuests: boolean }> {
  const [first = new Map<number, IntakeEventRow>()] = roundsOfUniqueEvents(rows);
  const inserting = insertNew({ client, keys }, first);
  reach("webhook insert sent");
  const [inserted, hasGuests] = await Promise.all([
    inserting,
    // Sent after the sign-ups, which it has to see.
    findGuestsAmong(client, rows),
    recordLastWebhooks(client, rows),
    commit(client),
  ]);
  return { stored: inserted, hasGuests };
}

/** Stores rows whose events exist already or that have none, and skips the guests of `traced`. */
async function commitOthers(
  { client, keys }: Services,
  rows: readonly IntakeRow[],
  traced: readonly IntakeRow[],
): Promise<{ outcomes: RowOutcome[]; taken: TakenEvent[] }> {
  const outcomes: RowOutcome[] = rows.map(() => "no_event");
  const appended: Appended = { changes: [], sent: [] };
  const cancelled = new Map<number, EventRow>();
  await skipGuestsAmong(client, traced, appended.changes);
  for (const round of roundsOfUniqueEvents(rows)) {
    const known = [...round.values()];
    const revived = await reviveEvents(client, known, appended, { retakesRefused: false });
    for (const [index, row] of round) {
      outcomes[index] = revived.get(identifySource(row)) ?? "duplicate";
      if (outcomes[index] === "duplicate" && isCancellation(row)) cancelled.set(index, row);
    }
  }
  // Statements that do not need each other's results go to the database together, in this order.
  const payloads = insertPayloads({ client, keys }, appended.sent);
  const withdrawing = withdrawEvents(client, [...cancelled.values()], appended.changes);
  const [withdrawn] = await Promise.all([withdrawing, cancelled.size > 0 ? payloads : null]);
  for (const [index, row] of cancelled) {
    if (withdrawn.has(identifySource(row))) outcomes[index] = "withdrawn";
  }
  const [taken] = await Promise.all([
    payloads,
    insertReceipts(client, rows, outcomes),
    countEvents(client, appended.changes),
    recordLastWebhooks(client, rows),
    commit(client),
  ]);
  return { outcomes, taken };
}

/**
 * One statement must not touch a row twice, so a second webhook of the same order in one group goes
 * in the next round.
 */
function roundsOfUniqueEvents(rows: readonly IntakeRow[]): Map<number, IntakeEventRow>[] {
  const rounds: { taken: Set<string>; members: Map<number, IntakeEventRow> }[] = [];
  for (const [index, row] of rows.entries()) {
    if (!hasEvent(row)) continue;
    const source = identifySource(row);
    let round = rounds.find(({ taken }) => !taken.has(source));
    if (round === undefined) {
      round = { taken: new Set(), members: new Map() };
      rounds.push(round);
    }
    round.taken.add(source);
    round.members.set(index, row);
  }
  return rounds.map(({ members }) => members);
}

function hasEvent(row: IntakeRow): row is IntakeEventRow {
  return row.mapped !== null;
}

function isCancellation({ mapped }: EventRow): boolean {
  return mapped.outcome.kind === "skip" && mapped.outcome.reason === "cancelled";
}

/** Adds up what was taken for each ad account that is being sent to. */
export function freshByAccount(taken: Iterable<TakenEvent>): FreshByAccount {
  const fresh = new Map<string, number>();
  for (const { row, bytes } of taken) {
    if (bytes === 0 || row.shop.connection?.state !== "active") continue;
    const account = row.shop.connection.adAccountId;
    fresh.set(account, (fresh.get(account) ?? 0) + shareOfBatch(bytes));
  }
  return fresh;
}
