import { randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import type pg from "pg";
import { digest } from "./digest.server.ts";
import { LATE, resultWithin } from "./result-within.server.ts";
import { runDdl } from "./tables/run-ddl.server.ts";

/**
 * A migration that was edited after it was applied, or that was left half applied; a database in
 * which none can be.
 */
export class MigrationError extends Error {
  override name = "MigrationError";
  code = "migration_refused";
}

interface Migration {
  name: string;
  sql: string;
  checksum: string;
}

/**
 * First line of a file whose statements run one by one, each by itself, such as
 * `create index concurrently`. A statement ends with a semicolon at the end of a line.
 */
const OUTSIDE_A_TRANSACTION = "-- outside a transaction";
/** How long a start during traffic waits for a moment in which a table is free. */
const PATIENCE_MS = 10 * 60_000;
const LOCK_POLL_MS = 100;
const OLDEST_SERVER = 15;

const FOLDER = new URL("../../prisma/migrations/", import.meta.url);

/** The lock that Prisma's own migrate takes (schema-engine, sql-migration-connector). */
const PRISMA_LOCK = 72_707_369;

/** Prisma's own ledger, so that `prisma migrate status` and `deploy` still work. */
const LEDGER = `create table if not exists _prisma_migrations (
  id varchar(36) primary key not null,
  checksum varchar(64) not null,
  finished_at timestamptz,
  migration_name varchar(255) not null,
  logs text,
  rolled_back_at timestamptz,
  started_at timestamptz not null default now(),
  applied_steps_count integer not null default 0
)`;

/**
 * A server that is too old fails in the middle of the migrations, and a database in another encoding
 * takes most orders and refuses those with a name that it has no letters for.
 *
 * @throws MigrationError
 */
export async function requireServer(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ version: number; encoding: string; name: string }>(
    `select current_setting('server_version_num')::int / 10000 as version,
       current_setting('server_encoding') as encoding, current_database() as name`,
  );
  const [server] = rows;
  if (server === undefined) return;
  if (server.version < OLDEST_SERVER) {
    throw new MigrationError(
      `Postgres is of version ${server.version}: Pinrelay needs ${OLDEST_SERVER} or newer`,
    );
  }
  if (server.encoding !== "UTF8") {
    throw new MigrationError(
      `The database ${server.name} has the encoding ${server.encoding}, which not every name fits: make one with "create database <name> encoding 'UTF8' template template0"`,
    );
  }
}

/**
 * A restore that was cut short leaves a ledger that names tables which are not there: the process
 * would be ready, and every webhook would fail.
 *
 * @throws MigrationError
 */
export async function requireTables(pool: pg.Pool, tables: string[]): Promise<void> {
  const { rows } = await pool.query<{ name: string }>(
    "select name from unnest($1::text[]) as name where to_regclass(name) is null order by name",
    [tables],
  );
  if (rows.length === 0) return;
  throw new MigrationError(
    `The database lacks tables that its migrations made (${rows.map(({ name }) => name).join(", ")}): restore the database whole, or start with an empty one`,
  );
}

/**
 * Applies pending migrations of prisma/migrations, each file whole and in one transaction with its
 * line in the ledger, unless the file asks for none. It waits for tables that are in use without
 * blocking other queries. Several processes may do this at once. Migrations of a newer version,
 * which this one does not know, are left alone.
 *
 * @throws MigrationError
 * @throws TableBusyError
 */
export async function migrate(pool: pg.Pool, folder = FOLDER): Promise<void> {
  const migrations = await readMigrations(folder);
  // Checked without the lock first: a database that is up to date may be read-only, or busy.
  const pending = await listPending(pool, migrations);
  if (pending.length === 0) return;
  await holdingLock(pool, async () => {
    await runDdl(
      pool,
      "create the ledger of migrations",
      (client) => client.query(LEDGER),
      PATIENCE_MS,
    );
    const user = await readUser(pool);
    for (const migration of await listPending(pool, migrations)) {
      if (migration.sql.startsWith(OUTSIDE_A_TRANSACTION)) await applyByStatement(pool, migration);
      else await applyWhole(pool, { ...migration, sql: fitTo(user, migration.sql) });
    }
  });
}

/**
 * The lock is polled, not waited for: a waiting statement keeps a snapshot open, and an index that
 * another process builds concurrently would wait for that in turn.
 */
async function holdingLock(pool: pg.Pool, work: () => Promise<void>): Promise<void> {
  const client = await pool.connect();
  try {
    for (;;) {
      const { rows } = await client.query("select pg_try_advisory_lock($1) as is_ours", [
        PRISMA_LOCK,
      ]);
      if (rows[0].is_ours) break;
      await wait(LOCK_POLL_MS);
    }
    await work();
  } finally {
    // The lock ends with its connection.
    client.release(true);
  }
}

/**
 * Those of the version that runs, read once: a later one may be unpacked over it before it is told
 * to stop, and until then it is as ready as before.
 */
let needed: ReturnType<typeof readMigrations> | undefined;

/** Null when the answer does not come within `timeoutMs`. */
export async function areMigrationsCurrent(
  pool: pg.Pool,
  timeoutMs = 1_000,
): Promise<boolean | null> {
  const query = (text: string) => {
    const probe = { text, query_timeout: timeoutMs };
    return pool.query(probe);
  };
  const pending = await resultWithin(timeoutMs, async () => {
    needed ??= readMigrations(FOLDER);
    return listPending({ query }, await needed);
  });
  return pending === LATE ? null : pending.length === 0;
}

