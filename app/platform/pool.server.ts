import pg from "pg";

const CONNECT_TIMEOUT_MS = 2_000;
const KEEP_ALIVE_DELAY_MS = 10_000;

/** Connections as all of Pinrelay wants them. */
export function createPool(target: pg.PoolConfig, max: number): pg.Pool {
  const pool = new pg.Pool({
    ...target,
    application_name: "pinrelay",
    max,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    // Statements of one transaction that do not wait for each other's answers share a round trip.
    pipeline: true,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
    // Partitions and counters are by the day in UTC, wherever the server thinks it is.
    options: "-c timezone=UTC",
    types: { getTypeParser },
  });
  // An error that nobody listens to ends the process. Idle or lent out, a connection that breaks
  // is noticed by the next query on it, and the pool replaces it.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  return pool;
}

interface TransactionOptions {
  /** For each statement; without it, the database's own. */
  statementTimeoutMs?: number;
  /** For each lock that somebody else holds. */
  lockTimeoutMs?: number;
}

export type Transaction = <T>(
  work: (client: pg.PoolClient) => Promise<T>,
  options?: TransactionOptions,
) => Promise<T>;

/** Postgres answers the commit of a transaction that failed with a rollback, and no error. */
export class NotCommittedError extends Error {
  override name = "NotCommittedError";
  code = "not_committed";
}

/** Ends a transaction. Sent behind its last statements it shares their round trip. */
export async function commit(client: Pick<pg.PoolClient, "query">): Promise<void> {
  const { command } = await client.query("commit");
  if (command !== "COMMIT") throw new NotCommittedError("the transaction was rolled back");
}

/**
 * Commits what `work` did on its connection, unless `work` did so itself, or rolls all of it back
 * when it throws.
 */
export function transactionOn(pool: pg.Pool): Transaction {
  return async (work, options = {}) => {
    const client = await pool.connect();
    let broken: Error | undefined;
    try {
      // It goes with the first statement, which fails where this does.
      const beginning = client.query(beginWith(options));
      beginning.catch(() => {});
      const result = await work(client);
      await beginning;
      if (isOpen(client)) await commit(client);
      return result;
    } catch (error) {
      await client.query("rollback").catch((failure: Error) => {
        broken = failure;
      });
      throw error;
    } finally {
      // With an error the pool throws the connection away: its transaction may still be open.
      client.release(broken);
    }
  };
}

/** pg's types leave it out. */
function isOpen(client: pg.PoolClient): boolean {
  return (client as unknown as { getTransactionStatus(): string }).getTransactionStatus() !== "I";
}

function beginWith({ statementTimeoutMs, lockTimeoutMs }: TransactionOptions): string {
  const limits = { statement_timeout: statementTimeoutMs, lock_timeout: lockTimeoutMs };
  const settings = Object.entries(limits)
    .filter(([, limit]) => limit !== undefined)
    .map(([name, limit]) => `; set local ${name} = ${limit}`);
  return `begin isolation level read committed${settings.join("")}`;
}

/** By type. pg itself would give strings, and midnight in the process's time zone. */
const PARSERS: Record<number, (value: string) => unknown> = {
  [pg.types.builtins.INT8]: BigInt,
  [pg.types.builtins.DATE]: (value) => value,
  // int8[], which reads `{1,NULL}`.
  1016: (value) => (value.match(/-?\d+|NULL/g) ?? []).map((n) => (n === "NULL" ? null : BigInt(n))),
};

/** For our pool alone: pg's own table of parsers is shared with every library in the process. */
const getTypeParser = ((oid: number, format?: "text" | "binary") =>
  (format === "binary" ? undefined : PARSERS[oid]) ??
  pg.types.getTypeParser(oid, format as "text")) as typeof pg.types.getTypeParser;
