import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { readQualityScores } from "#app/events/quality-score.ts";
import {
  refreshDueQuality,
  refreshMissingQuality,
  refreshQuality,
} from "#app/shops/refresh-quality.server.ts";
import { TOKEN } from "#test/support/outbox-fixture.ts";
import { openSignInWorld, type SignedInShop, type SignInWorld } from "./sign-in-fixture.ts";

let world: SignInWorld;

beforeAll(async () => {
  world = await openSignInWorld();
});
afterAll(() => world.close());
afterEach(() => {
  world.local.heal();
  world.asked.length = 0;
});

async function snapshotsOf(shop: SignedInShop) {
  const { rows } = await world.db.pool.query<{ lookback: string; scores: unknown }>(
    "select lookback, scores from quality_snapshot where shop_id = $1 order by lookback desc",
    [shop.id],
  );
  return rows;
}

/** Sends one purchase, so that there is something to score. */
async function sendPurchase(shop: SignedInShop): Promise<void> {
  const event = {
    event_name: "checkout",
    action_source: "web",
    event_time: Math.floor(Date.now() / 1_000) - 60,
    event_id: `order-${shop.id}`,
    user_data: { em: ["86e0b9e56c17cc4d12387e1949b85053fbe73bc3ce5a1188713a9d300cc6133d"] },
  };
  await world.pinterest.sendEvents({
    adAccountId: shop.adAccountId,
    token: TOKEN,
    bodies: [JSON.stringify(event)],
  });
}

test("scores are kept for both periods, and asked for once by those who look", async () => {
  const shop = await world.openShop();
  await sendPurchase(shop);
  expect(await refreshMissingQuality(world, shop)).toEqual({ access: "signed_in", failure: null });
  const kept = await snapshotsOf(shop);
  expect(kept.map(({ lookback }) => lookback)).toEqual(["1d", "14d"]);
  expect(readQualityScores(kept[1]?.scores)).toMatchObject([
    {
      status: "GOOD",
      platform: "WEB",
      ingestion: "CONVERSIONS_API",
      components: { hashed_email: { checkout: { coverage: 100, overlap: null, issues: [] } } },
    },
  ]);
  await refreshMissingQuality(world, shop);
  expect(world.asked.length).toBe(2);
  await world.db.pool.query(
    "update quality_snapshot set fetched_at = now() - interval '27 hours' where shop_id = $1",
    [shop.id],
  );
  await refreshMissingQuality(world, shop);
  expect(world.asked.length).toBe(4);
});

test("a failure keeps the scores of before", async () => {
  const shop = await world.openShop();
  await refreshQuality(world, shop);
  const kept = await snapshotsOf(shop);
  world.local.fail({ kind: "status", status: 500, endpoint: "accounts" });
  expect(await refreshQuality(world, shop)).toEqual({
    access: "signed_in",
    failure: "unavailable",
  });
  expect(await snapshotsOf(shop)).toEqual(kept);
});

test("a pasted token is never used to ask for scores", async () => {
  const shop = await world.openShop("pasted");
  expect(await refreshMissingQuality(world, shop)).toEqual({ access: "pasted", failure: null });
  expect(world.asked).toEqual([]);
});

test("the daily round asks for every store that signed in, each in its hour, whatever fails", async () => {
  const [good, bad, pasted] = [
    await world.openShop(),
    await world.openShop(),
    await world.openShop("pasted"),
  ];
  await world.db.pool.query("update shop set lane = 29 where id = any($1)", [
    [good.id, bad.id, pasted.id],
  ]);
  // One fails at Pinterest, one cannot even be read.
  await world.db.pool.query("update connection set token = '\\x00' where shop_id = $1", [bad.id]);
  const refused = await world.openShop();
  await world.db.pool.query("update shop set lane = 5 where id = $1", [refused.id]);
  world.local.fail({
    kind: "status",
    status: 403,
    endpoint: "accounts",
    adAccountId: refused.adAccountId,
  });
  expect(await refreshDueQuality(world, 5)).toEqual({ refreshed: 1, failed: 2 });
  expect((await snapshotsOf(good)).length).toBe(2);
  expect(world.asked.some(({ adAccountId }) => adAccountId === pasted.adAccountId)).toBe(false);
  world.asked.length = 0;
  await refreshDueQuality(world, 5);
  expect(world.asked.map(({ adAccountId }) => adAccountId)).toEqual([refused.adAccountId]);
});