export async function migrationsAreCurrent(pool: pg.Pool, timeoutMs?: number): Promise<boolean> {
  return (await areMigrationsCurrent(pool, timeoutMs)) === true;
}

interface DatabaseUser {
  mayCreateRoles: boolean;
  hasReader: boolean;
}

async function readUser(pool: pg.Pool): Promise<DatabaseUser> {
  const { rows } = await pool.query<DatabaseUser>(
    `select rolsuper or rolcreaterole as "mayCreateRoles",
        exists (select from pg_roles where rolname = 'pinrelay_reader') as "hasReader"
      from pg_roles where rolname = current_user`,
  );
  return rows[0] ?? { mayCreateRoles: false, hasReader: false };
}

const CREATE_READER = /do \$\$\nbegin\n {2}create role pinrelay_reader [\s\S]*?end \$\$;\n/;
const JOIN_READER = /^.*'grant pinrelay_reader to %I'.*\n/m;

/**
 * The first migration makes the role that reads as a shop. If it exists, or the user may not create
 * roles, that part is left out; without such a role, the policies are applied to the user itself.
 */
function fitTo({ mayCreateRoles, hasReader }: DatabaseUser, sql: string): string {
  if (mayCreateRoles && !hasReader) return sql;
  const fitted = sql.replace(CREATE_READER, "").replace(JOIN_READER, "");
  return hasReader ? fitted : fitted.replaceAll("to pinrelay_reader", "to current_user");
}

async function applyWhole(pool: pg.Pool, migration: Migration): Promise<void> {
  await runDdl(
    pool,
    `apply migration ${migration.name}`,
    async (client) => {
      await client.query(migration.sql).catch((error: unknown) => {
        throw describeRefusal(migration, error);
      });
      await addToLedger(client, migration);
    },
    PATIENCE_MS,
  );
}

/** The database holds something else: half of an older set-up, or another app's tables. */
function describeRefusal({ name }: Migration, error: unknown): unknown {
  const { code = "", message } = error as Error & { code?: string };
  // 42501 (missing privilege) has a message of its own.
  if (!code.startsWith("42") || code === "42501") return error;
  return new MigrationError(
    `Migration ${name} does not fit what is in the database (${message}): restore the database whole, or start with an empty one`,
    { cause: error },
  );
}

const INDEX_NAME = /^create\s+(?:unique\s+)?index\s+concurrently\s+(?:if\s+not\s+exists\s+)?(\w+)/i;

/** Continues a start that was killed half way: each statement must be safe to run again. */
async function applyByStatement(pool: pg.Pool, migration: Migration): Promise<void> {
  const statements = migration.sql
    .replaceAll(/^\s*--.*$/gm, "")
    .split(/;[ \t]*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "");
  for (const statement of statements) {
    const index = INDEX_NAME.exec(statement)?.[1];
    if (index !== undefined && (await isValid(pool, index)) === false) {
      await pool.query(`drop index concurrently ${index}`);
    }
    await pool.query(statement);
    if (index !== undefined && !(await isValid(pool, index))) {
      throw new MigrationError(`Migration ${migration.name} left index ${index} unfinished`);
    }
  }
  await addToLedger(pool, migration);
}

/** Null when there is no such index. An interrupted build leaves an index that no query uses. */
async function isValid(pool: pg.Pool, index: string): Promise<boolean | null> {
  const { rows } = await pool.query(
    "select indisvalid as is_valid from pg_index where indexrelid = to_regclass($1)",
    [index],
  );
  return rows[0]?.is_valid ?? null;
}

async function addToLedger(
  client: Pick<pg.ClientBase, "query">,
  { name, checksum }: Migration,
): Promise<void> {
  await client.query(
    `insert into _prisma_migrations
       (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
     values ($1, $2, $3, now(), clock_timestamp(), 1)`,
    [randomUUID(), checksum, name],
  );
}

/** Lists the migrations that the ledger does not name, in order. */
async function listPending(
  client: { query(text: string): Promise<{ rows: unknown[] }> },
  migrations: Migration[],
): Promise<Migration[]> {
  const { rows: found } = await client.query(
    "select to_regclass('_prisma_migrations') is not null as is_there",
  );
  if (!(found[0] as { is_there: boolean }).is_there) return migrations;
  const { rows } = await client.query(
    `select migration_name as name, checksum, finished_at is not null as is_finished
     from _prisma_migrations where rolled_back_at is null`,
  );
  const ledger = new Map(
    (rows as { name: string; checksum: string; is_finished: boolean }[]).map((row) => [
      row.name,
      row,
    ]),
  );
  return migrations.filter(({ name, checksum }) => {
    const applied = ledger.get(name);
    if (applied === undefined) return true;
    if (!applied.is_finished) {
      throw new MigrationError(
        `Migration ${name} was begun by another tool and did not end: see "prisma migrate resolve"`,
      );
    }
    if (applied.checksum !== checksum) {
      throw new MigrationError(
        `Migration ${name} was edited after it was applied: restore the file, and add a new one`,
      );
    }
    return false;
  });
}

async function readMigrations(folder: URL): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(new URL(`${name}/migration.sql`, folder), "utf8");
      return { name, sql, checksum: digest(sql) };
    }),
  );
}
