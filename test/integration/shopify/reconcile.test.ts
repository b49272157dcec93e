import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { visitKey } from "#app/events/visit.ts";
import { createWaker } from "#app/outbox/schedule-accounts.server.ts";
import { createLogger } from "#app/platform/logger.server.ts";
import { orderTime } from "#app/reconciliation/settle-order.server.ts";
import { readOrderRun } from "#app/runs/order-run-rows.server.ts";
import { startOrderRun } from "#app/runs/start-run.server.ts";
import { workOnOrderRun } from "#app/runs/work-on-order-run.server.ts";
import { findShop } from "#app/shops/find-shop.server.ts";
import { loadMappingShop } from "#app/shops/load-mapping-shops.server.ts";
import { changeSettings } from "#app/shops/settings/change-settings.server.ts";
import { orderBody } from "#test/sandbox/sample-orders.ts";
import { startIntakeServer } from "#test/support/intake-server.ts";
import { miscounts, readStates } from "#test/support/outbox-fixture.ts";
import { eventually } from "#test/support/poll.ts";
import { hearPixel, seedVisit } from "#test/support/visit-fixture.ts";
import { acceptedOf, type FlowStack, openFlowStack } from "./flow-fixture.ts";

let stack: FlowStack;
beforeAll(async () => {
  stack = await openFlowStack();
});
afterAll(() => stack?.close());
afterEach(async () => {
  expect(await miscounts(stack.db)).toEqual([]);
});

