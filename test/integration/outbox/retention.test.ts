import { afterAll, beforeAll, expect, test } from "vitest";
import { dropOldRows } from "#app/outbox/upkeep/drop-old-rows.server.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import {
  commitEvents,
  makeShop,
  miscounts,
  purchase,
  skip,
  statesOf,
  testKeyring,
} from "#test/support/outbox-fixture.ts";

let db: TestDatabase;
const keyring = testKeyring();

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

async function countRows(table: string): Promise<number> {
  const { rows } = await db.pool.query(`select count(*)::integer as n from ${table}`);
  return rows[0].n;
}

async function dayPartition(parent: string, daysAgo: number): Promise<string> {
  await db.pool.query(
    "select ensure_day_partitions($1, current_date - $2::integer, current_date - $2::integer)",
    [parent, daysAgo],
  );
  const { rows } = await db.pool.query(
    "select $1 || '_' || to_char(current_date - $2::integer, 'YYYYMMDD') as name",
    [parent, daysAgo],
  );
  return rows[0].name;
}

async function exists(table: string): Promise<boolean> {
  const { rows } = await db.pool.query("select to_regclass($1) is not null as exists", [table]);
  return rows[0].exists;
}

test("a payload goes on the day its shop's setting says, the event stays as the memory of its id", async () => {
  const shop = await makeShop({ db, keyring });
  await commitEvents({ db, keyring }, shop, [purchase("1")]);
  await db.pool.query("update event_payload set drop_on = current_date - 1");
  expect(await countRows("event_payload")).toBe(1);
  await dropOldRows({ db });
  expect(await countRows("event_payload")).toBe(0);
  expect(await statesOf(db, shop.id)).toHaveLength(1);
});

test("each shop's payloads are kept for its own number of days", async () => {
  const [short, long] = [await makeShop({ db, keyring }), await makeShop({ db, keyring })];
  await commitEvents({ db, keyring }, { ...short, payloadDays: 1 }, [purchase("2")]);
  await commitEvents({ db, keyring }, { ...long, payloadDays: 30 }, [purchase("3")]);
  const { rows } = await db.pool.query(
    "select drop_on - current_date as days from event_payload where shop_id in ($1, $2) order by 1",
    [short.id, long.id],
  );
  expect(rows).toEqual([{ days: 2 }, { days: 31 }]);
});

test("days that are over are dropped whole: payloads at once, receipts after 30, attempts after 90", async () => {
  const kept = [
    await dayPartition("event_payload", 0),
    await dayPartition("receipt", 30),
    await dayPartition("attempt", 90),
  ];
  const gone = [
    await dayPartition("event_payload", 1),
    await dayPartition("receipt", 31),
    await dayPartition("attempt", 91),
  ];
  await dropOldRows({ db });
  expect(await Promise.all(kept.map(exists))).toEqual([true, true, true]);
  expect(await Promise.all(gone.map(exists))).toEqual([false, false, false]);
});

test("an event is remembered for 90 days, and for as long as it waits", async () => {
  const shop = await makeShop({ db, keyring });
  const [settled, recent] = ["10", "11"].map((id) => purchase(id, { outcome: skip("test_order") }));
  await commitEvents(
    { db, keyring },
    shop,
    [settled, recent, purchase("12")].flatMap((e) => e ?? []),
  );
  await db.pool.query(
    "update event set created_at = now() - interval '91 days' where shop_id = $1 and source_key <> '11'",
    [shop.id],
  );
  await dropOldRows({ db });
  expect((await statesOf(db, shop.id)).map(({ event_id }) => event_id)).toEqual([
    "order-11-checkout",
    "order-12-checkout",
  ]);
  expect(await miscounts(db)).toEqual([]);
});
