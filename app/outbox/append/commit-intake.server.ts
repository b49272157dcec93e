import { countEvents } from "#app/outbox/count-events.server.ts";
import { wakeAccounts } from "#app/outbox/wake-accounts.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { type Appended, insertEvents, reviveEvents } from "./insert-events.server.ts";
import { insertPayloads } from "./insert-payloads.server.ts";
import { insertReceipts, noteLastWebhooks } from "./insert-receipts.server.ts";
import { type EventRow, type IntakeRow, type RowOutcome, sourceOf } from "./intake-row.server.ts";
import { skipGuestsOf } from "./skip-guests.server.ts";
import { withdrawEvents } from "./withdraw-events.server.ts";

/** Milliseconds for one statement of the commit: Shopify waits 5 s in all for its answer. */
const LIMITS = { statementTimeoutMs: 1_500 };

/**
 * Stores receipts and events of many webhooks in one transaction, and wakes their ad accounts.
 * Resolves when it is durable, with one outcome per row, by index.
 *
 * Rows are locked in the order ad accounts, waiting events, counters, as everywhere in the outbox:
 * another order would deadlock with a worker that settles a batch.
 */
export async function commitIntake(
  { db, keyring }: { db: Pick<Database, "transaction">; keyring: Keyring },
  rows: readonly IntakeRow[],
): Promise<RowOutcome[]> {
  return db.transaction(async (client) => {
    const outcomes: RowOutcome[] = rows.map(() => "no_event");
    const appended: Appended = { changes: [], sent: [] };
    const cancelled = new Map<number, EventRow>();
    for (const round of roundsOfUniqueEvents(rows)) {
      const inserted = await insertEvents(client, [...round.values()], appended);
      const known = [...round.values()].filter((row) => !inserted.has(sourceOf(row)));
      const revived = await reviveEvents(client, known, appended, {
        retakesRefused: false,
      });
      for (const [index, row] of round) {
        const source = sourceOf(row);
        const outcome = inserted.get(source) ?? revived.get(source) ?? "duplicate";
        outcomes[index] = outcome;
        if (outcome === "duplicate" && isCancellation(row)) cancelled.set(index, row);
      }
    }
    // What does not wait for another's answer goes to the database in one go, in this order.
    const [, , withdrawn] = await Promise.all([
      insertPayloads({ client, keyring }, appended.sent),
      wakeAccounts(client, freshByAccount(rows, outcomes)),
      withdrawEvents(client, [...cancelled.values()], appended.changes),
      skipGuestsOf(client, rows, appended.changes),
    ]);
    for (const [index, row] of cancelled) {
      if (withdrawn.has(sourceOf(row))) outcomes[index] = "withdrawn";
    }
    await Promise.all([
      insertReceipts(client, rows, outcomes),
      countEvents(client, appended.changes),
      noteLastWebhooks(client, rows),
    ]);
    return outcomes;
  }, LIMITS);
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
): Map<string, number> {
  const fresh = new Map<string, number>();
  for (const [index, { shop }] of rows.entries()) {
    if (outcomes[index] !== "stored" || shop.connection?.state !== "active") continue;
    const account = shop.connection.adAccountId;
    fresh.set(account, (fresh.get(account) ?? 0) + 1);
  }
  return fresh;
}
