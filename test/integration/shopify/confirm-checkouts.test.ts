import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { visitKey } from "#app/events/visit.ts";
import { createWaker } from "#app/outbox/schedule-accounts.server.ts";
import { createLogger } from "#app/platform/logger.server.ts";
import { refuseWhileHolding } from "#app/platform/work/held-connection.server.ts";
import { confirmCheckouts } from "#app/reconciliation/confirm-checkouts.server.ts";
import type { ShopifyAdmin } from "#app/shopify/ask-shopify.server.ts";
import { findShop } from "#app/shops/find-shop.server.ts";
import { changeSettings } from "#app/shops/settings/change-settings.server.ts";
import { orderBody } from "#test/sandbox/sample-orders.ts";
import { startIntakeServer } from "#test/support/intake-server.ts";
import { miscounts, readStates } from "#test/support/outbox-fixture.ts";
import { eventually } from "#test/support/poll.ts";
import { hearPixel, seedVisit, type ToldVisit } from "#test/support/visit-fixture.ts";
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

const log = createLogger("silent");
/** How Shopify answers a shop at present; not named here: as it is. */
const answers = new Map<string, () => never>();
let asked: string[] = [];

/** As the job does, after the checks' time has come. */
async function check(): Promise<void> {
  await stack.db.pool.query("update visit set check_at = now() where check_at is not null");
  asked = [];
  const openAdmin = async (domain: string): Promise<ShopifyAdmin> => {
    const admin = await stack.adminOf(domain);
    return {
      graphql(query, options) {
        refuseWhileHolding("Shopify");
        asked.push(domain);
        answers.get(domain)?.();
        return admin.graphql(query, options as never);
      },
    };
  };
  const { db, keyring } = stack;
  const waker = createWaker({ db, log });
  await confirmCheckouts({ db, keyring, log, waker, openAdmin, nowMs: Date.now });
  await waker.settle(5_000);
}

async function openShop(): Promise<Shop> {
  const shop = await stack.openShop();
  const { id = 0n } = (await findShop(stack, shop.domain)) ?? {};
  await hearPixel(stack.db, id);
  return { id, ...shop };
}

let orders = 9_000;

/** An order that Shopify has, and whose webhook did not come. */
function placeOrder(shop: Shop, options: Partial<Parameters<typeof orderBody>[0]> = {}) {
  orders += 1;
  const order = orderBody({ id: orders, checkoutToken: `token-${orders}`, ...options });
  stack.records.putOrder(shop.domain, order);
  return { order, id: String(orders), token: `token-${orders}` };
}

/** What the pixel's commit leaves: the checkout under each key that it is known by. */
async function complete(
  shop: Shop,
  { token, id }: { token?: string; id?: string },
  told: ToldVisit = {},
): Promise<void> {
  const keys = [token && visitKey("checkout", token), id && visitKey("order", id)];
  for (const key of keys) {
    const place = { shopId: shop.id, key: key ?? "" };
    if (key) await seedVisit(stack, place, { completedEventId: `sh-${token}`, ...told });
  }
}

async function deliver(shop: Shop, order: object): Promise<void> {
  const intake = await startIntakeServer(stack);
  expect((await intake.deliver("orders/create", shop.domain, order)).status).toBe(200);
  await intake.close();
}

async function openChecks(shop: Shop): Promise<number> {
  const { rowCount } = await stack.db.pool.query(
    "select from visit where shop_id = $1 and check_at is not null",
    [shop.id.toString()],
  );
  return rowCount ?? 0;
}

