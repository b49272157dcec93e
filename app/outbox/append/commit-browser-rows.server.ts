import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { commit } from "#app/platform/pool.server.ts";
import { insertVisits, type VisitRow } from "./insert-visits.server.ts";
import type { RowShop } from "./intake-row.server.ts";

/** What one body of a pixel is to store. */
export interface BrowserRow {
  shop: RowShop;
  visits: VisitRow[];
}

/** `told`: it wrote a visit alone. `no_event`: it wrote nothing. */
export type BrowserOutcome = "told" | "no_event";

/** The limit of one statement of the commit, in milliseconds. */
const STATEMENT_TIMEOUT_MS = 1_500;

/**
 * Stores what pixels told, in one transaction. Resolves when it is durable, with one outcome per
 * row, by index. Rejects with 55P03 when another transaction holds a row for longer than
 * `lockTimeoutMs`.
 */
export async function commitBrowserRows(
  { db, keyring }: { db: Pick<Database, "transaction">; keyring: Keyring },
  rows: readonly BrowserRow[],
  lockTimeoutMs: number,
): Promise<BrowserOutcome[]> {
  const visits = rows.flatMap((row) => row.visits);
  if (visits.length > 0) {
    await db.transaction(
      (client) => Promise.all([insertVisits({ client, keyring }, visits), commit(client)]),
      { statementTimeoutMs: STATEMENT_TIMEOUT_MS, lockTimeoutMs },
    );
  }
  return rows.map((row) => (row.visits.length > 0 ? "told" : "no_event"));
}
