import { PrismaPg } from "@prisma/adapter-pg";
import type pg from "pg";
import type { CommandConfig } from "#app/platform/env/env.server.ts";
import { type Prisma, PrismaClient } from "#prisma/client/client.ts";
import { migrate } from "./migrate.server.ts";
import { type Connections, connectionsOn, createPool } from "./pool.server.ts";
import { startEmbeddedPostgres } from "./postgres/embedded-postgres.server.ts";
import { ensurePartitions } from "./tables/partitions.server.ts";
import { openShopReads, type ShopReads } from "./tables/shop-reads.server.ts";
import { whileHolding } from "./work/held-connection.server.ts";

/** The database of one process: its connections are used by pg, Prisma and the queue alike. */
export interface Database extends Connections {
  /**
   * The pool for work that must continue while all other connections are in use: settling
   * Pinterest's answers, readiness, and webhooks about the app itself. No merchant's request waits
   * here.
   */
  reserved: Connections;
  /** The pool for housekeeping that may take minutes. */
  upkeep: Connections;
  /** The reason why row-level security does not hold, and the SQL that fixes it; null when it holds. */
  lack: string | null;
  /** The database's address, for a thread that has a pool of its own. */
  target: pg.PoolConfig;
  /** The typed client, over the same pool. */
  prisma: PrismaClient;
  /**
   * Reads as one shop: row-level security hides every other shop's rows, and nothing can be
   * written. It is a second barrier behind queries that name their shop already.
   */
  readAsShop<T>(shopId: bigint, work: (tx: Prisma.TransactionClient) => Promise<T>): Promise<T>;
  /** The same for one statement of pg, in one round trip. */
  queryAsShop<Row extends pg.QueryResultRow>(shopId: bigint, query: pg.QueryConfig): Promise<Row[]>;
  close(): Promise<void>;
}

const MAX_CONNECTIONS = 16;
const MAX_RESERVED = 4;
const MAX_UPKEEP = 3;
const UPKEEP_PATIENCE = { statementMs: 600_000, idleMs: 60_000 };
const CONNECT_TIMEOUT_MS = 2_000;
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
  const target = embedded?.connection ?? { connectionString: config.DATABASE_URL };
  const pool = createPool(target, MAX_CONNECTIONS);
  const reserved = createPool(target, MAX_RESERVED);
  const upkeep = createPool(target, MAX_UPKEEP, { patience: UPKEEP_PATIENCE });
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  const close = async () => {
    await prisma.$disconnect();
    await Promise.all([pool.end(), reserved.end(), upkeep.end()]);
    await embedded?.stop();
  };
  const shopReads = await prepare(upkeep).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  const main = connectionsOn(pool);
  const role = shopReads.usesRole ? "pinrelay_reader" : "none";
  return {
    lack: shopReads.lack,
    ...main,
    reserved: connectionsOn(reserved),
    upkeep: connectionsOn(upkeep),
    target,
    prisma,
    readAsShop: (shopId, work) =>
      prisma.$transaction(
        async (tx) => {
          await tx.$queryRaw`select set_config('pinrelay.shop_id', ${String(shopId)}, true),
            set_config('transaction_read_only', 'on', true), set_config('role', ${role}, true)`;
          return whileHolding(() => work(tx));
        },
        {
          maxWait: CONNECT_TIMEOUT_MS,
          timeout: READ_TIMEOUT_MS,
          // One snapshot for all reads: otherwise a list and its counts would sometimes differ.
          isolationLevel: "RepeatableRead",
        },
      ),
    queryAsShop: (shopId, query) =>
      main.transaction(async (client) => {
        const [, { rows }] = await Promise.all([
          client.query({
            name: "read-as-shop",
            text: `select set_config('pinrelay.shop_id', $1, true),
              set_config('transaction_read_only', 'on', true), set_config('role', $2, true)`,
            values: [String(shopId), role],
          }),
          client.query(query),
        ]);
        return rows;
      }),
    close,
  };
}

async function prepare(pool: pg.Pool): Promise<ShopReads> {
  await migrate(pool);
  await ensurePartitions(pool);
  return openShopReads(pool);
}
