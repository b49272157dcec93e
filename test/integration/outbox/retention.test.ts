import { afterAll, beforeAll, expect, test } from "vitest";
import { claimAccounts } from "#app/outbox/drain/claim-accounts.server.ts";
import { readDueEvents } from "#app/outbox/drain/read-due-events.server.ts";
import { settleBatch } from "#app/outbox/drain/settle-batch.server.ts";
import { dropOldRows } from "#app/outbox/drop-old-rows.server.ts";
import { replayEvents } from "#app/outbox/replay-events.server.ts";
import { expireEvents } from "#app/outbox/upkeep.server.ts";
import { startLocalPinterest } from "#test/sandbox/local-pinterest.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { deliverOnce, openDelivery } from "#test/support/delivery-fixture.ts";
import {
  commitEvents,
  makeShop,
  miscounts,
  purchase,
  readStates,
  skip,
  skipWaiting,
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

test("a payload goes on its day, the event stays as the memory of its id", async () => {
  const shop = await makeShop({ db, keyring });
  await commitEvents({ db, keyring }, shop, [purchase("1")]);
  await db.pool.query("update event_payload set drop_on = current_date - 1");
  expect(await countRows("event_payload")).toBe(1);
  await dropOldRows({ db });
  expect(await countRows("event_payload")).toBe(0);
  expect(await readStates(db, shop.id)).toHaveLength(1);
});

const settlementOf = (ref: bigint, state: "accepted" | "rejected" | "pending") => {
  return { ref, state, reason: null, warning: null, retryInMs: state === "pending" ? 0 : null };
};

/** Gives the shop's due events this end, as a worker would. Returns how many there were. */
async function settleAll(
  { adAccountId }: { adAccountId: string },
  state: "accepted" | "rejected" | "pending",
): Promise<number> {
  await skipWaiting(db);
  const lease = (await claimAccounts({ db }, 100)).find((one) => one.adAccountId === adAccountId);
  if (lease === undefined) return 0;
  const { due } = await readDueEvents({ db, keyring }, lease);
  await settleBatch({ db }, lease, {
    attempt: null,
    settlements: due.map(({ ref }) => settlementOf(ref, state)),
    release: { mayHaveMore: false, unusedAllowance: 0, pauseMs: null, failures: 0 },
  });
  return due.length;
}

async function shopKeeping(days: number) {
  const shop = { ...(await makeShop({ db, keyring })), payloadDays: days };
  await db.pool.query("update shop set settings = $2 where id = $1", [
    shop.id,
    JSON.stringify({ payload_days: days }),
  ]);
  return shop;
}

/** In how many days from today each payload of the shop goes; its event must say the same. */
async function daysKept(shop: { id: bigint }): Promise<number[]> {
  const { rows } = await db.pool.query(
    `select p.drop_on - current_date as days, e.payload_drop_on = p.drop_on as agree
      from event_payload p join event e on e.id = p.event_ref where p.shop_id = $1 order by 1`,
    [shop.id],
  );
  expect(rows.every(({ agree }) => agree)).toBe(true);
  return rows.map(({ days }) => days);
}

/** Makes everything of the shop so many days older, as if nothing had been done meanwhile. */
async function waitDays(shop: { id: bigint }, days: number): Promise<void> {
  const values = [shop.id, days];
  await db.pool.query(
    "update event_payload set drop_on = drop_on - $2::integer where shop_id = $1",
    values,
  );
  await db.pool.query(
    `update event set payload_drop_on = payload_drop_on - $2::integer, event_time = event_time - $2::integer * 86400,
      created_at = created_at - make_interval(days => $2::integer) where shop_id = $1`,
    values,
  );
  await db.pool.query(
    "update count_bucket set bucket = bucket - make_interval(days => $2::integer) where shop_id = $1",
    values,
  );
}

test.each([1, 2, 6, 9, 30])(
  "with %i days, a waiting event has its payload to the end, and an ended one so many days from then",
  async (days) => {
    const shop = await shopKeeping(days);
    await commitEvents({ db, keyring }, shop, [purchase(`w${days}`)]);
    await waitDays(shop, 6);
    await dropOldRows({ db });
    expect(await settleAll(shop, "pending")).toBe(1);
    expect(await daysKept(shop)).toEqual([Math.max(days, 7) + 1 - 6]);
    expect(await settleAll(shop, "accepted")).toBe(1);
    expect(await daysKept(shop)).toEqual([days + 1]);
    expect(await miscounts(db)).toEqual([]);
  },
);

test("one that is sent again, and one that its order takes back, are kept from their new end", async () => {
  const shop = await shopKeeping(1);
  await commitEvents({ db, keyring }, shop, [purchase("r1")]);
  await settleAll(shop, "rejected");
  expect(await daysKept(shop)).toEqual([2]);
  const choice = { shopId: shop.id, eventIds: ["order-r1-checkout"] };
  expect((await replayEvents({ db, keyring }, choice, "test")).replayed).toHaveLength(1);
  expect(await daysKept(shop)).toEqual([8]);
  await commitEvents({ db, keyring }, shop, [purchase("r1", { outcome: skip("cancelled") })]);
  expect(await readStates(db, shop.id)).toMatchObject([{ state: "skipped", reason: "cancelled" }]);
  expect(await daysKept(shop)).toEqual([2]);
  expect(await miscounts(db)).toEqual([]);
});

test("an event that runs out of time or lost its payload ends as expired, and says which", async () => {
  const shop = await shopKeeping(1);
  await commitEvents({ db, keyring }, shop, [purchase("old"), purchase("gone"), purchase("late")]);
  await db.pool.query(
    "delete from event_payload where event_ref = (select id from event where order_id = 'gone')",
  );
  await db.pool.query(
    "update event set event_time = event_time - 86400 * 7 where order_id in ('old', 'late')",
  );
  await db.pool.query("delete from count_bucket where shop_id = $1", [shop.id]);
  await db.pool.query(
    `insert into count_bucket (shop_id, bucket, kind, source, state, n)
      select shop_id, to_timestamp(event_time - event_time % 900), kind, source, state, count(*)
      from event where shop_id = $1 group by 1, 2, 3, 4, 5`,
    [shop.id],
  );
  const pinterest = await startLocalPinterest();
  const delivery = openDelivery({ db, keyring, pinterestUrl: pinterest.url });
  await db.pool.query("update event set ad_account_id = 'elsewhere' where order_id = 'late'");
  await deliverOnce(delivery);
  expect(await expireEvents({ db })).toBe(1);
  await delivery.close();
  await pinterest.close();
  expect(await readStates(db, shop.id)).toMatchObject([
    { event_id: "order-gone-checkout", state: "expired", reason: "content_gone" },
    { event_id: "order-late-checkout", state: "expired", reason: "too_old" },
    { event_id: "order-old-checkout", state: "expired", reason: "too_old" },
  ]);
  expect(await miscounts(db)).toEqual([]);
  const { rows } = await db.pool.query(
    "select reason, sum(n)::integer as n from count_bucket where shop_id = $1 and state = 'expired' group by 1 order by 1",
    [shop.id],
  );
  expect(rows).toEqual([
    { reason: "content_gone", n: 1 },
    { reason: "too_old", n: 2 },
  ]);
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
  expect((await readStates(db, shop.id)).map(({ event_id }) => event_id)).toEqual([
    "order-11-checkout",
    "order-12-checkout",
  ]);
  expect(await miscounts(db)).toEqual([]);
});

test("a visit is kept for 30 days after it was last told of, and many go page by page", async () => {
  await db.pool.query(
    `insert into visit (shop_id, visit_key, told_at, is_refused, body, seen_at)
      select 1, 'checkout:' || n, now(), false, 'x', now() - interval '30 days' + make_interval(mins => 5 - n)
      from generate_series(1, 5009) as n`,
  );
  await dropOldRows({ db });
  const { rows } = await db.pool.query("select visit_key from visit order by visit_key");
  expect(rows.map(({ visit_key }) => visit_key)).toEqual([1, 2, 3, 4].map((n) => `checkout:${n}`));
});
