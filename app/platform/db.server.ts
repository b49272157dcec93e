import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { type Prisma, PrismaClient } from "#prisma/client/client.ts";
import { ensurePartitions } from "./ensure-partitions.server.ts";
import type { CommandConfig } from "./env.server.ts";
import { migrate } from "./migrate.server.ts";
import { startEmbeddedPostgres } from "./postgres/embedded-postgres.server.ts";

/** The database of one process: one pool, used by pg, Prisma and the queue alike. */
export interface Database {
  /** `bigint` columns come as BigInt, also from `count(*)`; dates without a time as YYYY-MM-DD. */
  pool: pg.Pool;
  /** The typed client, over the same pool. */
  prisma: PrismaClient;
  /** Commits what `work` did on its connection, or rolls all of it back when it throws. */
  transaction<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T>;
  /**
   * Reads as one shop: row-level security hides every other shop's rows, and nothing can be
   * written. The second wall behind queries that name their shop anyway.
   */
  readAsShop<T>(shopId: bigint, work: (tx: Prisma.TransactionClient) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const MAX_CONNECTIONS = 16;
const CONNECT_TIMEOUT_MS = 2_000;
const KEEP_ALIVE_DELAY_MS = 10_000;
const READ_TIMEOUT_MS = 10_000;

/**
 * Connects to DATABASE_URL, or starts the embedded Postgres in DATA_DIR, and brings its tables up
 * to date.
 */
export async function openDatabase(
  config: Pick<CommandConfig, "DATABASE_URL" | "DATA_DIR">,
): Promise<Database> {
  const embedded =
    config.DATABASE_URL === undefined ? await startEmbeddedPostgres(config.DATA_DIR) : null;
  const pool = createPool(embedded?.connection ?? { connectionString: config.DATABASE_URL });
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  const close = async () => {
    await prisma.$disconnect();
    await pool.end();
    await embedded?.stop();
  };
  try {
    await migrate(pool);
    await ensurePartitions(pool);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    pool,
    prisma,
    transaction: (work) => inTransaction(pool, work),
    readAsShop: (shopId, work) =>
      prisma.$transaction(
        async (tx) => {
          await tx.$queryRaw`select set_config('pinrelay.shop_id', ${String(shopId)}, true),
            set_config('transaction_read_only', 'on', true), set_config('role', 'pinrelay_reader', true)`;
          return work(tx);
        },
        {
          maxWait: CONNECT_TIMEOUT_MS,
          timeout: READ_TIMEOUT_MS,
          // One snapshot for all reads: a list and its counts would else differ now and then.
          isolationLevel: "RepeatableRead",
        },
      ),
    close,
  };
}

function createPool(target: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool({
    ...target,
    application_name: "pinrelay",
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
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

async function inTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query("begin");
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
