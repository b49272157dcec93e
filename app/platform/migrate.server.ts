import { createHash, randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import type pg from "pg";
import { answersWithin } from "./answers-within.server.ts";

/** A migration that was edited after it was applied, or that somebody left half done. */
export class MigrationError extends Error {
  override name = "MigrationError";
  code = "migration_refused";
}

interface Migration {
  name: string;
  sql: string;
  checksum: string;
}

const FOLDER = new URL("../../prisma/migrations/", import.meta.url);

/** The lock that Prisma's own migrate takes (schema-engine, sql-migration-connector). */
const PRISMA_LOCK = 72_707_369;

/** Prisma's own ledger, so that `prisma migrate status` and `deploy` go on working. */
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
 * Applies what is pending in prisma/migrations, each file whole and in one transaction with its
 * line in the ledger. Several processes may do this at once. What a newer version has applied and
 * we do not know is left alone.
 *
 * @throws MigrationError
 */
export async function migrate(pool: pg.Pool, folder = FOLDER): Promise<void> {
  const migrations = await readMigrations(folder);
  const client = await pool.connect();
  try {
    // Without the lock at first: a database that is up to date may be read-only, or busy.
    const pending = await listPending(client, migrations);
    for (const migration of pending) await applyOnce(client, migration);
  } finally {
    client.release();
  }
}

/** False also when that cannot be found out within `timeoutMs`. */
export async function migrationsAreCurrent(pool: pg.Pool, timeoutMs = 1_000): Promise<boolean> {
  return answersWithin(timeoutMs, async () => {
    const query = (text: string) => {
      const probe = { text, query_timeout: timeoutMs };
      return pool.query(probe);
    };
    return (await listPending({ query }, await readMigrations(FOLDER))).length === 0;
  });
}

async function applyOnce(client: pg.PoolClient, migration: Migration): Promise<void> {
  const { name, sql, checksum } = migration;
  try {
    await client.query("begin");
    await client.query("select pg_advisory_xact_lock($1)", [PRISMA_LOCK]);
    await client.query(LEDGER);
    if ((await listPending(client, [migration])).length > 0) {
      await client.query(sql);
      await client.query(
        `insert into _prisma_migrations
           (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
         values ($1, $2, $3, now(), clock_timestamp(), 1)`,
        [randomUUID(), checksum, name],
      );
    }
    await client.query("commit");
  } catch (error) {
    await client.query("rollback").catch(() => {});
    throw error;
  }
}

/** Those that the ledger does not name, in order. */
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
      return { name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
    }),
  );
}
