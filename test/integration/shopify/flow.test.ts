import { hash } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { visitKey } from "#app/events/visit.ts";
import { pauseConnection } from "#app/shops/connection/pause-connection.server.ts";
import { findShop } from "#app/shops/find-shop.server.ts";
import { changeSettings } from "#app/shops/settings/change-settings.server.ts";
import { uninstallShop } from "#app/shops/uninstall-shop.server.ts";
import { customerBody } from "#test/sandbox/sample-customers.ts";
import { orderBody } from "#test/sandbox/sample-orders.ts";
import { flowBody } from "#test/sandbox/shopify/run-flow-action.ts";
import { startIntakeServer } from "#test/support/intake-server.ts";
import { readStates, skipWaiting } from "#test/support/outbox-fixture.ts";
import { eventually } from "#test/support/poll.ts";
import { seedVisit } from "#test/support/visit-fixture.ts";
import { acceptedOf, type FlowStack, messageOf, openFlowStack, SECRETS } from "./flow-fixture.ts";

const EMAIL = "jane.canary@example.com";
const sha = (text: string) => hash("sha256", text, "hex");

let stack: FlowStack;

beforeAll(async () => {
  stack = await openFlowStack();
});
afterAll(() => stack?.close());
afterEach(() => stack.pinterest.heal());

type Shop = { domain: string; adAccountId: string };

const sent = (shop: Shop) => acceptedOf(stack.pinterest, shop)[0]?.event;

const accepted = (shop: Shop) => eventually(() => sent(shop));

/** As Shopify's webhook would. */
async function deliverOrder(domain: string, order: object): Promise<void> {
  const intake = await startIntakeServer(stack);
  await intake.deliver("orders/create", domain, order);
  await intake.close();
}

describe("an action of a workflow", () => {
  test("sends no purchase of a shopper whose browser refused marketing", async () => {
    const shop = await stack.openShop();
    const order = orderBody({ id: 6_700 });
    stack.records.putOrder(shop.domain, order);
    const { id: shopId = 0n } = (await findShop(stack, shop.domain)) ?? {};
    const key = visitKey("checkout", order.checkout_token ?? "");
    await seedVisit(stack, { shopId, key }, { consent: { marketingAllowed: false } });
    const run = await stack.run(shop, { eventName: "checkout", order_id: "6700" });
    expect(messageOf(run)).toContain("declined advertising");
    expect(sent(shop)).toBeUndefined();
  });

  test("is accepted once, however often Shopify sends it", async () => {
    const shop = await stack.openShop();
    const properties = { eventName: "lead", email: EMAIL, value: "49.90", currency: "EUR" };
    const runs = [];
    for (let n = 0; n < 3; n += 1) {
      runs.push(await stack.run(shop, properties, { runId: "run-1" }));
    }
    expect(runs.map(({ state }) => state)).toEqual(["completed", "completed", "completed"]);
    expect(runs[2]?.answer).toEqual({ status: "accepted", event_id: "flow-run-1", warning: null });
    expect(acceptedOf(stack.pinterest, shop)).toEqual([
      {
        eventId: "flow-run-1",
        eventName: "lead",
        count: 1,
        event: expect.objectContaining({
          action_source: "web",
          event_source_url: `https://${shop.domain.replace(".myshopify.com", ".example")}`,
          user_data: { em: [sha(EMAIL)] },
          custom_data: { value: "49.90", currency: "EUR" },
        }),
      },
    ]);
  });

  test("takes numbers, absent fields, null and blank ones alike", async () => {
    const shop = await stack.openShop();
    const blanks = { order_id: "", customer_id: null, currency: "USD", eventSourceUrl: "" };
    await stack.run(shop, { eventName: "lead", email: EMAIL, value: 10.5, ...blanks });
    expect(sent(shop)).toMatchObject({
      custom_data: { value: "10.5", currency: "USD" },
    });
  });

  test.each([
    ["Add to Cart", "add_to_cart"],
    ["booked_a_fitting", "booked_a_fitting"],
  ])("named %s is sent as %s", async (eventName, name) => {
    const shop = await stack.openShop();
    stack.pinterest.directory.defineEvent(shop.adAccountId, "booked_a_fitting");
    expect((await stack.run(shop, { eventName, email: EMAIL })).state).toBe("completed");
    expect(sent(shop)?.event_name).toBe(name);
  });
});

