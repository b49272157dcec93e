import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeRun } from "#app/admin/runs/describe-run.server.ts";
import { exportRun } from "#app/admin/runs/export-run.server.ts";
import { readRun } from "#app/admin/runs/read-run.server.ts";
import { runTexts } from "#app/admin/runs/texts.ts";
import { loadOrderCheck, startOrderCheck } from "#app/admin/send/check-orders.server.ts";
import { sendMissingTexts } from "#app/admin/send/texts.ts";
import { KIND_SQL } from "#app/audit/read-audit-log.server.ts";
import { redactPerson } from "#app/outbox/redact/redact-person.server.ts";
import { endOldOrderRuns } from "#app/runs/register-run-worker.server.ts";
import { startOrderRun } from "#app/runs/start-run.server.ts";
import { stopRun } from "#app/runs/stop-run.server.ts";
import type { OrderRunServices } from "#app/runs/work-on-order-run.server.ts";
import { startIntakeServer } from "#test/support/intake-server.ts";
import { miscounts, readStates } from "#test/support/outbox-fixture.ts";
import { eventually } from "#test/support/poll.ts";
import { acceptedOf } from "./flow-fixture.ts";
import {
  ACTOR,
  ago,
  DAY_MS,
  format,
  HOUR_MS,
  type OrderRuns,
  openOrderRuns,
  queue,
  type RunShop,
} from "./order-run-fixture.ts";

let stack: OrderRuns["stack"];
let runs: OrderRuns;
beforeAll(async () => {
  runs = await openOrderRuns();
  ({ stack } = runs);
});
afterAll(async () => {
  expect(await miscounts(stack.db)).toEqual([]);
  await stack.close();
});

class SessionNotFoundError extends Error {}

test("a run says of every order without an event what was done, and sends it once", async () => {
  const shop = await runs.openShop();
  const old = runs.placeOrder(shop, { createdAt: ago(20 * DAY_MS) });
  const trial = runs.placeOrder(shop, { test: true });
  const lost = runs.placeOrder(shop);
  runs.placeOrder(shop, { createdAt: ago(60_000) });
  const runId = await runs.start(shop);
  expect(await runs.workOn(runId)).toBe("done");
  await eventually(() =>
    acceptedOf(stack.pinterest, shop).some((sent) => sent.eventId === lost.eventId),
  );
  const run = await eventually(async () => {
    const now = await runs.report(shop, runId);
    return now.totals.accepted === 1 ? now : undefined;
  });
  expect(run.items.map(({ orderName, outcome, why }) => [orderName, outcome, why])).toEqual([
    [old.name, "left", "too_old"],
    [trial.name, "left", "test_order"],
    [lost.name, "accepted", null],
  ]);
  expect(run).toMatchObject({ total: 3, isFinished: true, canStop: false });
  expect(runs.countedMissing()).toBe(3);
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
  const again = await runs.start(shop);
  await runs.workOn(again);
  expect(await runs.report(shop, again)).toMatchObject({ total: 0, isFinished: true });
  expect((await runs.words(shop, again)).list.none).toBe(runTexts.orders.none);
  expect(acceptedOf(stack.pinterest, shop).map(({ count }) => count)).toEqual([1]);
});

test("a dry run says what would be done, and stores no event", async () => {
  const shop = await runs.openShop();
  const old = runs.placeOrder(shop, { createdAt: ago(20 * DAY_MS) });
  const lost = runs.placeOrder(shop);
  const runId = await runs.start(shop, { isDry: true });
  await runs.workOn(runId);
  const run = await runs.report(shop, runId);
  expect(run.items.map(({ eventId, outcome, why }) => [eventId, outcome, why])).toEqual([
    [old.eventId, "left", "too_old"],
    [lost.eventId, "planned", null],
  ]);
  expect(run.planned).toBe(1);
  expect((await runs.words(shop, runId)).sentence).toContain(
    "= 1 would be sent + 1 would not be sent",
  );
  expect(await readStates(stack.db, shop.id)).toEqual([]);
});

