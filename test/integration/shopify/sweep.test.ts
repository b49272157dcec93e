import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createWaker } from "#app/outbox/schedule-accounts.server.ts";
import { createLogger } from "#app/platform/logger.server.ts";
import { createBeat } from "#app/reconciliation/intake-beat.server.ts";
import { startOrderRun } from "#app/runs/start-run.server.ts";
import { sweepOrders } from "#app/runs/sweep-orders.server.ts";
import { workOnOrderRun } from "#app/runs/work-on-order-run.server.ts";
import { findShop } from "#app/shops/find-shop.server.ts";
import { orderBody } from "#test/sandbox/sample-orders.ts";
import { readStates } from "#test/support/outbox-fixture.ts";
import { eventually } from "#test/support/poll.ts";
import { acceptedOf, type FlowStack, openFlowStack } from "./flow-fixture.ts";

let stack: FlowStack;
beforeAll(async () => {
  stack = await openFlowStack();
});
afterAll(() => stack?.close());

const log = createLogger("silent");
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ago = (ms: number) => new Date(Date.now() - ms);

/** Domains whose Admin API was opened by the last sweep, and the shops that have no session. */
let opened: string[] = [];
const unopened = new Set<string>();
let counted = 0;

class SessionNotFoundError extends Error {}

function openSweep() {
  const { db, keyring } = stack;
  const waker = createWaker({ db, log });
  opened = [];
  return {
    db,
    keyring,
    log,
    waker,
    nowMs: Date.now,
    wait: async () => {},
    countMissing: (found: number) => {
      counted += found;
    },
    openAdmin: async (domain: string) => {
      opened.push(domain);
      if (unopened.has(domain)) throw new SessionNotFoundError("none");
      return stack.adminOf(domain);
    },
  };
}

/** As the job does. */
async function sweep(): Promise<void> {
  const services = openSweep();
  await sweepOrders(services);
  await services.waker.settle(5_000);
}

interface Shop {
  id: bigint;
  domain: string;
  adAccountId: string;
}

/** A shop of two days ago that is due tomorrow. */
async function openShop(): Promise<Shop> {
  const shop = await stack.openShop();
  const { id = 0n } = (await findShop(stack, shop.domain)) ?? {};
  await change("update shop set installed_at = now() - interval '2 days' where id = $1", id);
  await change(
    `insert into order_sweep (shop_id, next_at, tried_at) values ($1, now() + interval '1 day', now())`,
    id,
  );
  return { id, ...shop };
}

const change = (sql: string, id: bigint) => stack.db.pool.query(sql, [id.toString()]);
const makeDue = (id: bigint) =>
  change("update order_sweep set next_at = now() where shop_id = $1", id);

async function sweepOf(id: bigint) {
  const { rows } = await stack.db.pool.query(
    `select result, orders, missing, sent, swept_at, swept_through, silent_at,
        round(extract(epoch from next_at - now()) / 60)::integer as minutes
      from order_sweep where shop_id = $1`,
    [id.toString()],
  );
  return rows[0];
}

let orders = 90_000;

function placeOrder({ domain }: Shop, ageMs = HOUR_MS): string {
  orders += 1;
  stack.records.putOrder(domain, orderBody({ id: orders, createdAt: ago(ageMs) }));
  return `order-${orders}-checkout`;
}

beforeEach(async () => {
  await stack.db.pool.query("delete from intake_beat");
});

test("a lost webhook's order is found and sent within one sweep, with an entry in Activity", async () => {
  const shop = await openShop();
  const eventId = placeOrder(shop);
  await makeDue(shop.id);
  const before = counted;
  await sweep();
  await eventually(() =>
    acceptedOf(stack.pinterest, shop).find((sent) => sent.eventId === eventId),
  );
  expect(counted).toBe(before + 1);
  // For the count, the list and the order: a token may have ended in between.
  expect(opened.filter((domain) => domain === shop.domain)).toHaveLength(4);
  const done = await sweepOf(shop.id);
  expect(done).toMatchObject({ result: "done", orders: 1, missing: 1, sent: 1 });
  expect(done.swept_through.getTime()).toBeGreaterThan(Date.now() - HOUR_MS);
  expect(done.minutes).toBeGreaterThanOrEqual(20 * 60);
  expect(done.minutes).toBeLessThanOrEqual(28 * 60);
  const { rows } = await stack.db.pool.query(
    "select actor, after from audit_entry where shop_id = $1 and action = 'orders.reconcile'",
    [shop.id.toString()],
  );
  expect(rows).toEqual([{ actor: "system", after: { missing: 1, sent: 1 } }]);
  await sweep();
  expect(opened).not.toContain(shop.domain);
});

