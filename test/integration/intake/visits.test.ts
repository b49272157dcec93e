import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { computeKeyBits } from "#app/events/match-keys.ts";
import { visitKey } from "#app/events/visit.ts";
import { releaseSoon } from "#app/intake/release-soon.server.ts";
import type { VerifiedWebhook } from "#app/intake/store-webhooks.server.ts";
import { claimAccounts } from "#app/outbox/drain/claim-accounts.server.ts";
import { readDueEvents } from "#app/outbox/drain/read-due-events.server.ts";
import { createWaker } from "#app/outbox/schedule-accounts.server.ts";
import { createLogger } from "#app/platform/logger.server.ts";
import { installShop } from "#app/shops/install-shop.server.ts";
import { uninstallShop } from "#app/shops/uninstall-shop.server.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { makeShop, miscounts, strangeKeyring, testKeyring } from "#test/support/outbox-fixture.ts";
import { eventually } from "#test/support/poll.ts";
import { openStoring, type Storing } from "#test/support/storing-fixture.ts";
import { hearPixel, release, seedVisit, type ToldVisit } from "#test/support/visit-fixture.ts";
import { type Body, fixture } from "#test/unit/mapping/web-order.ts";

let db: TestDatabase;
let storing: Storing;
const keyring = testKeyring();
const log = createLogger("silent");

beforeAll(async () => {
  db = await openTestDatabase();
  storing = openStoring({ db, keyring });
});
afterAll(() => db.close());
afterEach(async () => {
  expect(await miscounts(db)).toEqual([]);
});

type Shop = Awaited<ReturnType<typeof makeShop>>;

let orders = 1_000;

function order(shop: Shop, changes: Body = {}, topic = "orders/create"): VerifiedWebhook {
  orders += 1;
  const processed_at = new Date(Date.now() - 60_000).toISOString();
  const tokens = { checkout_token: null, cart_token: null };
  const body = { ...fixture("web-order"), id: orders, processed_at, ...tokens, ...changes };
  return storing.webhook(shop, topic, body);
}

const queries: string[] = [];
/** Shops for whose held orders intake has looked by itself, which it does after it has answered. */
const looked = new Set<string>();

const store = (...group: VerifiedWebhook[]) => storeIn(db, ...group);

const storeIn = (database: typeof db, ...group: VerifiedWebhook[]) => {
  const pool = Object.create(db.pool, {
    query: {
      value: async (statement: { name?: string; values?: string[][] }, ...rest: []) => {
        const answer = await db.pool.query(statement as never, ...rest);
        queries.push(statement.name ?? "");
        if (statement.name === "find-held")
          for (const shop of statement.values?.[0] ?? []) looked.add(shop);
        return answer;
      },
    },
  });
  return storing.store(group, { ...database, pool });
};

