import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "#app/platform/db.server.ts";
import { createRegistry } from "#app/platform/metrics.server.ts";
import { installShop } from "#app/shops/install-shop.server.ts";
import { orderBody } from "#test/sandbox/sample-orders.ts";
import { signWebhook } from "#test/sandbox/shopify/webhook-signing.ts";
import { openTestDatabase } from "#test/support/database.ts";
import { type IntakeServer, SECRET, startIntakeServer } from "#test/support/intake-server.ts";
import { makeShop, miscounts, readStates, testKeyring } from "#test/support/outbox-fixture.ts";

let db: Database;
let intake: IntakeServer;
let shop: Awaited<ReturnType<typeof makeShop>>;
const keyring = testKeyring();

beforeAll(async () => {
  db = await openTestDatabase();
  intake = await startIntakeServer({ db, keyring });
});
afterAll(async () => {
  await intake.close();
  await db.close();
});
beforeEach(async () => {
  shop = await makeShop({ db, keyring });
});

function freshOrder(id: string): Record<string, unknown> {
  const now = new Date();
  return orderBody({ id, seed: Number(id), country: "US", createdAt: now, processedAt: now });
}

describe("what is refused", () => {
  test.each([
    ["a wrong signature", { "x-shopify-hmac-sha256": signWebhook("another secret", "{}") }, 401],
    ["no signature", { "x-shopify-hmac-sha256": undefined }, 401],
    ["an empty signature", { "x-shopify-hmac-sha256": "" }, 401],
    ["a hexadecimal signature", { "x-shopify-hmac-sha256": "ab".repeat(32) }, 401],
    ["no topic", { "x-shopify-topic": undefined }, 400],
    ["no shop", { "x-shopify-shop-domain": undefined }, 400],
    ["a shop that is not Shopify's", { "x-shopify-shop-domain": "evil.example" }, 400],
    ["no webhook id", { "x-shopify-webhook-id": undefined }, 400],
    ["no API version", { "x-shopify-api-version": undefined }, 400],
    ["an encoded body", { "content-encoding": "gzip" }, 415],
  ])("%s", async (_, changes, status) => {
    const delivered = await intake.deliver(
      "orders/create",
      shop.domain,
      freshOrder("900"),
      changes,
    );
    expect(delivered.status).toBe(status);
    expect(JSON.parse(delivered.text)).toEqual({
      error: { code: expect.any(String), message: expect.any(String) },
    });
    expect(delivered.text).not.toContain("myshopify");
    expect(await readStates(db, shop.id)).toEqual([]);
  });

  test("another method than POST", async () => {
    const response = await fetch(`${intake.url}/webhooks`);
    expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
  });

  test.each(["[]", '"text"', "7", "null", "not json", '{"id": 1', "", "\u0000"])(
    "a signed body that is no JSON object: %j, and it is kept nowhere",
    async (body) => {
      for (const topic of ["orders/create", "app/uninstalled", "shop/redact"]) {
        expect((await intake.deliver(topic, shop.domain, body)).status).toBe(400);
      }
      expect(await readStates(db, shop.id)).toEqual([]);
      const { rows } = await db.pool.query("select 1 from receipt where shop_id = $1", [shop.id]);
      expect(rows).toEqual([]);
    },
  );

  test("bytes that are not UTF-8", async () => {
    const body = Buffer.concat([
      Buffer.from('{"id":1,"email":"'),
      Buffer.from([0xff, 0xfe, 0x22, 0x7d]),
    ]);
    expect((await intake.deliver("orders/create", shop.domain, body)).status).toBe(400);
  });
});

