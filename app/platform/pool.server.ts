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
}

export type Transaction = <T>(
  work: (client: pg.PoolClient) => Promise<T>,
  options?: TransactionOptions,
) => Promise<T>;

/** Commits what `work` did on its connection, or rolls all of it back when it throws. */
export function transactionOn(pool: pg.Pool): Transaction {
  return async (work, { statementTimeoutMs } = {}) => {
    const client = await pool.connect();
    let broken: Error | undefined;
    try {
      await client.query(
        statementTimeoutMs === undefined
          ? "begin"
          : `begin; set local statement_timeout = ${statementTimeoutMs}`,
      );
      const result = await work(client);
      await client.query("commit");
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