describe("a completed checkout that no webhook confirms", () => {
  test("is sent once Shopify has its order, made of the order and joined to the browser", async () => {
    const shop = await openShop();
    const { token, id } = placeOrder(shop);
    await complete(shop, { token, id });
    await check();
    const sent = await eventually(() => acceptedOf(stack.pinterest, shop)[0]);
    expect(sent).toMatchObject({
      eventId: `sh-${token}`,
      count: 1,
      event: {
        custom_data: { order_id: id },
        user_data: { client_ip_address: "203.0.113.7", client_user_agent: expect.anything() },
      },
    });
    expect(await openChecks(shop)).toBe(0);
    await check();
    expect(asked).not.toContain(shop.domain);
  });

  test("and is invented is never sent, whatever order it names, and is given up", async () => {
    const shop = await openShop();
    const real = placeOrder(shop);
    await complete(shop, { token: "forged", id: real.id });
    await complete(shop, { token: 'x" OR name:"1' });
    for (let round = 0; round < 3; round += 1) {
      expect(await openChecks(shop)).toBeGreaterThan(0);
      await check();
    }
    expect(await openChecks(shop)).toBe(0);
    expect(await readStates(stack.db, shop.id)).toEqual([]);
  });

  test("is asked for again later where its order comes late", async () => {
    const shop = await openShop();
    await complete(shop, { token: `token-${orders + 1}` });
    await check();
    expect(await readStates(stack.db, shop.id)).toEqual([]);
    placeOrder(shop);
    await check();
    expect(await readStates(stack.db, shop.id)).toHaveLength(1);
  });

  test.each([
    [
      "gives no answer",
      () => {
        throw new TypeError("fetch failed");
      },
    ],
    [
      "denies",
      () => {
        throw new Response(null, { status: 403 });
      },
    ],
  ])("waits while Shopify %s, and another shop's does not", async (_name, answer) => {
    const [shop, other] = [await openShop(), await openShop()];
    await complete(shop, placeOrder(shop));
    await complete(other, placeOrder(other));
    answers.set(shop.domain, answer);
    for (let round = 0; round < 4; round += 1) await check();
    answers.delete(shop.domain);
    expect(await readStates(stack.db, shop.id)).toEqual([]);
    expect(await readStates(stack.db, other.id)).toHaveLength(1);
    await check();
    expect(await readStates(stack.db, shop.id)).toHaveLength(1);
  });

  test("is not asked for in a shop that does without", async () => {
    const shop = await openShop();
    const changes = { pixel_fallback: "off" };
    await changeSettings(stack, { domain: shop.domain, changes, actor: "test" });
    await complete(shop, placeOrder(shop));
    await check();
    expect(asked).not.toContain(shop.domain);
    expect(await openChecks(shop)).toBe(0);
    expect(await readStates(stack.db, shop.id)).toEqual([]);
  });

  test("waits for the payment in a shop whose purchases are paid orders", async () => {
    const shop = await openShop();
    const changes = { purchase_trigger: "order_paid" };
    await changeSettings(stack, { domain: shop.domain, changes, actor: "test" });
    await complete(shop, placeOrder(shop, { financialStatus: "pending" }));
    await check();
    expect(await readStates(stack.db, shop.id)).toEqual([]);
    await complete(shop, placeOrder(shop));
    await check();
    expect(await readStates(stack.db, shop.id)).toHaveLength(1);
  });
});

test("one whose order has an event is not asked for, under whatever id that was sent", async () => {
  const shop = await openShop();
  const { order, token, id } = placeOrder(shop);
  await deliver(shop, order);
  await complete(shop, { token, id });
  await check();
  expect(asked).not.toContain(shop.domain);
  expect(await openChecks(shop)).toBe(0);
  expect(await readStates(stack.db, shop.id)).toMatchObject([{ event_id: `order-${id}-checkout` }]);
});

test("thousands of checkouts invented in one shop have Shopify asked about no confirmed one of another", async () => {
  const [forged, shop] = [await openShop(), await openShop()];
  await stack.db.pool.query(
    `insert into visit (shop_id, visit_key, completed_event_id, told_at, is_refused, body, check_at)
      select $1, 'checkout:forged-' || n, 'forged-' || n, now(), false, '', now()
      from generate_series(1, 3000) n`,
    [forged.id.toString()],
  );
  const { order, token, id } = placeOrder(shop);
  await deliver(shop, order);
  await complete(shop, { token, id });
  await check();
  expect(asked).not.toContain(shop.domain);
  expect(await openChecks(shop)).toBe(0);
  await stack.db.pool.query("delete from visit where shop_id = $1", [forged.id.toString()]);
});

test("an order that was skipped for want of consent is sent when its visit has it", async () => {
  const shop = await openShop();
  const { order, token, id } = placeOrder(shop, { country: "FR" });
  await deliver(shop, order);
  expect(await readStates(stack.db, shop.id)).toMatchObject([{ reason: "consent_unknown" }]);
  await complete(shop, { token, id }, { consent: { marketingAllowed: null } });
  await check();
  expect(await readStates(stack.db, shop.id)).toMatchObject([{ reason: "consent_unknown" }]);
  await complete(shop, { token, id });
  await check();
  await eventually(() => acceptedOf(stack.pinterest, shop)[0]?.eventId === `sh-${token}`);
});
