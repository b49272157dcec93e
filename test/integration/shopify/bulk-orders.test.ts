import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { OrderRunServices } from "#app/runs/work-on-order-run.server.ts";
import { startBulkOrders } from "#app/shopify/bulk-orders.server.ts";
import { ago, DAY_MS, type OrderRuns, openOrderRuns, type RunShop } from "./order-run-fixture.ts";

let stack: OrderRuns["stack"];
let runs: OrderRuns;
beforeAll(async () => {
  runs = await openOrderRuns();
  ({ stack } = runs);
});
afterAll(() => stack?.close());

const bulkOf = (shop: RunShop, changes: Partial<OrderRunServices> = {}) => {
  const { records, shopify } = stack;
  Object.assign(records.bulk, { looks: 1, fileUrl: null, fetched: [] });
  const found = { sandboxUrl: shopify.url, bulkAbove: 2, ...changes };
  return { bulk: records.bulk, found, shop };
};

/** A shop with so many orders, of which every so-manieth has no event. */
async function openFullShop(count: number, every = 1): Promise<RunShop> {
  const shop = await runs.openShop();
  const known: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const { id } = runs.placeOrder(shop, { createdAt: ago(20 * DAY_MS - n * 1_000) });
    if (n % every !== 0) known.push(id);
  }
  await stack.db.pool.query(
    `insert into event (lane, shop_id, kind, source_key, event_id, id_source, source, order_id, state,
        event_time, settings_version)
      select lane, id, 'checkout', o, 'order-' || o || '-checkout', 'order', 'web', o, 'accepted', 1, 1
      from shop, unnest($2::text[]) o where id = $1`,
    [shop.id.toString(), known],
  );
  return shop;
}

const listCalls = async (shop: RunShop, work: () => Promise<unknown>) => {
  const before = stack.shopify.calls.length;
  await work();
  return stack.shopify.calls.slice(before).filter((call) => call.shop === shop.domain).length;
};

test("a range of very many orders is listed by one file, which is read in parts, however often the run is handed on", async () => {
  const shop = await openFullShop(1_800, 300);
  const { bulk, found } = bulkOf(shop);
  bulk.looks = 3;
  const runId = await runs.start(shop, { isDry: true });
  const waits: number[] = [];
  const wait = async (ms: number) => void waits.push(ms);
  for (let turns = 0; turns < 8; turns += 1) await runs.workOn(runId, { ...found, wait }, 0);
  expect(waits).toEqual([2_000, 2_000, 2_000]);
  await runs.workOn(runId, found);
  expect(await runs.report(shop, runId)).toMatchObject({
    total: 6,
    orders: { progress: { orders: 1_800, expected: 1_800 } },
    isFinished: true,
  });
  expect(bulk.fetched.map(({ status }) => status)).toEqual([206, 206]);
  expect(bulk.fetched[1]?.range).not.toBe(bulk.fetched[0]?.range);
});

test.each(["TIMEOUT", "INTERNAL_SERVER_ERROR", "CANCELED"] as const)(
  "a range whose operation ends with %s is listed page by page, and its half a file is not believed",
  async (end) => {
    const shop = await openFullShop(7);
    const { bulk, found } = bulkOf(shop);
    bulk.endNext([end]);
    const runId = await runs.start(shop, { isDry: true });
    await runs.workOn(runId, found);
    expect(await runs.report(shop, runId)).toMatchObject({
      total: 7,
      orders: { progress: { orders: 7, bulk: false } },
    });
    expect(bulk.fetched).toEqual([]);
  },
);

test("a file that is never ready is not waited for, and an earlier silence is over with any answer", async () => {
  const shop = await openFullShop(7);
  const { bulk, found } = bulkOf(shop);
  bulk.looks = 1_000;
  const runId = await runs.start(shop, { isDry: true });
  const silent = { ...found, openAdmin: async () => Promise.reject(new Error("silent")) };
  await runs.workOn(runId, silent);
  await runs.workOn(runId, found, 0);
  const later = () => Date.now() + 2 * 3_600_000;
  await runs.workOn(runId, { ...silent, nowMs: later });
  expect((await runs.report(shop, runId)).isFinished).toBe(false);
  for (let turns = 0; turns < 140; turns += 1) await runs.workOn(runId, found);
  expect(await runs.report(shop, runId)).toMatchObject({
    total: 7,
    orders: { progress: { orders: 7, bulk: false } },
    isFinished: true,
  });
});

test("a range that Shopify may not list ends the run", async () => {
  const shop = await openFullShop(3);
  const { bulk, found } = bulkOf(shop);
  bulk.endNext(["ACCESS_DENIED"]);
  const runId = await runs.start(shop);
  await runs.workOn(runId, found);
  expect(await runs.report(shop, runId)).toMatchObject({ hasFailed: true, total: 0 });
});

test("a range is listed page by page while Shopify runs as many operations as it allows", async () => {
  const shop = await openFullShop(3);
  const { bulk, found } = bulkOf(shop);
  bulk.looks = 99;
  const admin = await stack.adminOf(shop.domain);
  const range = { by: "created" as const, since: ago(DAY_MS), until: new Date() };
  const started = await Promise.all([1, 2, 3, 4, 5].map(() => startBulkOrders(admin, range)));
  expect(started.every((one) => one.ok && one.found !== null)).toBe(true);
  const runId = await runs.start(shop, { isDry: true });
  await runs.workOn(runId, found);
  expect(await runs.report(shop, runId)).toMatchObject({ total: 3 });
  expect(bulk.fetched).toEqual([]);
});

test("a file is not fetched from anywhere but Shopify's storage, nor after its seven days", async () => {
  const shop = await openFullShop(3);
  const { bulk, found } = bulkOf(shop);
  let asked = 0;
  const inside = http.createServer((_request, response) => {
    asked += 1;
    response.end();
  });
  inside.listen(0, "127.0.0.1");
  await once(inside, "listening");
  bulk.fileUrl = () =>
    `http://127.0.0.1:${(inside.address() as AddressInfo).port}/latest/meta-data`;
  await runs.workOn(await runs.start(shop, { isDry: true }), found);
  expect(asked).toBe(0);
  inside.close();
  bulk.fileUrl = null;
  bulk.now = () => Date.now() - 8 * DAY_MS;
  const runId = await runs.start(shop, { isDry: true });
  await runs.workOn(runId, found, 0);
  bulk.now = Date.now;
  await runs.workOn(runId, found);
  expect(bulk.fetched.map(({ status }) => status)).toEqual([403]);
  expect(await runs.report(shop, runId)).toMatchObject({ total: 3, isFinished: true });
});

test("a file that is gone halfway is followed by pages, and no order is told of twice", async () => {
  const shop = await openFullShop(1_600, 200);
  const { bulk, found } = bulkOf(shop);
  const runId = await runs.start(shop, { isDry: true });
  while (bulk.fetched.length === 0) await runs.workOn(runId, found, 0);
  bulk.fileUrl = () => "http://127.0.0.1:9/gone";
  await runs.workOn(runId, found);
  expect(await runs.report(shop, runId)).toMatchObject({
    total: 8,
    orders: { progress: { orders: 1_600, bulk: false } },
  });
});

test("a range of a few orders has no operation", async () => {
  const shop = await openFullShop(2);
  const { found } = bulkOf(shop);
  const runId = await runs.start(shop, { isDry: true });
  // The count and the list.
  expect(await listCalls(shop, () => runs.workOn(runId, found))).toBe(2);
});