describe("what is taken", () => {
  test("an order signed with the secret of before the rotation, which the metrics tell from a wrong one", async () => {
    const registry = createRegistry();
    const rotated = await startIntakeServer(
      { db, keyring },
      { secrets: ["the new secret", SECRET], registry },
    );
    const deliver = (headers = {}) =>
      rotated.deliver("orders/create", shop.domain, freshOrder("901"), headers);
    expect((await deliver()).status).toBe(200);
    for (const secret of ["the new secret", "another", "a third"]) {
      const body = JSON.stringify(freshOrder("904"));
      const signed = { "x-shopify-hmac-sha256": signWebhook(secret, body) };
      await rotated.deliver("orders/create", "nobody.myshopify.com", body, signed);
    }
    const counted = (await registry.metrics()).match(/^webhook_hmac_failures_total.*$/gm);
    expect(counted).toEqual([
      'webhook_hmac_failures_total{key_id="current"} 1',
      'webhook_hmac_failures_total{key_id="all"} 2',
    ]);
    await rotated.close();
    expect(await readStates(db, shop.id)).toMatchObject([{ event_id: "order-901-checkout" }]);
  });

  test("an id above 2^53, digit by digit", async () => {
    const body = JSON.stringify(freshOrder("902")).replace('"id":902', '"id":820982911946154508');
    expect((await intake.deliver("orders/create", shop.domain, body)).status).toBe(200);
    expect(await readStates(db, shop.id)).toMatchObject([
      { event_id: "order-820982911946154508-checkout" },
    ]);
  });

  test("the same order by orders/create and orders/paid, and each delivered twice, as one event", async () => {
    const order = freshOrder("903");
    for (const topic of ["orders/paid", "orders/create", "orders/create", "orders/paid"]) {
      expect((await intake.deliver(topic, shop.domain, order)).status).toBe(200);
    }
    expect(await readStates(db, shop.id)).toMatchObject([
      { event_id: "order-903-checkout", state: "pending" },
    ]);
  });

  test("webhooks of a topic we do not use, or of a shop that is not installed: 200, and nothing is stored", async () => {
    expect((await intake.deliver("products/update", shop.domain, { id: 1 })).status).toBe(200);
    const unknown = "not-installed.myshopify.com";
    expect((await intake.deliver("orders/create", unknown, freshOrder("904"))).status).toBe(200);
    const { rows } = await db.pool.query("select 1 from event where order_id = '904'");
    expect(rows).toEqual([]);
  });

  test("a changed setting holds from the next webhook on", async () => {
    await intake.deliver("orders/create", shop.domain, { ...freshOrder("905"), test: true });
    await db.pool.query(
      `update shop set settings = '{"test_orders":"send"}', settings_version = settings_version + 1 where id = $1`,
      [shop.id],
    );
    await intake.deliver("orders/create", shop.domain, { ...freshOrder("906"), test: true });
    expect(await readStates(db, shop.id)).toMatchObject([
      { event_id: "order-905-checkout", state: "skipped", reason: "test_order" },
      { event_id: "order-906-checkout", state: "pending" },
    ]);
  });
});

describe("a signed order that cannot be read", () => {
  test("is answered 200 and kept as skipped, with its order id and what was wrong", async () => {
    const order = { ...freshOrder("910"), line_items: "none" };
    expect((await intake.deliver("orders/create", shop.domain, order)).status).toBe(200);
    const { rows } = await db.pool.query(
      `select e.state, e.reason, e.order_id, r.reason as problem from event e
        join receipt r on r.shop_id = e.shop_id and r.source_key = e.source_key where e.shop_id = $1`,
      [shop.id],
    );
    expect(rows).toEqual([
      {
        state: "skipped",
        reason: "unreadable",
        order_id: "910",
        problem: expect.stringContaining("line_items"),
      },
    ]);
  });

  test("gives way to a readable webhook of the same order", async () => {
    await intake.deliver("orders/create", shop.domain, { ...freshOrder("911"), currency: 7 });
    await intake.deliver("orders/paid", shop.domain, freshOrder("911"));
    expect(await readStates(db, shop.id)).toMatchObject([
      { event_id: "order-911-checkout", state: "pending" },
    ]);
  });

  test("without an order id is kept too", async () => {
    await intake.deliver("orders/create", shop.domain, { hello: "world" });
    expect(await readStates(db, shop.id)).toMatchObject([
      { state: "skipped", reason: "unreadable" },
    ]);
  });
});

describe("hostile content", () => {
  const nested = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  const hostile: [string, (order: Record<string, unknown>) => string][] = [
    [
      "a lone surrogate",
      (order) => JSON.stringify({ ...order, name: "#\ud800", email: "a\udfff@x.example" }),
    ],
    ["NUL", (order) => JSON.stringify({ ...order, name: "#\u0000", source_name: "web\u0000" })],
    ["__proto__", (order) => JSON.stringify(order).replace("{", '{"__proto__":{"test":true},')],
    ["nesting 100,000 deep", (order) => JSON.stringify(order).replace("{", `{"x":${nested},`)],
    [
      "nesting 100,000 deep and an id above 2^53",
      (order) => JSON.stringify(order).replace("{", `{"x":${nested},"y":9007199254740993123,`),
    ],
    [
      "1e400",
      (order) =>
        JSON.stringify({ ...order, total_weight: 0 }).replace(
          '"total_weight":0',
          '"total_weight":1e400',
        ),
    ],
    [
      "a price of 1e400",
      (order) => JSON.stringify({ ...order, total_price: "X" }).replace('"X"', "1e400"),
    ],
    ["no customer", (order) => JSON.stringify({ ...order, customer: null })],
    [
      "a name of a million letters",
      (order) => JSON.stringify({ ...order, name: "x".repeat(1_000_000) }),
    ],
  ];

  test.each(hostile)(
    "%s leaves its neighbours in the same commit as they were",
    async (_, spoil) => {
      const orders = ["920", "921", "922"].map(freshOrder);
      const bodies = orders.map((order, index) =>
        index === 1 ? spoil(order) : JSON.stringify(order),
      );
      const answers = await Promise.all(
        bodies.map((body) => intake.deliver("orders/create", shop.domain, body)),
      );
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
      const states = await readStates(db, shop.id);
      expect(states).toHaveLength(3);
      expect(
        states.filter(({ event_id }) => /92[02]/.test(event_id)).map(({ state }) => state),
      ).toEqual(["pending", "pending"]);
      expect(await miscounts(db)).toEqual([]);
    },
  );
});

