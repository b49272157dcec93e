import type { Logger } from "#app/platform/logger.server.ts";

/** A row to commit, and how rows of its kind are committed. */
interface ShopRow {
  shop: { id: bigint };
}

export interface RowCommit<Row extends ShopRow, Outcome> {
  log: Logger;
  /** Stores all rows or none, one outcome per row, by index. Waits for a lock no longer than told. */
  commit(rows: readonly Row[], lockTimeoutMs: number): Promise<Outcome[]>;
  /** Stores what can be stored of the one row whose content the database rejects. */
  rescue(row: Row, lockTimeoutMs: number, error: unknown): Promise<Outcome | NotCommitted>;
}

/** `blocked`: not stored, because another transaction holds rows of the shop. `failed`: not stored. */
export type NotCommitted = "blocked" | "failed";

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
export async function commitIsolatingBadRows<Row extends ShopRow, Outcome>(
  way: RowCommit<Row, Outcome>,
  rows: readonly Row[],
  patience: Patience,
): Promise<(Outcome | NotCommitted)[]> {
  if (patience === "patient") return commitByShop(way, rows, patience);
  try {
    return await commitBisecting(way, rows, TOGETHER_MS);
  } catch (error) {
    if (!isHeldUp(error)) throw error;
    return commitByShop(way, rows, patience);
  }
}

/** Bisects rows of which the database rejects one, until that row is alone. */
async function commitBisecting<Row extends ShopRow, Outcome>(
  way: RowCommit<Row, Outcome>,
  rows: readonly Row[],
  lockTimeoutMs: number,
): Promise<(Outcome | NotCommitted)[]> {
  if (rows.length === 0) return [];
  try {
    return await commitTwice(() => way.commit(rows, lockTimeoutMs));
  } catch (error) {
    if (!isOfContent(error)) throw error;
    const [first, ...rest] = rows;
    if (first !== undefined && rest.length === 0) {
      return [await way.rescue(first, lockTimeoutMs, error)];
    }
    const middle = Math.ceil(rows.length / 2);
    const left = await commitBisecting(way, rows.slice(0, middle), lockTimeoutMs);
    return [...left, ...(await commitBisecting(way, rows.slice(middle), lockTimeoutMs))];
  }
}

/** A deadlock or a serialization failure passes: the same commit will succeed. */
export async function commitTwice<T>(commit: () => Promise<T>): Promise<T> {
  try {
    return await commit();
  } catch (error) {
    if (!readSqlState(error).startsWith("40")) throw error;
    return commit();
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
 * connection, disk full) concern the database, and the sender is asked to send it again.
 */
export function isOfContent(error: unknown): boolean {
  return ["22", "54"].includes(readSqlState(error).slice(0, 2));
}

async function commitByShop<Row extends ShopRow, Outcome>(
  way: RowCommit<Row, Outcome>,
  rows: readonly Row[],
  patience: Patience,
): Promise<(Outcome | NotCommitted)[]> {
  const outcomes: (Outcome | NotCommitted)[] = rows.map(() => "blocked");
  const byShop = Map.groupBy(rows.entries(), ([, { shop }]) => shop.id);
  const shops = byShop.values();
  async function commitShops(): Promise<void> {
    for (const members of shops) {
      const alone = await commitShop(
        way,
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

async function commitShop<Row extends ShopRow, Outcome>(
  way: RowCommit<Row, Outcome>,
  rows: readonly Row[],
  patience: Patience,
): Promise<(Outcome | NotCommitted)[]> {
  try {
    return await commitBisecting(way, rows, ALONE_MS[patience]);
  } catch (error) {
    if (!isHeldUp(error)) throw error;
    way.log.warn(
      { err: error, rows: rows.length },
      "rows of a shop are locked by another transaction",
    );
    return rows.map(() => "blocked");
  }
}
