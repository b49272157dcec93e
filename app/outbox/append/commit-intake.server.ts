import type { PoolClient } from "pg";
import { countEvents } from "#app/outbox/count-events.server.ts";
import { type FreshByAccount, shareOfBatch } from "#app/outbox/wake-accounts.server.ts";
import type { Waker } from "#app/outbox/waker.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { commit } from "#app/platform/pool.server.ts";
import { type Appended, insertEvents, reviveEvents } from "./insert-events.server.ts";
import { insertPayloads, type SealedPayloads, sealPayloads } from "./insert-payloads.server.ts";
import { insertReceipts, noteLastWebhooks } from "./insert-receipts.server.ts";
import { type EventRow, type IntakeRow, type RowOutcome, sourceOf } from "./intake-row.server.ts";
import { skipGuestsOf } from "./skip-guests.server.ts";
import { withdrawEvents } from "./withdraw-events.server.ts";

/** Milliseconds for one statement of the commit: Shopify waits 5 s in all for its answer. */
const STATEMENT_TIMEOUT_MS = 1_500;

export interface CommitServices {
  db: Pick<Database, "transaction">;
  keyring: Keyring;
  waker: Waker;
}

/**
 * Stores receipts and events of many webhooks in one transaction, and then wakes their ad accounts.
 * Resolves when it is durable, with one outcome per row, by index.
 *
 * Rejects with 55P03 when somebody holds a row for longer than `lockTimeoutMs`. Rows are locked in the
 * order events, counters, as everywhere in the outbox: another order would deadlock with a worker
 * that settles a batch.
 */
export async function commitIntake(
  { db, keyring, waker }: CommitServices,
  rows: readonly IntakeRow[],
  lockTimeoutMs: number,
): Promise<RowOutcome[]> {
  const limits = { statementTimeoutMs: STATEMENT_TIMEOUT_MS, lockTimeoutMs };
  const { outcomes, fresh } = await db.transaction(async (client) => {
    const appended: Appended = { changes: [], sent: [] };
    const { outcomes, cancelled, sealed } = await appendEvents({ client, keyring }, rows, appended);
    // What does not wait for another's answer goes to the database in one go, in this order.
    const payloads = insertPayloads({ client, keyring, sealed }, appended.sent);
    if (cancelled.size > 0) {
      const [withdrawn] = await Promise.all([
        withdrawEvents(client, [...cancelled.values()], appended.changes),
        payloads,
      ]);
      for (const [index, row] of cancelled) {
        if (withdrawn.has(sourceOf(row))) outcomes[index] = "withdrawn";
      }
    }
    await Promise.all([
      payloads,
      insertReceipts(client, rows, outcomes),
      countEvents(client, appended.changes),
      noteLastWebhooks(client, rows),
      commit(client),
    ]);
    return { outcomes, fresh: freshByAccount(rows, outcomes, sealed) };
  }, limits);
  waker.wake(fresh);
  return outcomes;
}

interface AppendedRows {
  outcomes: RowOutcome[];
  /** Cancellations of events that were there already, by index. */
  cancelled: Map<number, EventRow>;
  sealed: SealedPayloads;
}

async function appendEvents(
  { client, keyring }: { client: PoolClient; keyring: Keyring },
  rows: readonly IntakeRow[],
  appended: Appended,
): Promise<AppendedRows> {
  const outcomes: RowOutcome[] = rows.map(() => "no_event");
  const cancelled = new Map<number, EventRow>();
  let guests: Promise<void> | undefined;
  let sealed: SealedPayloads | undefined;
  for (const round of roundsOfUniqueEvents(rows)) {
    const inserting = insertEvents(client, [...round.values()], appended);
    // Behind the sign-ups, which it has to see, and in the same round trip.
    guests ??= skipGuestsOf(client, rows, appended.changes);
    // While the database is at work.
    sealed ??= sealPayloads(keyring, rows);
    const [inserted] = await Promise.all([inserting, guests]);
    const known = [...round.values()].filter((row) => !inserted.has(sourceOf(row)));
    const revived = await reviveEvents(client, known, appended, { retakesRefused: false });
    for (const [index, row] of round) {
      const source = sourceOf(row);
      const outcome = inserted.get(source) ?? revived.get(source) ?? "duplicate";
      outcomes[index] = outcome;
      if (outcome === "duplicate" && isCancellation(row)) cancelled.set(index, row);
    }
  }
  // Of webhooks that feed no event themselves.
  if (guests === undefined) await skipGuestsOf(client, rows, appended.changes);
  return { outcomes, cancelled, sealed: sealed ?? new Map() };
}

/**
 * One statement may not touch a row twice, so a second webhook of the same order in one group goes
 * in the next round of the same transaction.
 */
function roundsOfUniqueEvents(rows: readonly IntakeRow[]): Map<number, EventRow>[] {
  const rounds: { taken: Set<string>; members: Map<number, EventRow> }[] = [];
  for (const [index, { shop, mapped }] of rows.entries()) {
    if (mapped === null) continue;
    const row = { shop, mapped };
    let round = rounds.find(({ taken }) => !taken.has(sourceOf(row)));
    if (round === undefined) {
      round = { taken: new Set(), members: new Map() };
      rounds.push(round);
    }
    round.taken.add(sourceOf(row));
    round.members.set(index, row);
  }
  return rounds.map(({ members }) => members);
}

function isCancellation({ mapped }: EventRow): boolean {
  return mapped.outcome.kind === "skip" && mapped.outcome.reason === "cancelled";
}

function freshByAccount(
  rows: readonly IntakeRow[],
  outcomes: readonly RowOutcome[],
  sealed: SealedPayloads,
): FreshByAccount {
  const fresh = new Map<string, number>();
  for (const [index, { shop, mapped }] of rows.entries()) {
    if (outcomes[index] !== "stored" || shop.connection?.state !== "active") continue;
    const account = shop.connection.adAccountId;
    const bytes = (mapped && sealed.get(mapped)?.length) ?? 0;
    fresh.set(account, (fresh.get(account) ?? 0) + shareOfBatch(bytes));
  }
  return fresh;
}