interface Shop {
  id: bigint;
  domain: string;
  adAccountId: string;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ago = (ms: number) => new Date(Date.now() - ms);

let waits: number[] = [];

/** One comparison, as the command and the sweep do it, without their waits. */
async function reconcile({ domain }: Shop, wish: { since?: Date; isDry?: boolean } = {}) {
  const { db, keyring } = stack;
  const log = createLogger("silent");
  const waker = createWaker({ db, log });
  const shop = await loadMappingShop(db.pool, domain);
  if (shop === undefined) throw new Error(`${domain} is not installed`);
  waits = [];
  const wait = async (ms: number) => void waits.push(ms);
  const openAdmin = (name: string) => stack.adminOf(name);
  const services = { db, keyring, log, waker, nowMs: Date.now, wait, openAdmin, silentMs: 0 };
  const choice = {
    since: ago(30 * DAY_MS),
    isDry: false,
    by: orderTime(shop),
    token: null,
    ...wish,
  };
  const queue = { send: async () => {} };
  const { runId } = await startOrderRun({ db, queue }, { shop, actor: "cli" }, choice);
  await workOnOrderRun({ ...services, countMissing: () => {} }, runId, Infinity);
  await waker.settle(5_000);
  const { tally, progress } = await readOrderRun(stack, shop.id, runId);
  return { tally, failure: progress?.failure ?? null };
}

async function openShop(changes: Record<string, string> = {}): Promise<Shop> {
  const shop = await stack.openShop();
  await changeSettings(stack, { domain: shop.domain, changes, actor: "test" });
  const { id = 0n } = (await findShop(stack, shop.domain)) ?? {};
  return { id, ...shop };
}

let orders = 70_000;

/** An order that Shopify has, and whose webhook did not come. */
function placeOrder(shop: Shop, options: Partial<Parameters<typeof orderBody>[0]> = {}) {
  orders += 1;
  const id = String(options.id ?? orders);
  const order = orderBody({ createdAt: ago(HOUR_MS), ...options, id });
  stack.records.putOrder(shop.domain, order);
  return { order, id, eventId: `order-${id}-checkout` };
}

async function deliver(shop: Shop, topic: string, order: string | object): Promise<void> {
  const intake = await startIntakeServer(stack);
  expect((await intake.deliver(topic, shop.domain, order)).status).toBe(200);
  await intake.close();
}

const NOTHING = { missing: 0, sent: 0, skipped: {}, failed: 0 };

describe("an order whose webhook was lost", () => {
  test("is found and sent as its webhook would have been, once, and its late webhook is a duplicate", async () => {
    const shop = await openShop();
    const known = placeOrder(shop);
    await deliver(shop, "orders/create", known.order);
    const lost = placeOrder(shop, { id: "820982911946154508" });
    expect(await reconcile(shop)).toMatchObject({
      failure: null,
      tally: { orders: 2, missing: 1, sent: 1, skipped: {}, failed: 0 },
    });
    const sent = await eventually(() =>
      acceptedOf(stack.pinterest, shop).find(({ eventId }) => eventId === lost.eventId),
    );
    expect(sent).toMatchObject({ count: 1, event: { custom_data: { order_id: lost.id } } });

    expect((await reconcile(shop)).tally).toMatchObject({ orders: 2, ...NOTHING });
    await deliver(shop, "orders/create", lost.order);
    expect(await readStates(stack.db, shop.id)).toHaveLength(2);
    await eventually(() => acceptedOf(stack.pinterest, shop).length === 2);
    expect(acceptedOf(stack.pinterest, shop).every(({ count }) => count === 1)).toBe(true);
  });

  test("takes its visit's id and evidence", async () => {
    const shop = await openShop();
    await hearPixel(stack.db, shop.id);
    placeOrder(shop, { checkoutToken: "seen-by-the-pixel" });
    const key = visitKey("checkout", "seen-by-the-pixel") ?? "";
    await seedVisit(stack, { shopId: shop.id, key }, { completedEventId: "sh-told-once" });
    await reconcile(shop);
    const [sent] = await eventually(() => {
      const accepted = acceptedOf(stack.pinterest, shop);
      return accepted.length > 0 ? accepted : undefined;
    });
    expect(sent).toMatchObject({
      eventId: "sh-told-once",
      event: { user_data: { client_ip_address: "203.0.113.7" } },
    });
  });

  test("is recorded as too old where Pinterest takes it no more, and so is one that is not to be sent", async () => {
    const shop = await openShop();
    const old = placeOrder(shop, { createdAt: ago(8 * DAY_MS) });
    const trial = placeOrder(shop, { test: true });
    expect((await reconcile(shop)).tally).toMatchObject({
      missing: 2,
      sent: 0,
      skipped: { too_old: 1, test_order: 1 },
    });
    expect(await readStates(stack.db, shop.id)).toEqual([
      expect.objectContaining({ event_id: old.eventId, state: "skipped", reason: "too_old" }),
      expect.objectContaining({ event_id: trial.eventId, reason: "test_order" }),
    ]);
    expect((await reconcile(shop)).tally).toMatchObject(NOTHING);
  });

  test("is left to its webhook while it is young", async () => {
    const shop = await openShop();
    placeOrder(shop, { createdAt: ago(60_000) });
    expect((await reconcile(shop)).tally).toMatchObject({ ...NOTHING, left: { recent: 1 } });
    expect(await readStates(stack.db, shop.id)).toEqual([]);
  });

  test("is compared from the time that was asked for", async () => {
    const shop = await openShop();
    placeOrder(shop, { createdAt: ago(5 * DAY_MS) });
    const { tally } = await reconcile(shop, { since: ago(4 * DAY_MS) });
    expect(tally).toMatchObject({ orders: 0, ...NOTHING });
  });
});

test("an order whose webhook could not be read is fetched again, and one without its id too", async () => {
  const shop = await openShop();
  const faulty = placeOrder(shop);
  const tooLarge = placeOrder(shop);
  await deliver(shop, "orders/create", { ...faulty.order, line_items: "none" });
  expect(await readStates(stack.db, shop.id)).toMatchObject([{ reason: "unreadable" }]);
  expect((await reconcile(shop)).tally).toMatchObject({ missing: 2, sent: 2 });
  const states = await readStates(stack.db, shop.id);
  expect(states.map(({ event_id }) => event_id)).toEqual([faulty.eventId, tooLarge.eventId]);
  expect(states.some(({ state }) => state === "skipped")).toBe(false);
});

test("an order that was sent by hand under another id is not missing", async () => {
  const shop = await openShop();
  const { id } = placeOrder(shop);
  await stack.db.pool.query(
    `insert into event (lane, shop_id, kind, source_key, event_id, id_source, source, order_id, state,
        event_time, settings_version)
      select lane, id, 'checkout', 'given:mine', 'mine', 'given', 'task', $2, 'accepted', 1, 1
      from shop where id = $1`,
    [shop.id.toString(), id],
  );
  expect((await reconcile(shop)).tally).toMatchObject(NOTHING);
  await stack.db.pool.query("delete from event where event_id = 'mine'");
});

test("a store that sends paid orders gets an old one that was paid today, as it is by then", async () => {
  const shop = await openShop({ purchase_trigger: "order_paid" });
  const waiting = placeOrder(shop, { financialStatus: "pending" });
  const createdAt = ago(3 * DAY_MS);
  const paid = placeOrder(shop, { createdAt, updatedAt: ago(HOUR_MS) });
  const { tally } = await reconcile(shop, { since: ago(DAY_MS) });
  expect(tally).toMatchObject({ orders: 2, missing: 1, sent: 1, left: { unpaid: 1 } });
  expect(await readStates(stack.db, shop.id)).toMatchObject([{ event_id: paid.eventId }]);
  stack.records.putOrder(shop.domain, { ...waiting.order, financial_status: "paid" });
  expect((await reconcile(shop)).tally).toMatchObject({ missing: 1, sent: 1 });
});

test("a dry run says what would be done, and changes nothing", async () => {
  const shop = await openShop();
  placeOrder(shop);
  placeOrder(shop, { createdAt: ago(9 * DAY_MS) });
  const dry = await reconcile(shop, { isDry: true });
  expect(await readStates(stack.db, shop.id)).toEqual([]);
  expect((await reconcile(shop)).tally).toEqual(dry.tally);
  expect(dry.tally).toMatchObject({ missing: 2, sent: 1, skipped: { too_old: 1 } });
});

describe("a Shopify that does not answer", () => {
  test("but throttles is asked again when it has points, and half of them stay free", async () => {
    const shop = await openShop();
    placeOrder(shop);
    stack.shopify.trouble(shop.domain, ["throttled", "throttled"]);
    expect(await reconcile(shop)).toMatchObject({ failure: null, tally: { sent: 1 } });
    // 1,000 of the points stay, 102 are needed, 2 are there, and 100 come each second.
    expect(waits).toEqual([11_000, 11_000]);
  });

  test("is asked three times", async () => {
    const shop = await openShop();
    placeOrder(shop);
    stack.shopify.trouble(shop.domain, ["silent", "silent"]);
    expect(await reconcile(shop)).toMatchObject({ failure: null, tally: { sent: 1 } });
    placeOrder(shop);
    // The count is asked for three times, too.
    stack.shopify.trouble(shop.domain, Array(6).fill("silent"));
    expect(await reconcile(shop)).toMatchObject({ failure: "silent", tally: { orders: 0 } });
    expect(await readStates(stack.db, shop.id)).toHaveLength(1);
  });

  test("but denies is not asked again", async () => {
    const shop = await openShop();
    placeOrder(shop);
    stack.shopify.trouble(shop.domain, ["denied", "denied"]);
    expect(await reconcile(shop)).toMatchObject({ failure: "denied", tally: { orders: 0 } });
    expect(waits).toEqual([]);
  });
});

test("two shops with orders of the same ids get their own alone", async () => {
  const [one, other] = [await openShop(), await openShop()];
  const { order, id } = placeOrder(one);
  stack.records.putOrder(other.domain, order);
  await deliver(other, "orders/create", order);
  expect((await reconcile(other)).tally).toMatchObject({ orders: 1, ...NOTHING });
  expect((await reconcile(one)).tally).toMatchObject({ missing: 1, sent: 1 });
  for (const shop of [one, other]) {
    expect(await readStates(stack.db, shop.id)).toMatchObject([
      { event_id: `order-${id}-checkout` },
    ]);
  }
});
