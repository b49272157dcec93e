import { afterAll, beforeAll, expect, test } from "vitest";
import { readDuplicates } from "#app/admin/quality/read-duplicates.server.ts";
import { readQuality } from "#app/admin/quality/read-quality.server.ts";
import { readRecentSums } from "#app/admin/quality/read-recent-sums.server.ts";
import { createFormatter } from "#app/admin/shell/formatter.server.ts";
import { seedEvents } from "#test/support/seed-events.ts";
import { openSignInWorld, type SignedInShop, type SignInWorld } from "./sign-in-fixture.ts";

let world: SignInWorld;

beforeAll(async () => {
  world = await openSignInWorld();
});
afterAll(() => world.close());

const HOUR_MS = 3_600_000;

const formatIn = (timeZone: string) =>
  createFormatter({ locale: "en-US", timeZone, now: new Date() });

/** What Pinterest told of the ad account, as it is stored. */
async function store(shop: SignedInShop, name: string): Promise<void> {
  const scores = [
    {
      overall_status: name,
      source_platform: "WEB",
      ingestion_source: "TAG",
      lookback_period: "14d",
      quality_components: {},
    },
  ];
  await world.db.pool.query(
    "insert into quality_snapshot (shop_id, lookback, ad_account_id, scores) values ($1, '14d', $2, $3)",
    [shop.id, shop.adAccountId, JSON.stringify(scores)],
  );
}

test("one store's events and scores do not show in another store's quality", async () => {
  const [one, other] = [await world.openShop(), await world.openShop()];
  await seedEvents(world.db, one, [{}, {}, { idSource: "browser" }]);
  await seedEvents(world.db, other, [{ kind: "signup" }]);
  await store(one, "OF_ONE");
  const format = formatIn("America/New_York");
  const qualityOf = (shop: SignedInShop) => readQuality(world, shop.id, "14d", format);
  const [first, second] = [await qualityOf(one), await qualityOf(other)];
  expect(first.own.table?.rows.map(({ apiName, total }) => [apiName, total])).toEqual([
    ["checkout", "3 events"],
  ]);
  expect(first.pinterest.overall.map(({ word }) => word)).toEqual(["OF_ONE"]);
  expect(second.own.table?.rows.map(({ apiName }) => apiName)).toEqual(["signup"]);
  expect(second.pinterest.overall).toEqual([]);
  expect((await readDuplicates(world, one.id, format)).verdict.label).toBe("Another sender seen");
  expect((await readDuplicates(world, other.id, format)).verdict.label).toBe("Can't tell");
});

test("scores of the ad account that a store had before are not its own", async () => {
  const shop = await world.openShop();
  await store(shop, "OF_BEFORE");
  await world.db.pool.query("update connection set ad_account_id = '1' where shop_id = $1", [
    shop.id,
  ]);
  const quality = await readQuality(world, shop.id, "14d", formatIn("UTC"));
  expect(quality.pinterest.overall).toEqual([]);
  expect(quality.isToBeAsked).toBe(true);
});

test("of a store with very many events only the latest are counted, and the page says so", async () => {
  const shop = await world.openShop();
  const hoursAgo = (hours: number) => new Date(Date.now() - hours * HOUR_MS);
  await seedEvents(world.db, shop, [
    ...Array.from({ length: 4 }, () => ({ kind: "page_visit", at: hoursAgo(1) })),
    ...Array.from({ length: 3 }, () => ({ at: hoursAgo(30) })),
  ]);
  const sums = await readRecentSums(world, shop.id, formatIn("UTC"), 5);
  expect(sums?.cappedAt).toBe(5);
  expect(sums?.sums.map(({ kind, n }) => [kind, n]).sort()).toEqual([
    ["checkout", 1],
    ["page_visit", 4],
  ]);
  expect(sums?.sinceDay).toBe(hoursAgo(30).toISOString().slice(0, 10));
  expect((await readRecentSums(world, shop.id, formatIn("UTC"), 8))?.cappedAt).toBeNull();
});

test("fourteen days are the shop's days, today among them", async () => {
  const shop = await world.openShop();
  const format = formatIn("Asia/Kolkata");
  const firstDay = (await readRecentSums(world, shop.id, format))?.sinceDay ?? "";
  const start = format.startOfDay(firstDay).getTime();
  await seedEvents(world.db, shop, [{ at: new Date(start - 1_000) }, { at: new Date(start) }]);
  const sums = await readRecentSums(world, shop.id, format);
  expect(sums?.sums.map(({ n }) => n)).toEqual([1]);
  const today = Date.parse(`${format.dayOf(new Date())}T00:00:00Z`);
  expect(today - Date.parse(`${firstDay}T00:00:00Z`)).toBe(13 * 24 * HOUR_MS);
});