async function eventsOf(shop: Shop) {
  const { rows } = await db.pool.query<Record<"event_id" | "state" | "reason" | "consent", string>>(
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

test("a group's orders find their visits in one query: by checkout, by cart, and by order where a storefront made it", async () => {
  const shop = await shopWithPixel();
  const known: [key: string, changes: Body][] = [
    [visitKey("checkout", "token-1"), { checkout_token: "token-1", cart_token: "cart-0" }],
    [visitKey("order", "5002"), { id: 5002, checkout_token: null }],
    [visitKey("cart", "cart-3"), { id: 5003, cart_token: "cart-3" }],
    // Its number was guessed by a stranger.
    [visitKey("order", "5005"), { id: 5005, source_name: "pos" }],
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
    "order-5005-checkout",
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
  const foreign = { db, keyring: strangeKeyring() };
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

test("the number of an order alone, which can be guessed, gives it no id and no evidence of a stranger's", async () => {
  const shop = await shopWithPixel();
  const orders = [91, 92].map((id) => ({
    id,
    checkout_token: `token-${id}`,
    cart_token: "cart-9",
  }));
  for (const { id } of orders) {
    const place = { shopId: shop.id, key: visitKey("order", String(id)) };
    await seedVisit({ db, keyring }, place, { completedEventId: "sh-invented" });
  }
  await seedVisit({ db, keyring }, { shopId: shop.id, key: visitKey("cart", "cart-9") });
  await store(...orders.map((changes) => order(shop, changes)));
  expect(await eventsOf(shop)).toMatchObject([
    { event_id: "order-91-checkout", consent: "allowed:browser", state: "held" },
    { event_id: "order-92-checkout", consent: "allowed:browser", state: "held" },
  ]);
});

test("what a shopper refused before the app left and came back holds, though no pixel was heard since", async () => {
  const shop = await shopWithPixel();
  const refused = { consent: { marketingAllowed: false } };
  await seedVisit(
    { db, keyring },
    { shopId: shop.id, key: visitKey("checkout", "token-1") },
    refused,
  );
  await uninstallShop({ db }, { domain: shop.domain, triggeredAt: new Date() });
  await installShop({ db }, { domain: shop.domain });
  await store(order(shop, { id: 95, checkout_token: "token-1" }));
  expect(await eventsOf(shop)).toMatchObject([{ state: "skipped", reason: "consent_refused" }]);
});

test("the number of an order alone, which can be guessed, takes a shopper's consent back and never gives it", async () => {
  const shop = await shopWithPixel();
  const french = { checkout_token: "token-1", shipping_address: { country_code: "FR" } };
  for (const [id, marketingAllowed] of [
    [81, true],
    [82, false],
  ] as const) {
    const key = visitKey("order", String(id));
    await seedVisit({ db, keyring }, { shopId: shop.id, key }, { consent: { marketingAllowed } });
    await store(order(shop, { id, ...french }));
  }
  expect(await eventsOf(shop)).toMatchObject([
    { state: "skipped", reason: "consent_unknown" },
    { state: "skipped", reason: "consent_refused" },
  ]);
});

describe("an order whose browser has not told the purchase", () => {
  const place = (shop: Shop) => ({ shopId: shop.id, key: visitKey("checkout", "token-1") });
  const complete = (shop: Shop, told: ToldVisit = {}) =>
    seedVisit({ db, keyring }, place(shop), { completedEventId: "sh-done", ...told });
  const releaseOf = (shop: Shop) =>
    release({ db, keyring }, { shopId: shop.id, checkoutToken: "token-1" });

  async function shopWithHeldOrder(): Promise<Shop> {
    const shop = await shopWithPixel();
    await seedVisit({ db, keyring }, place(shop), { evidence: { ip: null } });
    await store(order(shop, { id: 1, checkout_token: "token-1" }));
    expect(await eventsOf(shop)).toMatchObject([
      { event_id: "order-1-checkout", state: "held", id_source: "order" },
    ]);
    // What the browser tells from now on is found by the test's own release alone.
    await eventually(() => looked.has(shop.id.toString()));
    return shop;
  }

  /** Intake may have been quicker than the test, and is at it. */
  const becomes = (shop: Shop, ...events: object[]) =>
    eventually(async () => {
      expect(await eventsOf(shop)).toMatchObject(events);
      return true;
    });

  async function payloadOf(shop: Shop) {
    const { rows } = await db.pool.query<{ body: Buffer; notes: string }>(
      `select p.body, p.notes from event e join event_payload p
        on p.drop_on = e.payload_drop_on and p.event_ref = e.id where e.shop_id = $1`,
      [shop.id.toString()],
    );
    const [row] = rows;
    const identity = `event_payload:${shop.id}:checkout:1`;
    if (row === undefined) return undefined;
    const text = await keyring.decrypt(db.pool, row.body, identity);
    return { ...row, event: JSON.parse(text.toString()) };
  }

  test("waits so long as the shop says, and two seconds in which nothing changes", async () => {
    const shop = await shopWithHeldOrder();
    const { rows } = await db.pool.query<{ s: number }>(
      "select extract(epoch from next_at - created_at)::integer as s from event where shop_id = $1",
      [shop.id.toString()],
    );
    expect(rows).toEqual([{ s: 32 }]);
  });

  test("takes its id and evidence when it does, and is due at once", async () => {
    const shop = await shopWithHeldOrder();
    expect(await releaseOf(shop)).toBe(0);
    await complete(shop);
    await releaseOf(shop);
    const released = { event_id: "sh-done", state: "pending", id_source: "browser" };
    await becomes(shop, { ...released, consent: "allowed:browser" });
    expect(await releaseOf(shop)).toBe(0);
    const payload = await payloadOf(shop);
    expect(payload?.event).toMatchObject({
      event_id: "sh-done",
      user_data: { client_ip_address: "203.0.113.7" },
    });
    expect(payload?.notes).toContain("client_ip_address=browser");
    const { rows } = await db.pool.query<{ key_bits: number; is_due: boolean; token: null }>(
      "select key_bits, next_at <= now() as is_due, checkout_token as token from event where shop_id = $1",
      [shop.id.toString()],
    );
    const key_bits = computeKeyBits(payload?.event.user_data);
    expect(rows).toEqual([{ key_bits, is_due: true, token: null }]);
  });

  test("finds what was told while it was stored", async () => {
    const shop = await shopWithPixel();
    await seedVisit({ db, keyring }, place(shop));
    const told: typeof db.transaction = async (work, limits) => {
      const result = await db.transaction(work, limits);
      await complete(shop);
      return result;
    };
    await storeIn({ ...db, transaction: told }, order(shop, { id: 1, checkout_token: "token-1" }));
    await becomes(shop, { event_id: "sh-done", state: "pending" });
  });

  test("is skipped when it was refused while it was stored, by its number alone or by its cart too", async () => {
    const shop = await shopWithPixel();
    const cart = (n: number) => ({ shopId: shop.id, key: visitKey("cart", `cart-${n}`) });
    const number = (n: number) => ({ shopId: shop.id, key: visitKey("order", String(n)) });
    for (const n of [1, 2]) await seedVisit({ db, keyring }, cart(n));
    const told: typeof db.transaction = async (work, limits) => {
      const result = await db.transaction(work, limits);
      for (const key of [number(1), number(2), cart(2)]) {
        await seedVisit({ db, keyring }, key, { consent: { marketingAllowed: false } });
      }
      return result;
    };
    const orderOf = (id: number) =>
      order(shop, { id, checkout_token: `token-${id}`, cart_token: `cart-${id}` });
    await storeIn({ ...db, transaction: told }, orderOf(1), orderOf(2));
    const refused = { state: "skipped", reason: "consent_refused" };
    await becomes(shop, refused, refused);
  });

  test("is joined a moment later where its row was locked when its browser told", async () => {
    const shop = await shopWithHeldOrder();
    await complete(shop);
    const waker = createWaker({ db, log });
    let tries = 0;
    const transaction: typeof db.transaction = (work, limits) => {
      tries += 1;
      const refused = Object.assign(new Error("lock timeout"), { code: "55P03" });
      return tries === 1 ? Promise.reject(refused) : db.transaction(work, limits);
    };
    releaseSoon({ db: { ...db, transaction }, keyring, log, waker }, [place(shop)]);
    await becomes(shop, { event_id: "sh-done", state: "pending" });
    expect(tries).toBe(2);
  });

  test("is skipped when the shopper refuses meanwhile, and its payload goes", async () => {
    const shop = await shopWithHeldOrder();
    await complete(shop, { completedEventId: null, consent: { marketingAllowed: false } });
    await releaseOf(shop);
    await becomes(shop, {
      event_id: "order-1-checkout",
      state: "skipped",
      reason: "consent_refused",
      consent: "refused:browser",
    });
    const { rowCount } = await db.pool.query("select from event_payload where shop_id = $1", [
      shop.id.toString(),
    ]);
    expect(rowCount).toBe(0);
  });

  test("is skipped when the shopper refuses on a page of the store, which knows its cart alone", async () => {
    const shop = await shopWithPixel();
    const cart = { shopId: shop.id, key: visitKey("cart", "cart-1") };
    await seedVisit({ db, keyring }, cart, { startedEventId: null });
    await store(order(shop, { id: 1, checkout_token: "token-1", cart_token: "cart-1" }));
    expect(await eventsOf(shop)).toMatchObject([{ state: "held" }]);
    await storing.tell(shop, "consent_changed", {
      consent: { marketingAllowed: false },
      data: { cart: { id: "gid://shopify/Cart/cart-1" } },
    });
    await becomes(shop, { state: "skipped", reason: "consent_refused" });
  });

  test("is skipped when the refusal names its number alone, unless the browser told of its checkout", async () => {
    const shop = await shopWithPixel();
    const cart = { shopId: shop.id, key: visitKey("cart", "cart-1") };
    await seedVisit({ db, keyring }, cart, { startedEventId: null });
    const tokens = { cart_token: "cart-1" };
    await store(
      order(shop, { id: 1, checkout_token: "token-1", ...tokens }),
      order(shop, { id: 2, checkout_token: "token-2", ...tokens }),
    );
    const own = { shopId: shop.id, key: visitKey("checkout", "token-2") };
    await seedVisit({ db, keyring }, own, { completedEventId: null });
    const keys = ["1", "2"].map((id) => ({ shopId: shop.id, key: visitKey("order", id) }));
    for (const key of keys) {
      await seedVisit({ db, keyring }, key, { consent: { marketingAllowed: false } });
    }
    releaseSoon({ db, keyring, log, waker: createWaker({ db, log }) }, keys);
    const states = await eventually(async () => {
      const rows = await eventsOf(shop);
      return rows.some(({ state }) => state === "skipped") ? rows : undefined;
    });
    expect(states.map(({ state }) => state)).toEqual(["skipped", "held"]);
  });

  test.each([
    ["its cart", visitKey("cart", "cart-1")],
    ["its number", visitKey("order", "1")],
  ])("is not sent where %s was refused, and the process ended that heard it", async (_, key) => {
    const shop = await shopWithPixel();
    const cart = { shopId: shop.id, key: visitKey("cart", "cart-1") };
    await seedVisit({ db, keyring }, cart);
    const tokens = { cart_token: "cart-1" };
    await store(
      order(shop, { id: 1, checkout_token: "token-1", ...tokens }),
      order(shop, { id: 2, checkout_token: "token-2", ...tokens }),
    );
    // Due before the refusal is there: else the look that follows the commit may skip an order.
    await db.pool.query("update event set next_at = now() where shop_id = $1", [shop.id]);
    const told = { consent: { marketingAllowed: false } };
    await seedVisit({ db, keyring }, { shopId: shop.id, key }, told);
    // Its browser told of the checkout itself.
    const own = { shopId: shop.id, key: visitKey("checkout", "token-2") };
    await seedVisit({ db, keyring }, own);
    // The order's commit wakes its account a moment later.
    const lease = await eventually(async () => {
      await db.pool.query("update due_account set next_at = now() where ad_account_id = $1", [
        shop.adAccountId,
      ]);
      const claimed = await claimAccounts({ db }, 100);
      return claimed.find(({ adAccountId }) => adAccountId === shop.adAccountId);
    });
    const { due, refused } = await readDueEvents({ db, keyring }, lease);
    expect(due.map(({ payload }) => JSON.parse(payload).event_id)).toEqual(["order-2-checkout"]);
    expect(refused).toHaveLength(1);
  });

  test("keeps its id once a worker may have read it", async () => {
    const shop = await shopWithHeldOrder();
    await db.pool.query(
      "update event set next_at = now() + interval '1900 ms' where shop_id = $1",
      [shop.id.toString()],
    );
    await complete(shop);
    expect(await releaseOf(shop)).toBe(0);
    expect(await eventsOf(shop)).toMatchObject([{ event_id: "order-1-checkout", state: "held" }]);
    expect((await payloadOf(shop))?.event.event_id).toBe("order-1-checkout");
  });

  test("is withdrawn when it is cancelled meanwhile", async () => {
    const shop = await shopWithHeldOrder();
    const gone = { id: 1, checkout_token: "token-1", cancelled_at: new Date().toISOString() };
    await store(order(shop, gone, "orders/cancelled"));
    await complete(shop);
    expect(await releaseOf(shop)).toBe(0);
    expect(await eventsOf(shop)).toMatchObject([{ state: "skipped", reason: "cancelled" }]);
  });

  test("goes as it is where the visit, or its own payload, cannot be decrypted", async () => {
    const shop = await shopWithHeldOrder();
    await seedVisit({ db, keyring: strangeKeyring() }, place(shop), {
      completedEventId: "sh-done",
    });
    expect(await releaseOf(shop)).toBe(0);
    await complete(shop);
    await db.pool.query("update event_payload set body = '\\x00' where shop_id = $1", [
      shop.id.toString(),
    ]);
    expect(await releaseOf(shop)).toBe(0);
    expect(await eventsOf(shop)).toMatchObject([{ event_id: "order-1-checkout", state: "held" }]);
  });
});
