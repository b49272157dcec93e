import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MigrationError, migrate, migrationsAreCurrent } from "#app/platform/migrate.server.ts";
import { createTestDatabase } from "#test/support/database.ts";
import { startNode } from "#test/support/node-process.ts";

const ADDED = "99990101000000_add_something";

let folder: string;
let shipped: string[];
let pool: pg.Pool;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "pinrelay-migrations-"));
  await cp("prisma/migrations", folder, { recursive: true });
  const entries = await readdir(folder, { withFileTypes: true });
  shipped = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  pool = new pg.Pool({ connectionString: await createTestDatabase() });
});
afterAll(async () => {
  await pool.end();
  await rm(folder, { recursive: true });
});

const migrateHere = () => migrate(pool, pathToFileURL(`${folder}/`));

async function writeMigration(sql: string): Promise<void> {
  await mkdir(path.join(folder, ADDED), { recursive: true });
  await writeFile(path.join(folder, ADDED, "migration.sql"), sql);
}

async function readLedger(database: Pick<pg.Pool, "query"> = pool): Promise<string[]> {
  const { rows } = await database.query(
    "select migration_name as name from _prisma_migrations where finished_at is not null order by 1",
  );
  return rows.map(({ name }) => name);
}

test("three processes that start at once on an empty database migrate it once", async () => {
  const url = await createTestDatabase();
  const processes = [1, 2, 3].map(() =>
    startNode("test/support/database-process.ts", { env: { DATABASE_URL: url } }),
  );
  for (const started of processes) expect(await started.nextLine()).toBe("open");
  const database = new pg.Pool({ connectionString: url });
  expect(await readLedger(database)).toEqual(shipped);
  await database.end();
  for (const started of processes) {
    started.kill("SIGTERM");
    expect(await started.exited).toBe(0);
  }
});

test("the tables come with lines in Prisma's own ledger, and a second start changes nothing", async () => {
  expect(await migrationsAreCurrent(pool)).toBe(false);
  await migrateHere();
  await migrateHere();
  expect(await readLedger()).toEqual(shipped);
  expect(await migrationsAreCurrent(pool)).toBe(true);
});

test("a migration that fails half way leaves nothing behind, and runs once it is corrected", async () => {
  await writeMigration("create table half (id int); select * from no_such_table;");
  await expect(migrateHere()).rejects.toThrow("no_such_table");
  const { rows } = await pool.query("select to_regclass('half') as half");
  expect(rows[0].half).toBeNull();
  expect(await readLedger()).toEqual(shipped);

  await writeMigration("create table whole (id int)");
  await migrateHere();
  expect(await readLedger()).toEqual([...shipped, ADDED]);
});

test("what a newer version has applied stops neither the start nor the readiness of this one", async () => {
  await migrate(pool);
  expect(await migrationsAreCurrent(pool)).toBe(true);
});

test("a migration that was edited after it was applied stops the start and is named", async () => {
  await writeMigration("create table other (id int)");
  const refusal = migrateHere();
  await expect(refusal).rejects.toThrow(MigrationError);
  await expect(refusal).rejects.toThrow(`${ADDED} was edited`);
});

test("a migration that another tool began and did not end stops the start", async () => {
  await writeMigration("create table whole (id int)");
  await pool.query("update _prisma_migrations set finished_at = null where migration_name = $1", [
    ADDED,
  ]);
  await expect(migrateHere()).rejects.toThrow("did not end");
});
