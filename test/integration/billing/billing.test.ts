import { afterAll, beforeAll, expect, test } from "vitest";
import { scheduleBilling } from "#app/billing/check-billing.server.ts";
import { pauseConnection } from "#app/shops/connection/pause-connection.server.ts";
import { auditOf, connectionOf } from "#test/integration/shops/shop-fixture.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { type BillingWorld, openBillingWorld, RECURRING } from "./billing-world.ts";

let db: TestDatabase;
let world: BillingWorld;

beforeAll(async () => {
  db = await openTestDatabase();
  world = await openBillingWorld(db, RECURRING);
});
afterAll(async () => {
  await world.close();
  await db.close();
});

async function billingOf(shopId: bigint) {
  const { rows } = await db.pool.query<{ state: string; warned_at: Date | null }>(
    "select state, warned_at, ends_at from shop_billing where shop_id = $1",
    [shopId],
  );
  return rows[0];
}

async function approved(shop: { id: bigint; domain: string }): Promise<string> {
  const started = await world.start(shop);
  if (!started.ok) throw new Error(started.why);
  return world.answer(started.confirmationUrl, "approve");
}

const lastOf = (domain: string) => world.shopify.billing.subscriptionsOf(domain).at(-1)?.id ?? "";

test("a shop without a plan is warned, sends for seven days, then pauses until it pays", async () => {
  const shop = await world.makeShop();
  await world.check();
  expect(await billingOf(shop.id)).toMatchObject({ state: "none", warned_at: world.now() });
  world.passDays(6.9);
  await world.check();
  expect((await connectionOf(db, shop.domain))?.state).toBe("active");
  world.passDays(0.2);
  await world.check();
  expect(await connectionOf(db, shop.domain)).toMatchObject({
    state: "paused",
    pause_reason: "billing",
  });
  await approved(shop);
  world.passDays(1);
  await world.check();
  expect(await connectionOf(db, shop.domain)).toMatchObject({
    state: "active",
    pause_reason: null,
  });
  expect((await auditOf(db, shop.domain)).slice(-5)).toMatchObject([
    { action: "billing.change", after: { state: "none" } },
    { action: "connection.pause", actor: "system", after: { reason: "billing" } },
    { action: "billing.change", actor: "user:1", after: { state: "pending" } },
    { action: "billing.change", actor: "system", after: { state: "active" } },
    { action: "connection.resume", actor: "system" },
  ]);
});

test("an approved plan sends the merchant back, and is there with the next look", async () => {
  const shop = await world.makeShop();
  expect(await approved(shop)).toMatch(/\/app\/settings\/billing\?charge_id=\d+$/);
  expect((await billingOf(shop.id))?.state).toBe("pending");
  world.passDays(1);
  await world.check();
  expect(await billingOf(shop.id)).toMatchObject({ state: "active", warned_at: null });
  const [subscription] = world.shopify.billing.subscriptionsOf(shop.domain);
  expect(subscription).toMatchObject({ test: true, money: { amount: "19.00" } });
  expect(await world.start(shop)).toEqual({ ok: false, why: "active" });
});

test("a declined plan keeps the day of the first warning", async () => {
  const shop = await world.makeShop();
  await world.check();
  const warnedAt = (await billingOf(shop.id))?.warned_at;
  world.passDays(2);
  const started = await world.start(shop);
  if (started.ok) await world.answer(started.confirmationUrl, "decline");
  world.passDays(1);
  await world.check();
  expect(await billingOf(shop.id)).toMatchObject({ state: "declined", warned_at: warnedAt });
});

test.each([
  ["FROZEN", "frozen"],
  ["CANCELLED", "cancelled"],
] as const)(
  "a plan that is %s at Shopify warns anew, and goes on when it is paid",
  async (status, state) => {
    const shop = await world.makeShop();
    await approved(shop);
    world.passDays(1);
    await world.check();
    world.shopify.billing.setStatus(lastOf(shop.domain), status);
    world.passDays(1);
    await world.check();
    expect(await billingOf(shop.id)).toMatchObject({ state, warned_at: world.now() });
    expect((await connectionOf(db, shop.domain))?.state).toBe("active");
    world.passDays(7);
    await world.check();
    expect((await connectionOf(db, shop.domain))?.pause_reason).toBe("billing");
    world.shopify.billing.setStatus(lastOf(shop.domain), "ACTIVE");
    world.passDays(1);
    await world.check();
    expect((await connectionOf(db, shop.domain))?.state).toBe("active");
  },
);

test("a pause of the merchant's own is neither made nor ended by billing", async () => {
  const shop = await world.makeShop();
  await pauseConnection({ db }, shop.id, "merchant", "user:1");
  await world.check();
  world.passDays(8);
  await world.check();
  await approved(shop);
  world.passDays(1);
  await world.check();
  expect((await connectionOf(db, shop.domain))?.pause_reason).toBe("merchant");
});

test("while Shopify is silent nobody is warned, and who was warned is still paused in time", async () => {
  const warned = await world.makeShop();
  await world.check();
  const silent = await world.makeShop();
  const { openAdmin } = world.services;
  world.services.openAdmin = async () => {
    throw new TypeError("no session");
  };
  world.passDays(8);
  await world.check();
  world.services.openAdmin = openAdmin;
  expect(await billingOf(silent.id)).toBeUndefined();
  expect((await connectionOf(db, silent.domain))?.state).toBe("active");
  expect((await connectionOf(db, warned.domain))?.pause_reason).toBe("billing");
});

test("one shop's plan is no other shop's", async () => {
  const [payer, other] = [await world.makeShop(), await world.makeShop()];
  await approved(payer);
  world.passDays(1);
  await world.check();
  expect((await billingOf(payer.id))?.state).toBe("active");
  expect((await billingOf(other.id))?.state).toBe("none");
  const seen = await db.readAsShop(other.id, (tx) => tx.shopBilling.findMany());
  expect(seen.map(({ shopId }) => shopId)).toEqual([other.id]);
});

test("an operator who asks for no money any more ends every pause for want of it", async () => {
  const shop = await world.makeShop();
  await world.check();
  world.passDays(8);
  await world.check();
  expect((await connectionOf(db, shop.domain))?.pause_reason).toBe("billing");
  const scheduled: string[] = [];
  const queue = { schedule: async (name: string) => void scheduled.push(name) };
  await scheduleBilling({ ...world.services, queue, plan: null });
  expect((await connectionOf(db, shop.domain))?.state).toBe("active");
  expect(scheduled).toEqual([]);
  await scheduleBilling({ ...world.services, queue });
  expect(scheduled).toEqual(["check-billing"]);
});