describe("a request", () => {
  test("is taken with the signature of the previous secret, while it is rotated", async () => {
    const shop = await stack.openShop();
    const properties = { eventName: "lead", email: EMAIL };
    for (const secret of SECRETS) {
      expect((await stack.run(shop, properties, { secret })).state).toBe("completed");
    }
  });

  test.each([
    ["made by somebody else", { secret: "guessed" }],
    ["missing", { signature: undefined }],
    ["of another body", { signature: "AAAA" }],
  ])("whose signature is %s is refused, and leaves nothing", async (_, options) => {
    const shop = await stack.openShop();
    const run = await stack.run(shop, { eventName: "lead", email: EMAIL }, options);
    expect(run.statuses).toEqual([400]);
    expect(messageOf(run)).toContain("signature");
    expect(acceptedOf(stack.pinterest, shop)).toEqual([]);
  });

  test("that is signed but makes no sense is refused", async () => {
    const shop = await stack.openShop();
    const broken = await stack.run(shop, {}, { body: "{" });
    expect(broken.statuses).toEqual([400]);
    const body = flowBody(shop.domain, "run 1 with spaces", { eventName: "lead" });
    const strange = await stack.run(shop, {}, { body });
    expect(strange.statuses).toEqual([422]);
    expect(messageOf(strange)).toContain("can't be read");
  });

  test("of a store without the app is refused with what to do", async () => {
    const run = await stack.run({ domain: "stranger.myshopify.com" }, { eventName: "lead" });
    expect(run.statuses).toEqual([400]);
    expect(messageOf(run)).toContain("Open Pinrelay in the Shopify admin");
  });

  test("of a store that removed the app is refused", async () => {
    const shop = await stack.openShop();
    await uninstallShop(stack, { domain: shop.domain, triggeredAt: null });
    const run = await stack.run(shop, { eventName: "lead", email: EMAIL });
    expect(run.state).toBe("failed");
    expect(acceptedOf(stack.pinterest, shop)).toEqual([]);
  });

  test("that is no POST is refused", async () => {
    for (const method of ["GET", "PUT"]) {
      expect((await fetch(stack.url, { method })).status).toBe(405);
    }
  });
});