test("what a person has checked counts for the next sweep, and sweeps that find nothing leave no run", async () => {
  const shop = await openShop();
  placeOrder(shop);
  const choice = { since: ago(DAY_MS), by: "created" as const, isDry: false, token: null };
  const queue = { send: async () => {} };
  const start = (owner: string) =>
    startOrderRun({ db: stack.db, queue }, { shop, actor: owner }, choice);
  const { runId } = await start("Ada");
  // From yesterday on, and the shop was never compared before.
  await workOnOrderRun(openSweep(), runId, Infinity);
  expect((await sweepOf(shop.id)).result).toBeNull();
  await makeDue(shop.id);
  await sweep();
  expect(await sweepOf(shop.id)).toMatchObject({ result: "done", orders: 1, missing: 0 });
  placeOrder(shop);
  const again = await start("Ada");
  await workOnOrderRun(openSweep(), again.runId, Infinity);
  expect(await sweepOf(shop.id)).toMatchObject({ result: "done", missing: 1, sent: 1 });
  const { rows } = await stack.db.pool.query("select id from run where shop_id = $1 order by id", [
    shop.id.toString(),
  ]);
  expect(rows).toEqual([{ id: runId }, { id: again.runId }]);
});

test("a run by change times that goes on later counts no further than it has listed", async () => {
  const shop = await openShop();
  placeOrder(shop);
  const choice = { since: ago(3 * DAY_MS), by: "updated" as const, isDry: false, token: null };
  const services = { db: stack.db, queue: { send: async () => {} } };
  const { runId } = await startOrderRun(services, { shop, actor: "Ada" }, choice);
  expect(await workOnOrderRun(openSweep(), runId, 0)).toBe("more");
  const listedAt = Date.now();
  await eventually(() => Date.now() > listedAt);
  expect(await workOnOrderRun(openSweep(), runId, Infinity)).toBe("done");
  const swept = await sweepOf(shop.id);
  expect(swept).toMatchObject({ result: "done", orders: 1, sent: 1 });
  expect(swept.swept_through.getTime()).toBeLessThanOrEqual(listedAt);
});

test("a shop of very many orders is listed in a file, and goes on in its run", async () => {
  const shop = await openShop();
  const eventIds = [placeOrder(shop), placeOrder(shop)];
  await makeDue(shop.id);
  const services = { ...openSweep(), bulkAbove: 1, sandboxUrl: stack.shopify.url };
  await sweepOrders(services);
  expect(await sweepOf(shop.id)).toMatchObject({ result: "done", orders: 2, sent: 2 });
  const { rows } = await stack.db.pool.query<{ actor: string; bulk: object }>(
    "select actor, progress->'bulk' as bulk from run where shop_id = $1",
    [shop.id.toString()],
  );
  expect(rows).toMatchObject([{ actor: "system", bulk: { id: expect.any(String) } }]);
  await eventually(() => acceptedOf(stack.pinterest, shop).length === eventIds.length);
});

test("the next sweep begins where the last one ended, and orders from before the install are left", async () => {
  const shop = await openShop();
  const early = placeOrder(shop, 60 * HOUR_MS);
  placeOrder(shop, 20 * HOUR_MS);
  await makeDue(shop.id);
  await sweep();
  placeOrder(shop, 40 * HOUR_MS);
  await makeDue(shop.id);
  await sweep();
  expect(await sweepOf(shop.id)).toMatchObject({ orders: 0, missing: 0 });
  const states = await readStates(stack.db, shop.id);
  expect(states).toHaveLength(1);
  expect(states).not.toMatchObject([{ event_id: early }]);
});

test("an order whose webhook may still come is looked at again soon", async () => {
  const shop = await openShop();
  placeOrder(shop, 60_000);
  await makeDue(shop.id);
  await sweep();
  expect(await sweepOf(shop.id)).toMatchObject({ result: "done", sent: 0, minutes: 15 });
  expect(await readStates(stack.db, shop.id)).toEqual([]);
});

