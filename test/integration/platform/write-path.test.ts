import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writePathAnswers } from "#app/platform/check-database.server.ts";
import { migrationsAreCurrent } from "#app/platform/migrate.server.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { openFreezableWay } from "#test/support/freezable-way.ts";

const PATIENCE_MS = 1_000;
/** What a caller may wait at most: the time it allowed, and what a busy machine adds. */
const AT_MOST_MS = 4_000;

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

async function timed(check: Promise<boolean>): Promise<{ answers: boolean; isQuick: boolean }> {
  const startedAt = performance.now();
  const answers = await check;
  return { answers, isQuick: performance.now() - startedAt < AT_MOST_MS };
}

test("a working database is ready: it takes a write to disk and knows every migration", async () => {
  expect(await writePathAnswers(db.pool, PATIENCE_MS)).toBe(true);
  expect(await migrationsAreCurrent(db.pool)).toBe(true);
});

test("asking leaves no row and no open transaction behind", async () => {
  const before = await db.pool.query("select pg_current_wal_insert_lsn() as lsn");
  await writePathAnswers(db.pool, PATIENCE_MS);
  const after = await db.pool.query(
    `select pg_current_wal_insert_lsn() > $1 as is_written, (select count(*) from pg_stat_activity
      where datname = current_database() and state like 'idle in transaction%') as open`,
    [before.rows[0].lsn],
  );
  expect(after.rows).toEqual([{ is_written: true, open: 0n }]);
});

test("a database that only reads is not ready", async () => {
  const pool = new pg.Pool({
    connectionString: db.url,
    options: "-c default_transaction_read_only=on",
  });
  expect(await writePathAnswers(pool, PATIENCE_MS)).toBe(false);
  await pool.end();
});

test("a database that has stalled is reported within the time that was given", async () => {
  const way = await openFreezableWay(db.url);
  const pool = new pg.Pool({ connectionString: way.url, connectionTimeoutMillis: 2_000 });
  pool.on("error", () => {});
  expect(await writePathAnswers(pool, PATIENCE_MS)).toBe(true);
  way.freeze();
  const stalled = { answers: false, isQuick: true };
  expect(await timed(writePathAnswers(pool, PATIENCE_MS))).toEqual(stalled);
  expect(await timed(migrationsAreCurrent(pool, PATIENCE_MS))).toEqual(stalled);
  await way.close();
  await pool.end();
});

test("a pool whose connections are all taken is reported within the time that was given", async () => {
  const pool = new pg.Pool({ connectionString: db.url, max: 1 });
  const taken = await pool.connect();
  expect(await timed(writePathAnswers(pool, PATIENCE_MS))).toEqual({
    answers: false,
    isQuick: true,
  });
  taken.release();
  await pool.end();
});
