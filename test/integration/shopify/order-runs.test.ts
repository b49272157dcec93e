import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeRun } from "#app/admin/runs/describe-run.server.ts";
import { exportRun } from "#app/admin/runs/export-run.server.ts";
import { readRun } from "#app/admin/runs/read-run.server.ts";
import { runTexts } from "#app/admin/runs/texts.ts";
import { startOrderCheck } from "#app/admin/send/check-orders.server.ts";
import { sendMissingTexts } from "#app/admin/send/missing-texts.ts";
import { createFormatter } from "#app/admin/shell/format/formatter.server.ts";
import { KIND_SQL } from "#app/audit/read-audit-log.server.ts";
import { redactPerson } from "#app/outbox/redact/redact-person.server.ts";
import { createWaker } from "#app/outbox/waker.server.ts";
import { createLogger } from "#app/platform/logger.server.ts";
import { startOrderRun } from "#app/runs/start-run.server.ts";
import { stopRun } from "#app/runs/stop-run.server.ts";
import { type OrderRunServices, workOnOrderRun } from "#app/runs/work-on-order-run.server.ts";
import { findShop } from "#app/shops/find-shop.server.ts";
import { orderBody } from "#test/sandbox/sample-orders.ts";
import { miscounts, statesOf } from "#test/support/outbox-fixture.ts";
import { eventually } from "#test/support/poll.ts";
import { acceptedOf, type FlowStack, openFlowStack } from "./flow-fixture.ts";

let stack: FlowStack;
beforeAll(async () => {
  stack = await openFlowStack();
});
afterAll(async () => {
  expect(await miscounts(stack.db)).toEqual([]);
  await stack.close();
});

const ACTOR = "user:548380009";
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ago = (ms: number) => new Date(Date.now() - ms);
const log = createLogger("silent");

type Shop = Awaited<ReturnType<typeof openShop>>;

async function openShop() {
  const opened = await stack.openShop();
  const shop = await findShop(stack, opened.domain);
  if (shop === null) throw new Error("the shop is not there");
  return { ...opened, id: shop.id, lane: shop.lane };
}

class SessionNotFoundError extends Error {}

function servicesOf(changes: Partial<OrderRunServices> = {}): OrderRunServices {
  const { db, keyring } = stack;
  return {
    db,
    keyring,
    log,
    waker: createWaker({ db, log }),
    nowMs: Date.now,
    wait: async () => {},
    openAdmin: (domain) => stack.adminOf(domain),
    ...changes,
  };
}

let orders = 310_000;

function placeOrder(shop: Shop, options: Partial<Parameters<typeof orderBody>[0]> = {}) {
  orders += 1;
  const order = orderBody({ createdAt: ago(HOUR_MS), id: orders, ...options });
  stack.records.putOrder(shop.domain, order);
  return { id: String(orders), name: order.name, eventId: `order-${orders}-checkout` };
}

const queue = { send: async () => {} };
let tokens = 0;

/** A run as the screen starts it. */
function start(
  shop: Shop,
  { isDry = false, since = ago(30 * DAY_MS), by = "created" as const } = {},
) {
  tokens += 1;
  const choice = { since, by, isDry, token: `token-${tokens}` };
  return startOrderRun({ db: stack.db, queue }, { shop, actor: ACTOR }, choice);
}

const workOn = (runId: bigint, changes: Partial<OrderRunServices> = {}, untilMs = Infinity) =>
  workOnOrderRun(servicesOf(changes), runId, untilMs);

async function report(shop: Shop, runId: bigint) {
  const run = await readRun(stack, shop, runId);
  if (run === null) throw new Error("the shop has no such run");
  return run;
}

const format = createFormatter({ locale: "en-US", timeZone: "UTC", now: new Date() });
const words = async (shop: Shop, runId: bigint) => describeRun(await report(shop, runId), format);

