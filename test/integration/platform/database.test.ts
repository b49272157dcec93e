import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openDatabase } from "#app/platform/db.server.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { eventually } from "#test/support/poll.ts";

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());
beforeEach(async () => {
  await db.pool.query("truncate shop cascade");
});

const INSERT =
  "insert into shop (domain, lane, state, pixel_key) values ('a.myshopify.com', 1, 'installed', 'k')";
const KILL_THE_OTHERS = `select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid()`;
const countShops = async () => (await db.pool.query("select from shop")).rowCount;

test("numbers above 2^53 come whole, and days come as days", async () => {
  const { rows } = await db.pool.query(
    `select 9007199254740993 as big, '{9007199254740993,null,-1}'::int8[] as bigs, '{}'::int8[] as none,
      date '2026-11-24' as day, timestamptz '2026-11-24T10:00Z' as moment, count(*) as n from shop`,
  );
  expect(rows).toEqual([
    {
      big: 9007199254740993n,
      bigs: [9007199254740993n, null, -1n],
      none: [],
      day: "2026-11-24",
      moment: new Date("2026-11-24T10:00:00Z"),
      n: 0n,
    },
  ]);
});

test("today is today in UTC, wherever the database server stands", async () => {
  expect(await settingAfter("timezone", "Pacific/Kiritimati")).toBe("UTC");
});

test("a server that compiles statements compiles none of ours: that takes longer than to run them", async () => {
  expect(await settingAfter("jit", "on")).toBe("off");
});

/** A setting as our connections have it, once the operator's database says otherwise. */
async function settingAfter(name: string, value: string): Promise<unknown> {
  const { rows: names } = await db.pool.query("select current_database() as name");
  await db.pool.query(`alter database ${names[0]?.name} set ${name} to '${value}'`);
  const other = await openDatabase({ DATABASE_URL: db.url, DATA_DIR: "unused" });
  const { rows } = await other.pool.query("select current_setting($1) as value", [name]);
  await other.close();
  return rows[0]?.value;
}

test("what a transaction did is kept whole, or not at all when it throws", async () => {
  const failure = new Error("changed my mind");
  const attempt = db.transaction(async (client) => {
    await client.query(INSERT);
    throw failure;
  });
  await expect(attempt).rejects.toBe(failure);
  expect(await countShops()).toBe(0);
  expect(await db.transaction(async (client) => (await client.query(INSERT)).rowCount)).toBe(1);
  expect(await countShops()).toBe(1);
});

test("a database that cuts every connection, in use or idle, costs errors and not the process", async () => {
  const killer = await openDatabase({ DATABASE_URL: db.url, DATA_DIR: "unused" });
  const cutOff = db.transaction(async (client) => {
    await client.query(INSERT);
    await killer.pool.query(KILL_THE_OTHERS);
    // Until the connection has noticed, so that the error finds it between two queries.
    await eventually(async () => {
      const { rows } = await killer.pool.query(
        "select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
      );
      return rows.length === 0;
    });
    await client.query("select 1");
  });
  await expect(cutOff).rejects.toThrow();
  await killer.close();
  expect(await eventually(async () => (await countShops()) === 0)).toBe(true);
  expect(db.pool.totalCount).toBeGreaterThan(0);
});

test("a database that is not there is an error within seconds, not a wait", async () => {
  const url = "postgresql://postgres@127.0.0.1:1/nothing";
  await expect(openDatabase({ DATABASE_URL: url, DATA_DIR: "unused" })).rejects.toThrow(
    /ECONNREFUSED/,
  );
});
