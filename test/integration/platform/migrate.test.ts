import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDatabase } from "#app/platform/db.server.ts";
import { MigrationError, migrate, migrationsAreCurrent } from "#app/platform/migrate.server.ts";
import { createTestDatabase } from "#test/support/database.ts";
import { startNode } from "#test/support/node-process.ts";
import { TEMPLATE } from "#test/support/postgres-server.ts";

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

async function undoMigration(sql: string): Promise<void> {
  await pool.query(sql);
  await pool.query("delete from _prisma_migrations where migration_name = $1", [ADDED]);
  await rm(path.join(folder, ADDED), { recursive: true });
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

test("a table that somebody uses is waited for, and who uses it meanwhile does not wait", async () => {
  await writeMigration("alter table shop add column added_later text");
  const reader = await pool.connect();
  await reader.query("begin; lock table shop in access share mode");
  const migrating = migrateHere();
  for (let n = 0; n < 30; n += 1) {
    const client = await pool.connect();
    await client.query("begin; set local statement_timeout = '1s'");
    await client.query("update shop set scopes = scopes");
    await client.query("commit");
    client.release();
  }
  expect(await readLedger()).toEqual(shipped);
  await reader.query("commit");
  reader.release();
  await migrating;
  expect(await readLedger()).toEqual([...shipped, ADDED]);
  await undoMigration("alter table shop drop column added_later");
});

test("an index is built beside traffic, an unfinished one of an earlier try is built anew, and only then it counts", async () => {
  // What a build leaves behind that was cut off.
  await pool.query("create index later on shop (scopes)");
  await pool.query("update pg_index set indisvalid = false where indexrelid = 'later'::regclass");
  const writer = await pool.connect();
  await writer.query("begin; update shop set scopes = scopes");
  await writeMigration(`-- outside a transaction
-- Two statements; each stands by itself.
create index concurrently if not exists later
  on shop (scopes);
create index concurrently if not exists later_still on shop (state);
`);
  const migrating = migrateHere();
  // It waits for the open transaction, and a new writer does not wait for it.
  await pool.query("update shop set state = state");
  expect(await readLedger()).toEqual(shipped);
  await writer.query("commit");
  writer.release();
  await migrating;
  const { rows } = await pool.query(
    "select indisvalid from pg_index where indexrelid in ('later'::regclass, 'later_still'::regclass)",
  );
  expect(rows).toEqual([{ indisvalid: true }, { indisvalid: true }]);
  expect(await readLedger()).toEqual([...shipped, ADDED]);
  await undoMigration("drop index later, later_still");
});

test("two processes that start at once build an index once, and neither waits for the other for ever", async () => {
  await writeMigration(
    "-- outside a transaction\ncreate index concurrently twice on shop (scopes);\n",
  );
  await Promise.all([migrateHere(), migrateHere(), migrateHere()]);
  expect(await readLedger()).toEqual([...shipped, ADDED]);
  await undoMigration("drop index twice");
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

test("a database in another encoding, and one that lacks tables, are refused with what to do", async () => {
  const url = await createTestDatabase("template0 encoding 'LATIN1' locale 'C'");
  const opening = (DATABASE_URL: string) => openDatabase({ DATABASE_URL, DATA_DIR: "unused" });
  await expect(opening(url)).rejects.toThrow(
    /^The database \w+ has the encoding LATIN1, .* "create database <name> encoding 'UTF8' template template0"$/,
  );
  const cut = await createTestDatabase(TEMPLATE);
  const database = new pg.Pool({ connectionString: cut });
  await database.query("drop table sign_in_attempt, event_payload");
  await database.end();
  await expect(opening(cut)).rejects.toThrow(
    "The database lacks tables that its migrations made (event_payload, sign_in_attempt): restore the database whole",
  );
});