test("a run says of every order without an event what was done, and sends it once", async () => {
  const shop = await openShop();
  const old = placeOrder(shop, { createdAt: ago(20 * DAY_MS) });
  const trial = placeOrder(shop, { test: true });
  const lost = placeOrder(shop);
  placeOrder(shop, { createdAt: ago(60_000) });
  const runId = await start(shop);
  expect(await workOn(runId)).toBe("done");
  await eventually(() =>
    acceptedOf(stack.pinterest, shop).some((sent) => sent.eventId === lost.eventId),
  );
  const run = await eventually(async () => {
    const now = await report(shop, runId);
    return now.totals.accepted === 1 ? now : undefined;
  });
  expect(run.items.map(({ orderName, outcome, why }) => [orderName, outcome, why])).toEqual([
    [old.name, "left", "too_old"],
    [trial.name, "left", "test_order"],
    [lost.name, "accepted", null],
  ]);
  expect(run).toMatchObject({ total: 3, isFinished: true, canStop: false });
  expect(describeRun(run, format)).toMatchObject({
    percent: 100,
    badge: { label: runTexts.badges.done },
    notes: [
      expect.stringContaining("4 of 4 orders in Shopify"),
      expect.stringContaining("1 order is younger"),
    ],
  });
  expect(describeRun(run, format).lines[0]?.why).toBe("older than 7 days");
  const lines: string[] = [];
  for await (const line of exportRun(stack, shop, runId)) lines.push(line);
  expect(lines.join("")).toContain(`"${lost.name}","${lost.eventId}","accepted"`);
  const { rows } = await stack.db.pool.query<{ action: string; kind: string }>(
    `select a.action, ${KIND_SQL.sql} as kind from audit_entry a
      where a.shop_id = $1 and a.actor = $2 order by a.id`,
    [shop.id.toString(), ACTOR],
  );
  expect(rows).toEqual([
    { action: "run.start", kind: "send_again" },
    { action: "orders.reconcile", kind: "send_again" },
  ]);
  const again = await start(shop);
  await workOn(again);
  expect(await report(shop, again)).toMatchObject({ total: 0, isFinished: true });
  expect((await words(shop, again)).list.none).toBe(runTexts.orders.none);
  expect(acceptedOf(stack.pinterest, shop).map(({ count }) => count)).toEqual([1]);
});

test("a dry run says what would be done, and stores no event", async () => {
  const shop = await openShop();
  const old = placeOrder(shop, { createdAt: ago(20 * DAY_MS) });
  const lost = placeOrder(shop);
  const runId = await start(shop, { isDry: true });
  await workOn(runId);
  const run = await report(shop, runId);
  expect(run.items.map(({ eventId, outcome, why }) => [eventId, outcome, why])).toEqual([
    [old.eventId, "left", "too_old"],
    [lost.eventId, "planned", null],
  ]);
  expect(run.planned).toBe(1);
  expect((await words(shop, runId)).sentence).toContain("= 1 would be sent + 1 would not be sent");
  expect(await statesOf(stack.db, shop.id)).toEqual([]);
});

test("a run goes on where a killed process left it, and sends each order once", async () => {
  const shop = await openShop();
  const [first, second] = [placeOrder(shop, { createdAt: ago(2 * HOUR_MS) }), placeOrder(shop)];
  const runId = await start(shop);
  const killed = workOn(runId, { db: killedAfterSending() });
  await expect(killed).rejects.toThrow("killed");
  expect(await statesOf(stack.db, shop.id)).toMatchObject([{ event_id: first.eventId }]);
  expect((await report(shop, runId)).items[0]).toMatchObject({ outcome: "waiting" });
  // The other process is believed to be alive until its lease is over.
  expect(await workOn(runId)).toBe("busy");
  await stack.db.pool.query("update run set leased_until = now() where id = $1", [runId]);
  expect(await workOn(runId)).toBe("done");
  const run = await report(shop, runId);
  expect(run.items.map(({ eventId, eventState }) => [eventId, eventState !== null])).toEqual([
    [first.eventId, true],
    [second.eventId, true],
  ]);
  await eventually(() => acceptedOf(stack.pinterest, shop).length === 2);
  expect(acceptedOf(stack.pinterest, shop).every(({ count }) => count === 1)).toBe(true);
});

/** The process dies between the commit of an event and the note of it in the run. */
function killedAfterSending(): OrderRunServices["db"] {
  const { db } = stack;
  const transaction: typeof db.transaction = (work) =>
    db.transaction((client) => {
      const query = (...given: Parameters<typeof client.query>) => {
        if (String(given[0]).includes("update run_item")) throw new Error("killed");
        return client.query(...given);
      };
      const get = (real: typeof client, key: keyof typeof client) =>
        key === "query" ? query : Reflect.get(real, key);
      return work(new Proxy(client, { get } as ProxyHandler<typeof client>));
    });
  return { pool: db.pool, transaction, queryAsShop: db.queryAsShop };
}

test("a run that is handed on reads every order once, also those of one second", async () => {
  const shop = await openShop();
  const second = ago(20 * DAY_MS);
  second.setMilliseconds(0);
  for (let n = 0; n < 130; n += 1) {
    placeOrder(shop, { createdAt: new Date(second.getTime() + Math.floor(n / 110) * 1_000) });
  }
  const runId = await start(shop, { isDry: true });
  let turns = 1;
  while ((await workOn(runId, {}, 0)) === "more") turns += 1;
  expect(turns).toBeGreaterThan(100);
  const run = await report(shop, runId);
  expect(run).toMatchObject({ total: 130, orders: { progress: { orders: 130, expected: 130 } } });
});