test("a run goes on where a killed process left it, and sends each order once", async () => {
  const shop = await runs.openShop();
  const [first, second] = [
    runs.placeOrder(shop, { createdAt: ago(2 * HOUR_MS) }),
    runs.placeOrder(shop),
  ];
  const runId = await runs.start(shop);
  const killed = runs.workOn(runId, { db: killedAfterSending() });
  await expect(killed).rejects.toThrow("killed");
  expect(await readStates(stack.db, shop.id)).toMatchObject([{ event_id: first.eventId }]);
  expect((await runs.report(shop, runId)).items[0]).toMatchObject({ outcome: "waiting" });
  // The other process is believed to be alive until its lease is over.
  expect(await runs.workOn(runId)).toBe("busy");
  await stack.db.pool.query("update run set leased_until = now() where id = $1", [runId]);
  expect(await runs.workOn(runId)).toBe("done");
  const run = await runs.report(shop, runId);
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

test("an order whose webhook came while the run was under way was not missing", async () => {
  const shop = await runs.openShop();
  const known = runs.placeOrder(shop, { createdAt: ago(2 * HOUR_MS) });
  const lost = runs.placeOrder(shop);
  const runId = await runs.start(shop);
  expect(await runs.workOn(runId, {}, 0)).toBe("more");
  const intake = await startIntakeServer(stack);
  await intake.deliver("orders/create", shop.domain, known.order);
  await intake.close();
  const before = runs.countedMissing();
  expect(await runs.workOn(runId)).toBe("done");
  const run = await runs.report(shop, runId);
  expect(run).toMatchObject({ total: 1, items: [{ eventId: lost.eventId }] });
  expect(runs.countedMissing()).toBe(before + 1);
  expect(await readStates(stack.db, shop.id)).toHaveLength(2);
});

test("a worker of the version before, which knows no such run, does not end it", async () => {
  const shop = await runs.openShop();
  for (const age of [3, 2]) runs.placeOrder(shop, { createdAt: ago(age * HOUR_MS) });
  const runId = await runs.start(shop);
  // As that one ends a run of which no item waits.
  const end = () =>
    stack.db.pool.query("update run set state = 'done', finished_at = now() where id = $1", [
      runId.toString(),
    ]);
  const refusal = { constraint: "run_checks_orders_to_the_end" };
  await expect(end()).rejects.toMatchObject(refusal);
  const worked = runs.workOn(runId, {
    openAdmin: async (domain) => {
      await expect(end()).rejects.toMatchObject(refusal);
      return stack.adminOf(domain);
    },
  });
  expect(await worked).toBe("done");
  expect((await runs.report(shop, runId)).total).toBe(2);
});

test("a run that is handed on reads every order once, also those of one second", async () => {
  const shop = await runs.openShop();
  const second = ago(20 * DAY_MS);
  second.setMilliseconds(0);
  for (let n = 0; n < 130; n += 1) {
    runs.placeOrder(shop, { createdAt: new Date(second.getTime() + Math.floor(n / 110) * 1_000) });
  }
  const runId = await runs.start(shop, { isDry: true });
  let turns = 1;
  while ((await runs.workOn(runId, {}, 0)) === "more") turns += 1;
  expect(turns).toBeGreaterThan(100);
  const run = await runs.report(shop, runId);
  expect(run).toMatchObject({ total: 130, orders: { progress: { orders: 130, expected: 130 } } });
});

test("a stopped run sends nothing more, and only its own shop stops it", async () => {
  const [shop, stranger] = [await runs.openShop(), await runs.openShop()];
  for (const age of [3, 2, 1]) runs.placeOrder(shop, { createdAt: ago(age * HOUR_MS) });
  const runId = await runs.start(shop);
  // A page is listed, and the first order is sent.
  expect(await runs.workOn(runId, {}, 0)).toBe("more");
  expect(await runs.workOn(runId, {}, 0)).toBe("more");
  expect(await runs.words(shop, runId)).toMatchObject({
    badge: { label: runTexts.badges.checking },
  });
  expect(await readRun(stack, stranger, runId)).toBeNull();
  expect(await stopRun(stack, { shop: stranger, actor: ACTOR }, runId)).toBe(false);
  expect(await stopRun(stack, { shop, actor: ACTOR }, runId)).toBe(true);
  expect(await runs.workOn(runId)).toBe("busy");
  expect(await readStates(stack.db, shop.id)).toHaveLength(1);
  expect((await runs.report(shop, runId)).totals.stopped).toBe(2);
  expect((await runs.words(shop, runId)).badge?.label).toBe(runTexts.badges.stopped);
});

test("a store has one run at a time, and another store its own", async () => {
  const [shop, other] = [await runs.openShop(), await runs.openShop()];
  const started = await Promise.all([runs.start(shop), runs.start(shop), runs.start(other)]);
  expect(new Set(started).size).toBe(2);
  await Promise.all([...new Set(started)].map((id) => runs.workOn(id)));
  const next = await runs.start(shop);
  expect(next).not.toBe(started[0]);
  // What is taken up no more is in nobody's way.
  await stack.db.pool.query("update run set created_at = now() - interval '8 days' where id = $1", [
    next?.toString(),
  ]);
  await endOldOrderRuns(stack);
  expect((await runs.words(shop, next as bigint)).badge?.label).toBe(runTexts.badges.failed);
  expect(await runs.start(shop)).not.toBe(next);
});

describe("a Shopify that gives no orders", () => {
  test("for want of a permission or a token ends the run, with what to do", async () => {
    const [denied, closed] = [await runs.openShop(), await runs.openShop()];
    for (const shop of [denied, closed]) runs.placeOrder(shop);
    stack.shopify.trouble(denied.domain, ["denied", "denied"]);
    const openAdmin = async (domain: string) => {
      if (domain === closed.domain) throw new SessionNotFoundError("none");
      return stack.adminOf(domain);
    };
    for (const shop of [denied, closed]) {
      const runId = await runs.start(shop);
      expect(await runs.workOn(runId, { openAdmin })).toBe("done");
      expect(await runs.words(shop, runId)).toMatchObject({
        badge: { label: runTexts.badges.failed, tone: "critical" },
        failure: { nextStep: expect.stringContaining("Open Pinrelay") },
        stopping: null,
        isFinished: true,
      });
    }
  });

  test("since it does not answer is asked again, and after an hour the run has failed", async () => {
    const shop = await runs.openShop();
    runs.placeOrder(shop);
    const runId = await runs.start(shop);
    const openAdmin = async () => Promise.reject(new Error("silent"));
    expect(await runs.workOn(runId, { openAdmin })).toBe("done");
    expect(await runs.words(shop, runId)).toMatchObject({
      badge: { label: runTexts.badges.checking },
      notes: expect.arrayContaining([runTexts.orders.silent]),
    });
    const nowMs = () => Date.now() + HOUR_MS + 1_000;
    await runs.workOn(runId, { openAdmin, nowMs });
    expect((await runs.words(shop, runId)).badge?.label).toBe(runTexts.badges.failed);
  });
});

test("what a customer had removed is in no run", async () => {
  const shop = await runs.openShop();
  const order = runs.placeOrder(shop);
  const runId = await runs.start(shop, { isDry: true });
  await runs.workOn(runId);
  const person = {
    customerId: null,
    orderIds: [order.id],
    traceKeys: [],
    matchKeys: {},
    hashId: () => [],
    askedAt: new Date(),
  };
  await redactPerson(stack, shop, person);
  const { rows } = await stack.db.pool.query("select * from run_item where run_id = $1", [runId]);
  expect(rows).toMatchObject([{ event_id: "redacted", order_id: null, order_name: null }]);
});

describe("the form", () => {
  const merchantOf = (shop: RunShop) =>
    ({
      shop: { ...shop, settingsVersion: 1, timeZone: "UTC", currency: "USD" },
      actor: ACTOR,
      format,
    }) as never;
  const ask = (shop: RunShop, since: string, way = { isDry: true }) => {
    const wish = { since, token: `form ${since} ${way.isDry}`, ...way };
    return startOrderCheck({ db: stack.db, queue }, merchantOf(shop), wish);
  };
  const dayOf = (ms: number) => ago(ms).toISOString().slice(0, 10);

  test("takes a day of the last 60, and a double click starts one run", async () => {
    const shop = await runs.openShop();
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

  test("stops a dry run for a check that sends, and says what else is under way", async () => {
    const shop = await runs.openShop();
    runs.placeOrder(shop);
    const send = { isDry: false };
    const idOf = ({ runUrl }: { runUrl: string | null }) => BigInt(runUrl?.split("/").at(-1) ?? 0);
    const dry = idOf(await ask(shop, dayOf(3 * DAY_MS)));
    expect((await ask(shop, dayOf(5 * DAY_MS))).fault).toMatch(/^A dry run since .* is under way/);
    const sent = idOf(await ask(shop, dayOf(2 * DAY_MS), send));
    expect(sent).not.toBe(dry);
    expect((await runs.words(shop, dry)).badge?.label).toBe(runTexts.badges.stopped);
    expect((await ask(shop, dayOf(DAY_MS))).fault).toMatch(/sends what it finds/);
    // It is looked for since an earlier day already.
    expect(idOf(await ask(shop, dayOf(DAY_MS), send))).toBe(sent);
    expect((await ask(shop, dayOf(4 * DAY_MS), send)).fault).toMatch(/sends what it finds/);
    await runs.workOn(sent);
    expect(await readStates(stack.db, shop.id)).toHaveLength(1);
  });

  test("makes a sweep that does what is asked for the merchant's own, and no other", async () => {
    const shop = await runs.openShop();
    const owner = { shop, actor: "system" };
    const choice = { since: ago(3 * DAY_MS), by: "created" as const, isDry: false, token: null };
    const { runId } = await startOrderRun({ db: stack.db, queue }, owner, choice);
    const actorOf = async () =>
      (await stack.db.pool.query("select actor from run where id = $1", [runId])).rows[0]?.actor;
    await ask(shop, dayOf(5 * DAY_MS), { isDry: false });
    await ask(shop, dayOf(DAY_MS));
    expect(await actorOf()).toBe("system");
    const isDry = { isDry: true, mayRunBeside: true };
    const beside = await startOrderRun({ db: stack.db, queue }, owner, { ...choice, ...isDry });
    expect((await ask(shop, dayOf(2 * DAY_MS))).runUrl).toContain(String(beside.runId));
    expect((await ask(shop, dayOf(5 * DAY_MS))).fault).toMatch(/sends what it finds/);
    const helpOf = async () => (await loadOrderCheck(stack, merchantOf(shop))).dryRunning;
    expect(await helpOf()).toBeNull();
    expect((await ask(shop, dayOf(DAY_MS), { isDry: false })).runUrl).toContain(String(runId));
    expect(await actorOf()).toBe(ACTOR);
    await stack.db.pool.query("update run set state = 'stopped' where id = $1", [runId]);
    expect(await helpOf()).toBe(sendMissingTexts.help.dryRunning);
  });
});