describe("app and compliance webhooks", () => {
  test("an uninstall ends the install; a late one does not end the next", async () => {
    const body = { id: 1, myshopify_domain: shop.domain };
    const before = new Date(Date.now() - 3_600_000).toISOString();
    const after = new Date(Date.now() + 60_000).toISOString();
    const uninstall = (at: string) =>
      intake.deliver("app/uninstalled", shop.domain, body, { "x-shopify-triggered-at": at });
    const stateNow = async () => {
      const { rows } = await db.pool.query("select state, generation from shop where id = $1", [
        shop.id,
      ]);
      return rows[0];
    };
    expect((await uninstall(before)).status).toBe(200);
    expect(await stateNow()).toEqual({ state: "installed", generation: 1 });
    await uninstall(after);
    expect(await stateNow()).toEqual({ state: "uninstalled", generation: 1 });
    await intake.deliver("orders/create", shop.domain, freshOrder("930"));
    expect(await readStates(db, shop.id)).toEqual([]);
    await installShop({ db }, { domain: shop.domain });
    expect(await stateNow()).toEqual({ state: "installed", generation: 2 });
    await uninstall(before);
    expect(await stateNow()).toEqual({ state: "installed", generation: 2 });
  });

  test("an uninstall whose body names another shop is not believed", async () => {
    const body = { id: 1, myshopify_domain: "another.myshopify.com" };
    expect((await intake.deliver("app/uninstalled", shop.domain, body)).status).toBe(200);
    const { rows } = await db.pool.query("select state from shop where id = $1", [shop.id]);
    expect(rows).toEqual([{ state: "installed" }]);
  });

  test.each(["customers/data_request", "customers/redact", "shop/redact"])(
    "%s is recorded, encrypted, also for a shop we do not know",
    async (topic) => {
      const domain = `gone-${topic.replace(/\W/g, "-").replaceAll("_", "-")}.myshopify.com`;
      const body = { shop_id: 1, shop_domain: domain, customer: { email: "jo@canary.example" } };
      expect((await intake.deliver(topic, domain, body)).status).toBe(200);
      const { rows } = await db.pool.query(
        "select state, body, webhook_id from compliance_request where shop_domain = $1",
        [domain],
      );
      expect(rows).toMatchObject([{ state: "recorded" }]);
      expect(rows[0].body.includes("canary")).toBe(false);
      const opened = await keyring.decrypt(
        db.pool,
        rows[0].body,
        `compliance_request:${domain}:${rows[0].webhook_id}`,
      );
      expect(JSON.parse(opened.toString())).toEqual(body);
    },
  );

  test("a compliance request whose body names another shop is kept as disputed", async () => {
    const body = { shop_id: 1, shop_domain: "another.myshopify.com" };
    await intake.deliver("shop/redact", shop.domain, body);
    const { rows } = await db.pool.query(
      "select state from compliance_request where shop_domain = $1",
      [shop.domain],
    );
    expect(rows).toEqual([{ state: "disputed" }]);
  });
});

describe("when the database cannot store", () => {
  test("the answer is 503 with Retry-After, never 200, and the next delivery is taken", async () => {
    const blocker = await db.pool.connect();
    await blocker.query("begin");
    await blocker.query("lock table event in access exclusive mode");
    const order = freshOrder("940");
    const refused = await intake.deliver("orders/create", shop.domain, order);
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    await blocker.query("rollback");
    blocker.release();
    expect((await intake.deliver("orders/create", shop.domain, order)).status).toBe(200);
    expect(await readStates(db, shop.id)).toMatchObject([{ event_id: "order-940-checkout" }]);
  });
});

describe("Shopify's documented payloads", () => {
  const samples: [string, string, string | null][] = [
    ["orders/create", "orders_create", "test_order"],
    ["orders/paid", "orders_paid", "test_order"],
    ["orders/cancelled", "orders_cancelled", "cancelled"],
    ["checkouts/create", "checkouts_create", "too_old"],
    ["checkouts/update", "checkouts_update", "too_old"],
    ["customers/create", "customers_create", "too_old"],
    ["app/scopes_update", "app_scopes_update", null],
    ["app/uninstalled", "app_uninstalled", null],
    ["customers/data_request", "customers_data_request", null],
    ["customers/redact", "customers_redact", null],
    ["shop/redact", "shop_redact", null],
  ];
  test.each(samples)(
    "%s is taken, with the outcome a merchant would expect",
    async (topic, file, reason) => {
      const body = readFileSync(`test/fixtures/shopify/2026-07.${file}.json`);
      expect((await intake.deliver(topic, shop.domain, body)).status).toBe(200);
      const states = await readStates(db, shop.id);
      expect(states.map(({ state, reason: why }) => [state, why])).toEqual(
        reason === null ? [] : [["skipped", reason]],
      );
      const { rows } = await db.pool.query("select state from shop where id = $1", [shop.id]);
      expect(rows).toEqual([{ state: "installed" }]);
    },
  );
});
