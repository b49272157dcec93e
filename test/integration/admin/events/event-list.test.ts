import { expect, test } from "vitest";
import { listEvents } from "#app/commands/events.server.ts";
import { listShops } from "#app/commands/shops.server.ts";
import { installShop } from "#app/shops/install-shop.server.ts";
import {
  leaseAccount,
  openShopOfFiveOrders,
  uniqueAccount,
} from "#test/integration/admin/sent-events.ts";
import { commitEvents, makeShop, purchase } from "#test/support/outbox-fixture.ts";

const { db, keyring, shop } = await openShopOfFiveOrders();

test("the latest order stands first, each in its state", async () => {
  const { events, counts } = await listEvents({ db }, shop.id, { limit: 100 });
  expect(events.map(({ order_id: order, state }) => [order, state])).toEqual([
    ["5", "skipped"],
    ["4", "pending"],
    ["3", "rejected"],
    ["2", "accepted"],
    ["1", "accepted"],
  ]);
  expect(counts).toEqual({
    received: 5,
    accepted: 2,
    rejected: 1,
    skipped: 1,
    expired: 0,
    pending: 1,
  });
});

test("a row has the promised fields and no other", async () => {
  const { events } = await listEvents({ db }, shop.id, { limit: 100, orderId: "2" });
  expect(events).toEqual([
    {
      event_id: "order-2-checkout",
      event_name: "checkout",
      source: "web",
      order_id: "2",
      state: "accepted",
      reason: null,
      action_source: "web",
      event_time: expect.any(Number),
      value: "72.39",
      currency: "USD",
      ad_account_id: shop.adAccountId,
      attempts: 1,
      warning: "external_id is not hashed",
      created_at: expect.stringMatching(/^\d{4}-.*Z$/),
      settled_at: expect.stringMatching(/^\d{4}-.*Z$/),
    },
  ]);
});

test("a list can be cut to a state, an order, and a number; its counts stay the shop's", async () => {
  const skipped = await listEvents({ db }, shop.id, { limit: 100, state: "skipped" });
  expect(skipped.events.map((event) => event.reason)).toEqual(["test_order"]);
  expect(skipped.counts.received).toBe(5);
  const three = await listEvents({ db }, shop.id, { limit: 3 });
  expect(three.events.map((event) => event.order_id)).toEqual(["5", "4", "3"]);
  const none = await listEvents({ db }, shop.id, { limit: 9, state: "accepted", orderId: "3" });
  expect(none.events).toEqual([]);
});

test("what is due while its ad account is leased is being sent", async () => {
  const other = await makeShop({ db, keyring }, { adAccountId: uniqueAccount() });
  await commitEvents({ db, keyring }, other, [purchase("71")]);
  const statesNow = async () =>
    (await listEvents({ db }, other.id, { limit: 9 })).events.map((event) => [
      event.order_id,
      event.state,
    ]);
  expect(await statesNow()).toEqual([["71", "pending"]]);
  // Of all accounts only this one has something new and is due at once.
  await db.pool.query("update due_account set next_at = 'infinity' where ad_account_id <> $1", [
    other.adAccountId,
  ]);
  const lease = await leaseAccount({ db, keyring });
  expect(lease.adAccountId).toBe(other.adAccountId);
  await commitEvents({ db, keyring }, other, [purchase("72", { eventTimeSeconds: 1 })]);
  expect(await statesNow()).toEqual([
    ["71", "sending"],
    ["72", "pending"],
  ]);
  const sending = await listEvents({ db }, other.id, { limit: 9, state: "sending" });
  expect(sending.events.map((event) => event.order_id)).toEqual(["71"]);
  const pending = await listEvents({ db }, other.id, { limit: 9, state: "pending" });
  expect(pending.events.map((event) => event.order_id)).toEqual(["72"]);
  expect(sending.counts).toMatchObject({ received: 2, pending: 2 });
  await db.pool.query("update due_account set lease_until = now() where ad_account_id = $1", [
    other.adAccountId,
  ]);
  expect((await statesNow())[0]).toEqual(["71", "pending"]);
});

test("a shop sees nothing of another's", async () => {
  const { id } = await installShop({ db }, { domain: "stranger.myshopify.com" });
  const { events, counts } = await listEvents({ db }, id, { limit: 100 });
  expect(events).toEqual([]);
  expect(counts.received).toBe(0);
});

test("the operator's list names every shop and no token", async () => {
  await installShop({ db }, { domain: "new.myshopify.com" });
  const shops = await listShops({ db });
  expect(shops.length).toBeGreaterThan(1);
  expect(shops.find((row) => row.shop === shop.domain)).toEqual({
    shop: shop.domain,
    state: "installed",
    ad_account_id: shop.adAccountId,
    connection: "active",
    pause_reason: null,
    pixel_key: expect.stringMatching(/^[\w-]{24}$/),
    installed_at: expect.stringMatching(/Z$/),
  });
  expect(shops.find((row) => row.shop === "new.myshopify.com")).toMatchObject({
    ad_account_id: null,
    connection: "none",
  });
});
