import type { PoolClient } from "pg";
import type { Database } from "#app/platform/db.server.ts";

/** Whoever waits for a lock of a table may hold none of a table that comes after it. */
export const LOCK_ORDER = [
  "run",
  "shop",
  "connection",
  "due_account",
  "event",
  "event_payload",
  "count_bucket",
] as const;

type Table = (typeof LOCK_ORDER)[number];

/** A new row of these may meet another transaction's of the same key, and waits for it. */
const SHARED_KEYS: readonly Table[] = ["shop", "connection", "due_account", "count_bucket"];

export interface LockLog {
  /** The tables of each transaction, in the order in which it first locked a row of them. */
  orders: Table[][];
  /** Empty while everybody locks in one order. */
  inversions: string[];
}

/**
 * The database, with a record of whose rows its transactions lock, statement by statement. Rows that
 * a statement wrote are Postgres' own count; rows that it only locks are read off its locking
 * clauses. A statement that skips what is locked waits for nobody, so that it is in no wrong place.
 * Foreign keys lock too, but in a way that waits for no lock that we take (`for no key update`).
 */
export function watchLocks<Db extends Pick<Database, "transaction">>(db: Db): [Db, LockLog] {
  const log: LockLog = { orders: [], inversions: [] };
  const transaction: Database["transaction"] = (work, options) =>
    db.transaction((client) => work(watchClient(client, log)), options);
  return [{ ...db, transaction }, log];
}

type Counts = Map<string, number>;

function watchClient(client: PoolClient, log: LockLog): PoolClient {
  const order: Table[] = [];
  log.orders.push(order);
  let before: Counts | undefined;
  // One statement after the other, also those that are given to the connection together.
  let queue: Promise<unknown> = Promise.resolve();
  const query = (statement: unknown, values?: unknown) => {
    const run = async () => {
      before ??= await readCounts(client);
      const text = textOf(statement);
      const result = await (client.query as (...args: unknown[]) => Promise<unknown>)(
        statement,
        values,
      );
      if (/^\s*(commit|rollback)/i.test(text)) return result;
      const after = await readCounts(client);
      const written = LOCK_ORDER.filter((table) => after.get(table) !== before?.get(table));
      before = after;
      note(log, order, { text, tables: new Set([...written, ...clausesOf(text)]) });
      return result;
    };
    const answer = queue.then(run);
    queue = answer.catch(() => {});
    return answer;
  };
  return new Proxy(client, {
    get: (target, name) => (name === "query" ? query : Reflect.get(target, name)),
  });
}

function note(
  { inversions }: LockLog,
  order: Table[],
  { text, tables }: { text: string; tables: ReadonlySet<Table> },
): void {
  const waits = !/\bskip locked\b/i.test(text);
  for (const table of LOCK_ORDER) {
    if (!tables.has(table)) continue;
    const later = order.findLast((held) => LOCK_ORDER.indexOf(held) > LOCK_ORDER.indexOf(table));
    // Of a table that came in its turn more may be written, but no more events after counters.
    const isHeld = order.includes(table) && (table !== "event" || later !== "count_bucket");
    if (waits && later !== undefined && !isHeld) {
      inversions.push(`${table} after ${later}: ${text.trim().slice(0, 200)}`);
    }
    if (!order.includes(table)) order.push(table);
  }
}

/** How many rows the transaction has written in each table; an update of one row twice counts twice. */
async function readCounts(client: PoolClient): Promise<Counts> {
  const { rows } = await client.query<{ parent: string; n: string }>(
    `select coalesce(p.relname, s.relname) as parent,
        sum(n_tup_upd + n_tup_del + case when s.relname = any($1::text[]) then n_tup_ins else 0 end) as n
      from pg_stat_xact_user_tables s
      left join pg_inherits i on i.inhrelid = s.relid left join pg_class p on p.oid = i.inhparent
      group by 1`,
    [SHARED_KEYS],
  );
  return new Map(rows.map(({ parent, n }) => [parent, Number(n)]));
}

/** The tables that a statement's locking clauses name, by name or by alias. */
function clausesOf(text: string): Table[] {
  const clause = /\bfor\s+(?:no\s+key\s+)?update\b(?:\s+of\s+(\w+))?/gi;
  return [...text.matchAll(clause)].flatMap(({ index, 1: alias }) => {
    const sources = [
      ...text
        .slice(0, index)
        .matchAll(/\b(?:from|join)\s+(\w+)(?:\s+(?!on\b|where\b|join\b)(\w+))?/gi),
    ];
    const named = sources.filter(
      ([, table, as]) => alias === undefined || as === alias || table === alias,
    );
    const table = named.at(-1)?.[1] as Table | undefined;
    return table !== undefined && LOCK_ORDER.includes(table) ? [table] : [];
  });
}

function textOf(statement: unknown): string {
  return typeof statement === "string" ? statement : ((statement as { text?: string }).text ?? "");
}