describe("an order in the action", () => {
  test("gives its shopper, value and currency, past the largest number JavaScript can count to", async () => {
    const shop = await stack.openShop();
    const order = orderBody({ id: 9_007_199_254_740_993n, country: "JP", lineCount: 2 });
    stack.records.putOrder(shop.domain, order);
    const body = flowBody(shop.domain, "run-big", { eventName: "lead", order_id: "ID" });
    const raw = body.replace('"ID"', "9007199254740993");
    expect((await stack.run(shop, {}, { body: raw })).state).toBe("completed");
    expect(acceptedOf(stack.pinterest, shop)[0]).toMatchObject({
      eventId: "flow-run-big",
      event: {
        user_data: { em: [sha(order.email.toLowerCase())], country: [sha("jp")] },
        custom_data: {
          order_id: "9007199254740993",
          value: (order as unknown as { subtotal_price: string }).subtotal_price,
          currency: "JPY",
        },
      },
    });
  });

  test("gives way to a value and a currency of the workflow's own", async () => {
    const shop = await stack.openShop();
    const order = orderBody({ id: 5_001 });
    stack.records.putOrder(shop.domain, order);
    const order_id = order.admin_graphql_api_id;
    await stack.run(shop, { eventName: "lead", order_id, value: "12.50" });
    expect(sent(shop)).toMatchObject({
      custom_data: { value: "12.50", currency: "USD", order_id: "5001" },
    });
  });

  test.each([
    ["in the United States", {}],
    ["with 60 lines and prices that include the tax", { lineCount: 60, taxesIncluded: true }],
    ["in yen, seen in dollars", { country: "JP", presentmentCurrency: "USD", discountPercent: 10 }],
  ])(
    "%s: its purchase is the event that its webhook would be, to the digit",
    async (_, options) => {
      const [byFlow, byWebhook] = [await stack.openShop(), await stack.openShop()];
      const createdAt = new Date(Date.now() - 60_000);
      const order = orderBody({ id: 7_001, landingSite: null, createdAt, ...options });
      stack.records.putOrder(byFlow.domain, order);
      await stack.run(byFlow, { eventName: "checkout", order_id: "7001" });
      const { domain } = byWebhook;
      await changeSettings(stack, { domain, changes: { hold_seconds: 0 }, actor: "test" });
      await deliverOrder(domain, order);
      const { user_data, ...event } = await accepted(byWebhook);
      // The Admin API does not tell the browser.
      const { client_ip_address, client_user_agent, ...known } = user_data as Record<
        string,
        unknown
      >;
      expect(client_ip_address).toBeDefined();
      expect(client_user_agent).toBeDefined();
      expect(event.event_id).toBe("order-7001-checkout");
      expect(sent(byFlow)).toEqual({
        ...event,
        user_data: known,
        event_source_url: expect.stringContaining("https://"),
      });
    },
  );

  test("that the store has sent already is not sent again", async () => {
    const shop = await stack.openShop();
    const order = orderBody({ id: 7_002 });
    await deliverOrder(shop.domain, order);
    await skipWaiting(stack.db);
    const { id } = (await findShop(stack, shop.domain)) ?? { id: 0n };
    await eventually(async () => (await readStates(stack.db, id))[0]?.state === "accepted");
    // Shopify does not even have to know it any more.
    const run = await stack.run(shop, { eventName: "checkout", order_id: 7_002 });
    expect(run.answer).toMatchObject({ status: "accepted", event_id: "order-7002-checkout" });
    expect(acceptedOf(stack.pinterest, shop)).toMatchObject([{ count: 1 }]);
  });

  test("of a shopper who forbade the sale of their data says so to Pinterest", async () => {
    const shop = await stack.openShop();
    stack.records.putOrder(shop.domain, orderBody({ id: 7_003 }), { dataSaleOptOut: true });
    await stack.run(shop, { eventName: "checkout", order_id: 7_003 });
    expect(sent(shop)).toMatchObject({
      custom_data: { opt_out_type: "LDP" },
      user_data: { st: [expect.any(String)], country: [sha("us")] },
    });
  });

  test("keeps to the store's rules on consent, with the reason", async () => {
    const shop = await stack.openShop();
    stack.records.putOrder(shop.domain, orderBody({ id: 7_004, country: "DE" }));
    const refused = await stack.run(shop, { eventName: "lead", order_id: 7_004 });
    expect(refused.statuses).toEqual([422]);
    expect(messageOf(refused)).toContain("consent to advertising");
    const changes = { "consent.EU": "respect" };
    await changeSettings(stack, { domain: shop.domain, changes, actor: "test" });
    expect((await stack.run(shop, { eventName: "lead", order_id: 7_004 })).state).toBe("completed");
  });
});

describe("a customer in the action", () => {
  test("gives the person, and a sign-up counts once with the store's own", async () => {
    const shop = await stack.openShop();
    const customer = customerBody({ id: 8_001 });
    stack.records.putCustomer(shop.domain, customer);
    for (const runId of ["run-a", "run-b"]) {
      await stack.run(shop, { eventName: "signup", customer_id: "8001" }, { runId });
    }
    expect(acceptedOf(stack.pinterest, shop)).toMatchObject([
      {
        eventId: "customer-8001-signup",
        count: 1,
        event: { user_data: { em: [sha(customer.email)], external_id: [sha("8001")] } },
      },
    ]);
  });
});

