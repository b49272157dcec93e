import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { type BillingWorld, openBillingWorld, USAGE } from "./billing-world.ts";

let db: TestDatabase;
let world: BillingWorld;
type Shop = Awaited<ReturnType<BillingWorld["makeShop"]>>;

beforeAll(async () => {
  db = await openTestDatabase();
  world = await openBillingWorld(db, USAGE);
});
afterAll(async () => {
  await world.close();
  await db.close();
});

async function paying(): Promise<Shop> {
  const shop = await world.makeShop();
  const started = await world.start(shop);
  if (!started.ok) throw new Error(started.why);
  await world.answer(started.confirmationUrl, "approve");
  world.passDays(1);
  await world.check();
  return shop;
}

/** So many events of now that Pinterest accepted, as the counters have them. */
async function accept({ id }: Shop, n: number, at = world.now()): Promise<void> {
  await db.pool.query(
    `insert into count_bucket (shop_id, bucket, kind, source, state, n)
      values ($1, $2, 'checkout', 'web', 'accepted', $3)
      on conflict (shop_id, bucket, kind, source, state, reason)
      do update set n = count_bucket.n + excluded.n`,
    [id, at, n],
  );
}

const chargesOf = ({ domain }: Shop) =>
  world.shopify.billing
    .subscriptionsOf(domain)
    .flatMap(({ usageRecords }) => usageRecords.map(({ description }) => description));

async function nextDay(): Promise<void> {
  world.passDays(1);
  await world.check();
}

test("each started thousand of accepted events is charged once, however often it is looked at", async () => {
  const shop = await paying();
  expect(chargesOf(shop)).toEqual([]);
  await accept(shop, 1);
  await nextDay();
  await nextDay();
  expect(chargesOf(shop)).toEqual(["Events accepted by Pinterest, thousand 1"]);
  await accept(shop, 999);
  await nextDay();
  expect(chargesOf(shop)).toHaveLength(1);
  await accept(shop, 1);
  await nextDay();
  expect(chargesOf(shop)).toHaveLength(2);
});

test("what was accepted before the plan is free", async () => {
  const shop = await world.makeShop();
  await accept(shop, 5_000, new Date(world.now().getTime() - 900_000));
  const started = await world.start(shop);
  if (started.ok) await world.answer(started.confirmationUrl, "approve");
  await nextDay();
  await nextDay();
  expect(chargesOf(shop)).toEqual([]);
});

test("a charge whose answer was lost is found again, not made twice", async () => {
  const shop = await paying();
  await accept(shop, 10);
  world.shopify.billing.loseAnswers(1);
  await nextDay();
  const { rows: open } = await db.pool.query(
    "select charge_id from usage_charge where shop_id = $1",
    [shop.id],
  );
  expect(open).toEqual([{ charge_id: null }]);
  await nextDay();
  expect(chargesOf(shop)).toHaveLength(1);
  const { rows } = await db.pool.query<{ charge_id: string }>(
    "select charge_id from usage_charge where shop_id = $1",
    [shop.id],
  );
  expect(rows[0]?.charge_id).toMatch(/^gid:\/\/shopify\/AppUsageRecord\//);
});

test("above the cap events are free, and sending goes on", async () => {
  const shop = await paying();
  await accept(shop, 3_500);
  await nextDay();
  expect(chargesOf(shop)).toHaveLength(2);
  const { rows } = await db.pool.query<{ charge_id: string }>(
    "select charge_id from usage_charge where shop_id = $1 order by thousand",
    [shop.id],
  );
  expect(rows.map(({ charge_id: id }) => id.split("/")[3] ?? id)).toEqual([
    "AppUsageRecord",
    "AppUsageRecord",
    "over_cap",
    "over_cap",
  ]);
  await nextDay();
  expect(chargesOf(shop)).toHaveLength(2);
});

test("events stay charged when their counters are gone after ninety days", async () => {
  const shop = await paying();
  await accept(shop, 1_200);
  await nextDay();
  world.passDays(40);
  await world.check();
  await db.pool.query("delete from count_bucket where shop_id = $1", [shop.id]);
  await accept(shop, 700);
  await nextDay();
  expect(chargesOf(shop)).toHaveLength(2);
  const { rows } = await db.pool.query<{ n: bigint }>(
    "select count(*) as n from usage_charge where shop_id = $1",
    [shop.id],
  );
  expect(rows[0]?.n).toBe(2n);
});

test("one shop's events are charged to no other", async () => {
  const [busy, idle] = [await paying(), await paying()];
  await accept(busy, 1);
  await nextDay();
  expect([chargesOf(busy).length, chargesOf(idle).length]).toEqual([1, 0]);
});