test("a stopped run sends nothing more, and only its own shop stops it", async () => {
  const [shop, stranger] = [await openShop(), await openShop()];
  for (const age of [3, 2, 1]) placeOrder(shop, { createdAt: ago(age * HOUR_MS) });
  const runId = await start(shop);
  // A page is listed, and the first order is sent.
  expect(await workOn(runId, {}, 0)).toBe("more");
  expect(await workOn(runId, {}, 0)).toBe("more");
  expect(await words(shop, runId)).toMatchObject({ badge: { label: runTexts.badges.checking } });
  expect(await readRun(stack, stranger, runId)).toBeNull();
  expect(await stopRun(stack, { shop: stranger, actor: ACTOR }, runId)).toBe(false);
  expect(await stopRun(stack, { shop, actor: ACTOR }, runId)).toBe(true);
  expect(await workOn(runId)).toBe("busy");
  expect(await statesOf(stack.db, shop.id)).toHaveLength(1);
  expect((await report(shop, runId)).totals.stopped).toBe(2);
  expect((await words(shop, runId)).badge?.label).toBe(runTexts.badges.stopped);
});

test("a store has one run at a time, and another store its own", async () => {
  const [shop, other] = [await openShop(), await openShop()];
  const started = await Promise.all([start(shop), start(shop), start(other)]);
  expect(new Set(started).size).toBe(2);
  await Promise.all([...new Set(started)].map((id) => workOn(id)));
  expect(await start(shop)).not.toBe(started[0]);
});

describe("a Shopify that gives no orders", () => {
  test("for want of a permission or a token ends the run, with what to do", async () => {
    const [denied, closed] = [await openShop(), await openShop()];
    for (const shop of [denied, closed]) placeOrder(shop);
    stack.shopify.trouble(denied.domain, ["denied", "denied"]);
    const openAdmin = async (domain: string) => {
      if (domain === closed.domain) throw new SessionNotFoundError("none");
      return stack.adminOf(domain);
    };
    for (const shop of [denied, closed]) {
      const runId = await start(shop);
      expect(await workOn(runId, { openAdmin })).toBe("done");
      expect(await words(shop, runId)).toMatchObject({
        badge: { label: runTexts.badges.failed, tone: "critical" },
        failure: { nextStep: expect.stringContaining("Open Pinrelay") },
        stopping: null,
        isFinished: true,
      });
    }
  });

  test("since it does not answer is asked again, and after an hour the run has failed", async () => {
    const shop = await openShop();
    placeOrder(shop);
    const runId = await start(shop);
    const openAdmin = async () => Promise.reject(new Error("silent"));
    expect(await workOn(runId, { openAdmin })).toBe("done");
    expect(await words(shop, runId)).toMatchObject({
      badge: { label: runTexts.badges.checking },
      notes: expect.arrayContaining([runTexts.orders.silent]),
    });
    const nowMs = () => Date.now() + HOUR_MS + 1_000;
    await workOn(runId, { openAdmin, nowMs });
    expect((await words(shop, runId)).badge?.label).toBe(runTexts.badges.failed);
  });
});

test("what a customer had removed is in no run", async () => {
  const shop = await openShop();
  const order = placeOrder(shop);
  const runId = await start(shop, { isDry: true });
  await workOn(runId);
  const person = {
    customerId: null,
    orderIds: [order.id],
    traceKeys: [],
    matchKeys: {},
    askedAt: new Date(),
  };
  await redactPerson(stack, shop, person);
  const { rows } = await stack.db.pool.query("select * from run_item where run_id = $1", [runId]);
  expect(rows).toMatchObject([{ event_id: "redacted", order_id: null, order_name: null }]);
});

describe("the form", () => {
  const ask = (shop: Shop, since: string, way = { isDry: true }) =>
    startOrderCheck(
      { db: stack.db, queue },
      {
        shop: { ...shop, settingsVersion: 1, timeZone: "UTC", currency: "USD" },
        actor: ACTOR,
        format,
      } as never,
      { since, token: `form ${since}`, ...way },
    );
  const dayOf = (ms: number) => ago(ms).toISOString().slice(0, 10);

  test("takes a day of the last 60, and a double click starts one run", async () => {
    const shop = await openShop();
    const { faults } = sendMissingTexts;
    expect((await ask(shop, "")).fault).toBe(faults.none);
    expect((await ask(shop, "2026-02-30")).fault).toBe(faults.none);
    expect((await ask(shop, dayOf(-2 * DAY_MS))).fault).toBe(faults.future);
    expect((await ask(shop, dayOf(61 * DAY_MS))).fault).toBe(faults.early);
    const [one, two] = await Promise.all([ask(shop, dayOf(DAY_MS)), ask(shop, dayOf(DAY_MS))]);
    expect(one).toMatchObject({
      fault: null,
      runUrl: expect.stringMatching(/^\/app\/send\/runs\/\d+$/),
    });
    expect(two).toEqual(one);
  });
});