test("a shop that is new gets its time within a day", async () => {
  const shop = await openShop();
  await change("delete from order_sweep where shop_id = $1", shop.id);
  await sweep();
  const { minutes } = await sweepOf(shop.id);
  expect(minutes).toBeGreaterThanOrEqual(0);
  expect(minutes).toBeLessThanOrEqual(24 * 60);
});

test("each shop fails alone, and is asked again soon, or tomorrow where a person has to help", async () => {
  const [silent, closed, denied, well] = [
    await openShop(),
    await openShop(),
    await openShop(),
    await openShop(),
  ];
  for (const shop of [silent, closed, denied, well]) {
    placeOrder(shop);
    await makeDue(shop.id);
  }
  // The count and the list, each asked for three times where there is no answer.
  stack.shopify.trouble(silent.domain, Array(6).fill("silent"));
  stack.shopify.trouble(denied.domain, ["denied", "denied"]);
  unopened.add(closed.domain);
  await sweep();
  expect(await sweepOf(well.id)).toMatchObject({ result: "done", sent: 1 });
  expect(await sweepOf(silent.id)).toMatchObject({ result: "silent", minutes: 15, swept_at: null });
  expect(await sweepOf(denied.id)).toMatchObject({ result: "denied", swept_at: null });
  expect((await sweepOf(closed.id)).result).toBe("no_session");
  expect((await sweepOf(closed.id)).minutes).toBeGreaterThan(1_000);
  await makeDue(silent.id);
  await sweep();
  expect(await sweepOf(silent.id)).toMatchObject({ result: "done", sent: 1 });
});

describe("an outage of ours", () => {
  const beatOf = (countRefused: () => number) =>
    createBeat({ db: { reserved: stack.db }, log, countRefused });

  test("has every shop compared at once, and once", async () => {
    const shop = await openShop();
    placeOrder(shop);
    const beat = beatOf(() => 0);
    await beat();
    await beat();
    await sweep();
    expect(opened).not.toContain(shop.domain);
    await stack.db.pool.query("update intake_beat set beat_at = now() - interval '11 minutes'");
    await beat();
    await sweep();
    expect(opened).toContain(shop.domain);
    expect(await sweepOf(shop.id)).toMatchObject({ sent: 1 });
    await sweep();
    expect(opened).not.toContain(shop.domain);
  });

  test("is also a burst of webhooks that were sent back, however long before the next beat", async () => {
    const shop = await openShop();
    let refused = 9;
    const beat = beatOf(() => refused);
    await beat();
    refused += 9;
    await beat();
    await sweep();
    expect(opened).not.toContain(shop.domain);
    refused += 10;
    await beat();
    await sweep();
    expect(opened).toContain(shop.domain);
  });
});

describe("a shop whose rhythm is known", () => {
  /** An order every hour, the last one so many minutes ago. */
  async function openRegularShop(lastMinutes: number): Promise<Shop> {
    const shop = await openShop();
    await stack.db.pool.query(
      `insert into count_bucket (shop_id, bucket, kind, source, state, reason, n)
        select $1, date_bin('15 minutes', now() - make_interval(mins => $2, hours => h), 'epoch'),
          'checkout', 'web', 'accepted', '', 1 from generate_series(0, 100) h`,
      [shop.id.toString(), lastMinutes],
    );
    await change("update order_sweep set silent_at = now() where shop_id = $1", shop.id);
    return shop;
  }

  test("is compared when it is silent for longer, and not again for the same silence", async () => {
    const shop = await openRegularShop(150);
    placeOrder(shop);
    await sweep();
    expect(await sweepOf(shop.id)).toMatchObject({ sent: 1, silent_at: null });
    await sweep();
    expect(opened).not.toContain(shop.domain);
  });

  test("is left alone while its orders come", async () => {
    const shop = await openRegularShop(20);
    await sweep();
    expect(opened).not.toContain(shop.domain);
    const { silent_at: at } = await sweepOf(shop.id);
    expect(at.getTime()).toBeGreaterThan(Date.now());
    expect(at.getTime()).toBeLessThan(Date.now() + 2 * HOUR_MS);
  });
});
