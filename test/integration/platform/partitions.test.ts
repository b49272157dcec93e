import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { claimAccounts } from "#app/outbox/drain/claim-accounts.server.ts";
import { dropOldRows } from "#app/outbox/drop-old-rows.server.ts";
import { dropOldPartitions, ensurePartitions } from "#app/platform/tables/partitions.server.ts";
import { TableBusyError } from "#app/platform/tables/run-ddl.server.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { commitEvents, makeShop, purchase, testKeyring } from "#test/support/outbox-fixture.ts";

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());
beforeEach(async () => {
  await db.pool.query("truncate receipt, event_payload, attempt");
});

/** Days from today of the partitions that a table has. */
async function readDays(table: string): Promise<number[]> {
  const { rows } = await db.pool.query<{ day: number }>(
    `select to_date(right(c.relname, 8), 'YYYYMMDD') - current_date as day
     from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = $1::regclass and c.relname ~ '_\\d{8}$' order by 1`,
    [table],
  );
  return rows.map(({ day }) => day);
}

const daysFrom = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

const addReceipt = (day: number) =>
  db.pool.query(
    `insert into receipt (received_on, shop_id, topic, webhook_id, outcome)
     values (current_date + $1::integer, 1, 't', 'w', 'stored') returning tableoid::regclass::text as partition`,
    [day],
  );

/** Days that are to come too, for a test to find them missing. */
const dropReceiptsBefore = (day: number) => dropOldPartitions(db.pool, "receipt", -day, 2_000);

test("after a start each partitioned table has a partition for today and the days to come", async () => {
  expect(await readDays("receipt")).toEqual(daysFrom(0, 7));
  expect(await readDays("attempt")).toEqual(daysFrom(0, 7));
  expect(await readDays("event_payload")).toEqual(daysFrom(0, 40));
});

test("partitions that are missing are made again, by several processes at once too", async () => {
  await dropReceiptsBefore(3);
  expect(await readDays("receipt")).toEqual(daysFrom(3, 7));
  await Promise.all([1, 2, 3].map(() => ensurePartitions(db.pool)));
  expect(await readDays("receipt")).toEqual(daysFrom(0, 7));
});

test("a row of a day without a partition is kept, and does not stop the next start", async () => {
  await dropReceiptsBefore(3);
  expect((await addReceipt(1)).rows).toEqual([{ partition: "receipt_default" }]);
  await ensurePartitions(db.pool);
  expect(await readDays("receipt")).toEqual([0, ...daysFrom(2, 7)]);
  expect((await db.pool.query("select from receipt")).rowCount).toBe(1);
  await db.pool.query("truncate receipt_default");
  await ensurePartitions(db.pool);
  expect(await readDays("receipt")).toEqual(daysFrom(0, 7));
});

test("a table that somebody holds is left for later and does not stop the start", async () => {
  await dropReceiptsBefore(1);
  await db.transaction(async (holder) => {
    await holder.query("lock table receipt in row exclusive mode");
    await ensurePartitions(db.pool);
  });
  expect(await readDays("receipt")).toEqual(daysFrom(1, 7));
  await ensurePartitions(db.pool);
  expect(await readDays("receipt")).toEqual(daysFrom(0, 7));
});

test("dropping old days takes those before the given day, with their rows, and no other", async () => {
  await db.pool.query(
    "select ensure_day_partitions('receipt', current_date - 3, current_date - 1)",
  );
  for (const day of [-3, -2, -1, 0]) await addReceipt(day);
  await dropOldPartitions(db.pool, "receipt", 1, 2_000);
  expect(await readDays("receipt")).toEqual(daysFrom(-1, 7));
  expect((await db.pool.query("select from receipt")).rowCount).toBe(2);
  await dropOldPartitions(db.pool, "receipt", 0, 2_000);
});

describe("while a backup reads a table that has a day to drop and a day to make", () => {
  const services = () => ({ db, keyring: testKeyring() });
  let reader: pg.Client;
  beforeEach(async () => {
    await db.pool.query(
      "select ensure_day_partitions('event_payload', current_date - 3, current_date - 3)",
    );
    await dropDay(40);
    reader = new pg.Client({ connectionString: db.url });
    await reader.connect();
    await reader.query("begin isolation level repeatable read read only");
    await reader.query("lock table event_payload in access share mode");
  });
  afterEach(() => reader.end());

  test("every webhook is stored, no day is dropped or made, and both are once it has ended", async () => {
    const shop = await makeShop(services());
    const work = Promise.all([dropOldRows({ db }), ensurePartitions(db.pool, 60_000)]);
    const startedAt = Date.now();
    for (let n = 0; Date.now() - startedAt < 3_000; n += 1) {
      const stored = await commitEvents(services(), shop, [purchase(`beside-${n}`)]);
      expect(stored).toEqual(["stored"]);
      await claimAccounts({ db }, 1);
    }
    expect(await readDays("event_payload")).toEqual([-3, ...daysFrom(0, 39)]);
    await reader.query("commit");
    expect((await work)[1]).toEqual([]);
    expect(await readDays("event_payload")).toEqual(daysFrom(0, 40));
  });

  test("whoever waits for it in vain says which table is in use, and drops nothing", async () => {
    const refusal = dropOldPartitions(db.pool, "event_payload", 0, 300);
    await expect(refusal).rejects.toThrow(TableBusyError);
    await expect(refusal).rejects.toThrow(/drop event_payload_\d{8}: a table was in use/);
    const left = await ensurePartitions(db.pool, 300);
    expect(left).toEqual([expect.stringMatching(/^event_payload_\d{8}$/)]);
    expect(await readDays("event_payload")).toEqual([-3, ...daysFrom(0, 39)]);
    await reader.query("commit");
    await dropOldPartitions(db.pool, "event_payload", 0, 5_000);
    await ensurePartitions(db.pool);
  });
});

async function dropDay(day: number): Promise<void> {
  await db.pool.query(
    `do $$ begin execute 'drop table event_payload_' || to_char(current_date + ${day}, 'YYYYMMDD'); end $$`,
  );
}
