import { PrismaPg } from "@prisma/adapter-pg";
import type pg from "pg";
import type { CommandConfig } from "#app/platform/env/env.server.ts";
import { startEmbeddedPostgres } from "#app/platform/postgres/embedded-postgres.server.ts";
import { ensurePartitions } from "#app/platform/tables/partitions.server.ts";
import { runDdl } from "#app/platform/tables/run-ddl.server.ts";
import { whileHolding } from "#app/platform/work/held-connection.server.ts";
import { Prisma, PrismaClient } from "#prisma/client/client.ts";
import { migrate, requireServer, requireTables } from "./migrate.server.ts";
import { type Connections, connectionsOn, createPool, transactionOn } from "./pool.server.ts";

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

/** `EventPayload` is the table `event_payload`. */
const TABLES = Object.values(Prisma.ModelName).map((name) =>
  name.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`).toLowerCase(),
);

async function prepare(pool: pg.Pool): Promise<ShopReads> {
  await requireServer(pool);
  await migrate(pool);
  await requireTables(pool, TABLES);
  await ensurePartitions(pool);
  return openShopReads(pool);
}

/** How a read is restricted to one shop. */
export interface ShopReads {
  /** Reads of a shop run as the role `pinrelay_reader`, which may only read. */
  usesRole: boolean;
  /** The reason why row-level security does not hold, and the SQL that fixes it; null when it holds. */
  lack: string | null;
}

const READER = "pinrelay_reader";
const PATIENCE_MS = 60_000;
/** Tables across all shops; a read as a shop sees none of them. */
const APP_TABLES = ["shopify_session", "installation_key"];

/**
 * Restricts reads to a shop by the role where the database's user may take it, otherwise by
 * policies that are forced on the user itself: many a managed Postgres does not allow creating
 * roles. Runs after the migrations, which make the policies.
 */
async function openShopReads(pool: pg.Pool): Promise<ShopReads> {
  if (await mayTakeRole(pool)) return { usesRole: true, lack: null };
  const { rows } = await pool.query<{ name: string; passes: boolean }>(
    "select current_user as name, rolsuper or rolbypassrls as passes from pg_roles where rolname = current_user",
  );
  for (const table of await listOpenTables(pool)) {
    await runDdl(pool, `close ${table.name}`, (client) => close(client, table), PATIENCE_MS);
  }
  const user = rows[0];
  if (user === undefined || !user.passes) return { usesRole: false, lack: null };
  const lack = `Row-level security does not hold for the database's user, who is exempt from it. Run as a superuser: create role ${READER} nologin; grant ${READER} to "${user.name}"; grant select on all tables in schema public to ${READER};`;
  return { usesRole: false, lack };
}

async function mayTakeRole(pool: pg.Pool): Promise<boolean> {
  const attempt = transactionOn(pool)((client) => client.query(`set local role ${READER}`));
  return attempt.then(
    () => true,
    (error: { code?: string }) => {
      // The role does not exist, or is not ours.
      if (error.code === "22023" || error.code === "42704" || error.code === "42501") return false;
      throw error;
    },
  );
}

interface OpenTable {
  name: string;
  hasShops: boolean;
}

/** Lists tables with shops' rows, their partitions, and the app's own, where they are not closed yet. */
async function listOpenTables(pool: pg.Pool): Promise<OpenTable[]> {
  const { rows } = await pool.query<OpenTable>(
    `with guarded as (
        select polrelid as id, true as has_shops from pg_policy where polname = 'own_shop'),
      closed as (
        select id, has_shops from guarded
        union all select inhrelid, false from pg_inherits where inhparent in (select id from guarded)
        union all select to_regclass(name), false from unnest($1::text[]) name)
      select c.oid::regclass::text as name, has_shops as "hasShops"
      from closed join pg_class c on c.oid = closed.id
      where not c.relforcerowsecurity and pg_has_role(c.relowner, 'usage') order by 1`,
    [APP_TABLES],
  );
  return rows;
}

/** All rows are visible while no shop is named, and then only the rows of that shop. */
async function close(client: pg.PoolClient, { name, hasShops }: OpenTable): Promise<void> {
  // Several processes may start at once.
  await client.query("select pg_advisory_xact_lock(hashtext('pinrelay close'))");
  if (hasShops) await client.query(`alter policy own_shop on ${name} to public`);
  await client.query(
    `alter table ${name} enable row level security, force row level security;
     drop policy if exists whole_app on ${name};
     create policy whole_app on ${name} to current_user
       using (nullif(current_setting('pinrelay.shop_id', true), '') is null)`,
  );
}

/** Postgres' name for a statement that took too long, as Prisma's message has it. */
const CANCELLED = /57014|statement timeout/;

/** Limits the statements that follow within a `readAsShop`: sending must not suffer from looking. */
export async function limitStatements(
  tx: Prisma.TransactionClient,
  timeoutMs: number,
): Promise<void> {
  await tx.$queryRaw`select set_config('statement_timeout', ${String(timeoutMs)}, true)`;
}

/** Whether a read failed because it took too long: a reader is told so rather than kept waiting. */
export function isTooSlow(error: unknown): boolean {
  return error instanceof Error && CANCELLED.test(error.message);
}
