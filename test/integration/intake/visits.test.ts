import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { visitKey } from "#app/events/visit.ts";
import { storeWebhooks, type VerifiedWebhook } from "#app/intake/store-webhooks.server.ts";
import { createWaker } from "#app/outbox/waker.server.ts";
import { createLogger } from "#app/platform/logger.server.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { makeShop, miscounts, testKeyring } from "#test/support/outbox-fixture.ts";
import { hearPixel, seedVisit } from "#test/support/visit-fixture.ts";
import { type Body, fixture } from "#test/unit/mapping/web-order.ts";

let db: TestDatabase;
const keyring = testKeyring();
const log = createLogger("silent");

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());
afterEach(async () => {
  expect(await miscounts(db)).toEqual([]);
});

type Shop = Awaited<ReturnType<typeof makeShop>>;

let webhooks = 0;

function webhook(shop: Shop, topic: string, body: Body): VerifiedWebhook {
  webhooks += 1;
  const headers = { shopDomain: shop.domain, topic, webhookId: `v-${webhooks}`, triggeredAt: null };
  return { headers, body: Buffer.from(JSON.stringify(body)) };
}

let orders = 1_000;

function order(shop: Shop, changes: Body = {}, topic = "orders/create"): VerifiedWebhook {
  orders += 1;
  const processed_at = new Date(Date.now() - 60_000).toISOString();
  const tokens = { checkout_token: null, cart_token: null };
  const body = { ...fixture("web-order"), id: orders, processed_at, ...tokens, ...changes };
  return webhook(shop, topic, body);
}

const queries: string[] = [];

const store = (...group: VerifiedWebhook[]) => {
  const pool = Object.create(db.pool, {
    query: {
      value: (statement: { name?: string }, ...rest: []) => {
        queries.push(statement.name ?? "");
        return db.pool.query(statement as never, ...rest);
      },
    },
  });
  const waker = createWaker({ db, log });
  const services = { db: { ...db, pool }, keyring, log, waker, nowMs: Date.now };
  return storeWebhooks({ ...services, serialize: (work) => work() }, group);
};

async function eventsOf(shop: Shop) {
  const { rows } = await db.pool.query<{ event_id: string; state: string; consent: string }>(
    "select event_id, id_source, state, reason, consent from event where shop_id = $1 order by id",
    [shop.id.toString()],
  );
  return rows;
}

async function shopWithPixel(): Promise<Shop> {
  const shop = await makeShop({ db, keyring });
  await hearPixel(db, shop.id);
  return shop;
}

test("a group's orders find their visits in one query: by checkout, by order, by cart", async () => {
  const shop = await shopWithPixel();
  const known: [key: string, changes: Body][] = [
    [visitKey("checkout", "token-1"), { checkout_token: "token-1", cart_token: "cart-0" }],
    [visitKey("order", "5002"), { id: 5002, checkout_token: "token-unknown" }],
    [visitKey("cart", "cart-3"), { id: 5003, cart_token: "cart-3" }],
  ];
  for (const [key] of known) {
    await seedVisit({ db, keyring }, { shopId: shop.id, key }, { completedEventId: `sh-${key}` });
  }
  // A worse key than the checkout's own.
  const cart = { shopId: shop.id, key: visitKey("cart", "cart-0") };
  await seedVisit({ db, keyring }, cart, { completedEventId: "sh-of-another" });
  queries.length = 0;
  await store(...known.map(([, changes]) => order(shop, changes)), order(shop, { id: 5004 }));
  expect(queries.filter((name) => name === "read-visits")).toHaveLength(1);
  expect((await eventsOf(shop)).map(({ event_id: id }) => id)).toEqual([
    "sh-checkout:token-1",
    "sh-order:5002",
    "sh-cart:cart-3",
    "order-5004-checkout",
  ]);
});

test("a shop without a pixel is asked for no visit, nor does it see another shop's", async () => {
  const [shop, other] = [await makeShop({ db, keyring }), await shopWithPixel()];
  const key = visitKey("checkout", "token-1");
  await seedVisit({ db, keyring }, { shopId: other.id, key }, { completedEventId: "sh-other" });
  queries.length = 0;
  await store(order(shop, { id: 1, checkout_token: "token-1" }));
  expect(queries).not.toContain("read-visits");
  await hearPixel(db, shop.id);
  await store(order(shop, { id: 2, checkout_token: "token-1" }));
  expect(queries).toContain("read-visits");
  expect(await eventsOf(shop)).toMatchObject([
    { event_id: "order-1-checkout" },
    { event_id: "order-2-checkout" },
  ]);
});

test("a visit that cannot be decrypted is as none, unless it is a refusal", async () => {
  const shop = await shopWithPixel();
  const place = { shopId: shop.id, key: visitKey("checkout", "token-1") };
  const foreign = { db, keyring: testKeyring() };
  await seedVisit(foreign, place, { completedEventId: "sh-1" });
  await store(order(shop, { id: 1, checkout_token: "token-1" }));
  await seedVisit(foreign, place, { consent: { marketingAllowed: false } });
  await store(order(shop, { id: 2, checkout_token: "token-1" }));
  expect(await eventsOf(shop)).toMatchObject([
    { event_id: "order-1-checkout", state: "pending", consent: "allowed:consent.default" },
    { state: "skipped", reason: "consent_refused", consent: "refused:browser" },
  ]);
});

test("an order that was skipped for want of consent is taken up where the visit has it by now", async () => {
  const shop = await shopWithPixel();
  const french = { checkout_token: "token-1", shipping_address: { country_code: "FR" }, id: 77 };
  await store(order(shop, french));
  expect(await eventsOf(shop)).toMatchObject([{ reason: "consent_unknown" }]);
  await store(order(shop, french, "orders/paid"));
  expect(await eventsOf(shop)).toMatchObject([{ reason: "consent_unknown" }]);
  const place = { shopId: shop.id, key: visitKey("checkout", "token-1") };
  await seedVisit({ db, keyring }, place, { completedEventId: "sh-1" });
  await store(order(shop, french, "orders/paid"));
  expect(await eventsOf(shop)).toMatchObject([
    { event_id: "sh-1", state: "pending", reason: null, consent: "allowed:browser" },
  ]);
});