describe("what cannot be sent fails for good, with the reason", () => {
  test.each([
    ["no person", { eventName: "lead" }, "can't be matched to a person"],
    ["no name", { email: EMAIL }, "eventName is missing"],
    ["no address", { eventName: "lead", email: "jane" }, "email must be an email address"],
    ["no currency", { eventName: "lead", email: EMAIL, value: "5" }, "currency is missing"],
    [
      "no amount",
      { eventName: "lead", email: EMAIL, value: "5,0", currency: "EUR" },
      "value must be",
    ],
    ["no order", { eventName: "lead", order_id: "abc" }, "order_id is no id of an order"],
    [
      "another thing",
      { eventName: "lead", order_id: "gid://shopify/Customer/1" },
      "order_id is no",
    ],
    ["a lost order", { eventName: "lead", order_id: "404" }, "Shopify has no such order"],
    ["a lost customer", { eventName: "lead", customer_id: 404 }, "Shopify has no such customer"],
  ])("%s", async (_, properties, reason) => {
    const shop = await stack.openShop();
    const run = await stack.run(shop, properties);
    expect(run.statuses).toEqual([422]);
    expect(messageOf(run)).toContain(reason);
    expect(JSON.stringify(run.answer)).not.toContain("jane");
    expect(acceptedOf(stack.pinterest, shop)).toEqual([]);
  });

  test("a store that is not connected", async () => {
    const shop = await stack.openShop({ isConnected: false });
    const run = await stack.run(shop, { eventName: "lead", email: EMAIL });
    expect(run.statuses).toEqual([422]);
    expect(messageOf(run)).toContain("not connected to Pinterest");
  });

  test("an event that Pinterest refuses, in Pinterest's words", async () => {
    const shop = await stack.openShop();
    const fault = { kind: "poison", eventId: "flow-refused", as: "fail_event" } as const;
    stack.pinterest.fail({ ...fault, message: "value is not a number" });
    const properties = { eventName: "lead", email: EMAIL };
    for (let n = 0; n < 2; n += 1) {
      const run = await stack.run(shop, properties, { runId: "refused" });
      expect(run.statuses).toEqual([422]);
      expect(messageOf(run)).toContain("value is not a number");
    }
  });
});

describe("what cannot be sent now is sent later", () => {
  test("Pinterest is down: Flow is told to come again, and then that it is done", async () => {
    const shop = await stack.openShop();
    const { adAccountId } = shop;
    stack.pinterest.fail({ kind: "status", status: 503, adAccountId });
    const properties = { eventName: "lead", email: EMAIL };
    const first = await stack.run(shop, properties, { runId: "later" });
    expect(first.statuses).toEqual([202]);
    expect(first.answer).toMatchObject({ status: "pending", event_id: "flow-later" });
    stack.pinterest.heal();
    await skipWaiting(stack.db);
    const run = await stack.run(shop, properties, {
      runId: "later",
      tries: Number.POSITIVE_INFINITY,
      timeScale: 0.0001,
    });
    expect(run.state).toBe("completed");
    expect(acceptedOf(stack.pinterest, shop)).toMatchObject([{ eventId: "flow-later", count: 1 }]);
  });

  test("a paused connection keeps the event", async () => {
    const shop = await stack.openShop();
    const { id } = (await findShop(stack, shop.domain)) ?? { id: 0n };
    await pauseConnection(stack, id, "merchant", "test");
    const run = await stack.run(shop, { eventName: "lead", email: EMAIL }, { runId: "kept" });
    expect(run.statuses).toEqual([202]);
    expect(await readStates(stack.db, id)).toMatchObject([
      { event_id: "flow-kept", state: "pending" },
    ]);
  });

  test("Shopify does not answer", async () => {
    const shop = await stack.openShop();
    stack.records.resolvers.customer = () => {
      throw new Error("internal error");
    };
    const run = await stack.run(shop, { eventName: "lead", customer_id: 1 });
    expect(run.statuses).toEqual([503]);
  });

  test("the database is gone", async () => {
    const shop = await stack.openShop();
    await stack.db.pool.query("alter table event rename to event_gone");
    const run = await stack.run(shop, { eventName: "lead", email: EMAIL });
    await stack.db.pool.query("alter table event_gone rename to event");
    expect(run.statuses).toEqual([503]);
    expect(messageOf(run)).toContain("Shopify Flow sends this run again");
  });
});

test("nothing personal and no token stands in the log", () => {
  const log = stack.log();
  expect(log).toContain("flow action answered");
  for (const secret of ["jane", "shpat_", "shprt_", "pina_"]) expect(log).not.toContain(secret);
});
