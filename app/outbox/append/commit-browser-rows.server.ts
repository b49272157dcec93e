import type { PoolClient } from "pg";
import type { CustomerTrace, MappedEvent } from "#app/events/mapped-event.ts";
import { countEvents } from "#app/outbox/count-events.server.ts";
import type { Waker } from "#app/outbox/schedule-accounts.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { DataKeys, Keyring } from "#app/platform/keyring.server.ts";
import { commit, inOrder } from "#app/platform/pool.server.ts";
import { freshByAccount, loadKeys } from "./commit-intake.server.ts";
import { type Appended, reviveEvents } from "./insert-events.server.ts";
import { insertNew } from "./insert-new.server.ts";
import { insertPayloads, type TakenEvent } from "./insert-payloads.server.ts";
import { insertVisits, type VisitRow } from "./insert-visits.server.ts";
import { type EventRow, identifySource, type RowOutcome } from "./intake-row.server.ts";
import { type BrowserEventRow, joinPageVisits } from "./join-page-visits.server.ts";

import { keepTracesOf } from "./skip-guests.server.ts";

/** What one body of a pixel is to store. */
export interface BrowserRow extends Pick<BrowserEventRow, "shop" | "pageKeys"> {
  visits: VisitRow[];
  /** Null where it feeds no event. */
  mapped: MappedEvent | null;
  /** Set for a sign-up, which the store may tell too. */
  trace: CustomerTrace | null;
}

/** `told`: it wrote a visit alone. `no_event`: it wrote nothing. */
export type BrowserOutcome = Exclude<RowOutcome, "withdrawn"> | "told";

interface CommitServices {
  db: Pick<Database, "pool" | "transaction">;
  keyring: Keyring;
  waker: Waker;
}

/** The limit of one statement of the commit, in milliseconds. */
const STATEMENT_TIMEOUT_MS = 1_500;

/**
 * Stores what pixels told, visits and events, in one transaction, and then schedules their ad
 * accounts. Resolves when it is durable, with one outcome per row, by index. Events that exist
 * already stay as they are, unless they waited for what this one says.
 *
 * Rejects with 55P03 when another transaction holds a row for longer than `lockTimeoutMs`. Visits
 * are locked before events, and events before counters, as everywhere.
 */
export async function commitBrowserRows(
  { db, keyring, waker }: CommitServices,
  rows: readonly BrowserRow[],
  lockTimeoutMs: number,
): Promise<BrowserOutcome[]> {
  const limits = { statementTimeoutMs: STATEMENT_TIMEOUT_MS, lockTimeoutMs };
  const visits = rows.flatMap((row) => row.visits);
  const outcomes: BrowserOutcome[] = rows.map((row) => {
    if (row.mapped !== null) return "duplicate";
    return row.visits.length > 0 ? "told" : "no_event";
  });
  const events = await joinPageVisits(db.pool, rows.flatMap(toEventRow));
  const fresh = chooseOfEach(events);
  if (fresh.size + visits.length === 0) return outcomes;
  const keys = await loadKeys({ db, keyring }, rows);
  const stored = await db.transaction(async (client) => {
    const [, inserted] = await inOrder([
      insertVisits({ client, keys }, visits),
      insertNew({ client, keys }, fresh),
      keepTracesOf(client, rows),
      commit(client),
    ]);
    return inserted;
  }, limits);
  for (const [index, { row }] of stored) {
    outcomes[index] = row.mapped.outcome.kind === "send" ? "stored" : "skipped";
    fresh.delete(index);
  }
  waker.wake(freshByAccount(stored.values()));
  const waiting = new Map([...fresh].filter(([, { mapped }]) => mayReplace(mapped)));
  if (waiting.size === 0) return outcomes;
  const { taken, revived } = await db.transaction(
    (client) => replaceWaiting({ client, keys }, [...waiting.values()]),
    limits,
  );
  for (const [index, row] of waiting) {
    outcomes[index] = revived.get(identifySource(row)) ?? "duplicate";
  }
  waker.wake(freshByAccount(taken));
  return outcomes;
}

type IndexedRow = BrowserEventRow & { index: number };

function toEventRow({ shop, mapped, pageKeys }: BrowserRow, index: number): IndexedRow[] {
  return mapped === null ? [] : [{ shop, mapped, pageKeys, index }];
}

/** One row for each event, by its index: that of a product rather than that of its page. */
function chooseOfEach(events: readonly IndexedRow[]): Map<number, IndexedRow> {
  const chosen = new Map<string, IndexedRow>();
  for (const row of events) {
    const source = identifySource(row);
    const other = chosen.get(source);
    if (other === undefined || (isHeld(other.mapped) && !isHeld(row.mapped))) {
      chosen.set(source, row);
    }
  }
  return new Map([...chosen.values()].map((row) => [row.index, row]));
}

function isHeld({ outcome }: MappedEvent): boolean {
  return outcome.kind === "send" && outcome.heldForBrowser !== undefined;
}

/** What says more than another event of the same, which may still wait: a checkout, a product. */
function mayReplace(mapped: MappedEvent): boolean {
  const isPage = mapped.kind === "page_visit";
  return mapped.outcome.kind === "send" && (isPage ? !isHeld(mapped) : !isOfPage(mapped));
}

function isOfPage({ sourceKey }: MappedEvent): boolean {
  return sourceKey.startsWith("page:");
}

async function replaceWaiting(
  { client, keys }: { client: PoolClient; keys: DataKeys },
  rows: readonly EventRow[],
): Promise<{ taken: TakenEvent[]; revived: Awaited<ReturnType<typeof reviveEvents>> }> {
  const appended: Appended = { changes: [], sent: [] };
  const how = { retakesRefused: false, retakesHeldPages: true };
  const revived = await reviveEvents(client, rows, appended, how);
  const [taken] = await inOrder([
    insertPayloads({ client, keys }, appended.sent),
    countEvents(client, appended.changes),
    commit(client),
  ]);
  return { taken, revived };
}
