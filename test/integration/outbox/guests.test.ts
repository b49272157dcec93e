import { createHash } from "node:crypto";
import type { PoolClient } from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { payloadIdentity } from "#app/events/payload-identity.ts";
import { createPixelStore } from "#app/intake/pixel/store-pixel-bodies.server.ts";
import { storeWebhooks, type VerifiedWebhook } from "#app/intake/store-webhooks.server.ts";
import { skipGuests, skipGuestsAmong } from "#app/outbox/append/skip-guests.server.ts";
import { createWaker } from "#app/outbox/waker.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import { createLogger } from "#app/platform/logger.server.ts";
import { redactCustomer } from "#app/privacy/redact-customer.server.ts";
import { changeSettings } from "#app/shops/settings/change-settings.server.ts";
import { openTestDatabase } from "#test/support/database.ts";
import {
  intakeRow,
  makeShop,
  miscounts,
  statesOf,
  testKeyring,
} from "#test/support/outbox-fixture.ts";
import { BROWSER, type PixelParts, pixelBody, pixelOwner } from "#test/support/pixel-server.ts";
import { type Body, fixture } from "#test/unit/mapping/web-order.ts";

let db: Database;
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

const agoMinutes = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
let webhooks = 0;

function webhook(shop: Shop, topic: string, body: Body): VerifiedWebhook {
  webhooks += 1;
  const webhookId = `guest-${webhooks}`;
  const headers = { shopDomain: shop.domain, topic, webhookId, triggeredAt: null };
  return { headers, body: Buffer.from(JSON.stringify(body)) };
}

const customer = (shop: Shop, changes: Body = {}) =>
  webhook(shop, "customers/create", {
    ...fixture("2026-07.customers_create"),
    id: 7001,
    email: "guest@example.com",
    created_at: agoMinutes(1),
    default_address: { country_code: "US" },
    ...changes,
  });

const order = (shop: Shop, changes: Body = {}, topic = "orders/create") =>
  webhook(shop, topic, {
    ...fixture("web-order"),
    email: "someone@example.com",
    contact_email: null,
    customer: { id: 7001 },
    processed_at: agoMinutes(0),
    ...changes,
  });

const checkout = (shop: Shop, changes: Body = {}) =>
  webhook(shop, "checkouts/create", {
    ...fixture("2026-07.checkouts_create"),
    email: " Guest@Example.com",
    customer: null,
    created_at: agoMinutes(5),
    ...changes,
  });

const store = (group: VerifiedWebhook[], database: Pick<Database, "pool" | "transaction"> = db) =>
  storeWebhooks(
    {
      db: database,
      keyring,
      log,
      waker: createWaker({ db, log }),
      nowMs: Date.now,
      serialize: (work) => work(),
    },
    group,
  );

async function signUpOf(shop: Shop) {
  const states = await statesOf(db, shop.id);
  const found = states.find(({ event_id }) => event_id === "customer-7001-signup");
  return found === undefined ? null : `${found.state}${found.reason ? `:${found.reason}` : ""}`;
}

const newShop = async (settings: Record<string, string> = {}) => {
  const shop = await makeShop({ db, keyring });
  if (Object.keys(settings).length > 0) {
    await changeSettings({ db }, { domain: shop.domain, changes: settings, actor: "test" });
  }
  return shop;
};

describe("a new customer without an account", () => {
  test("waits 30 minutes from when they came to be, and is sent then", async () => {
    const shop = await newShop();
    await store([customer(shop)]);
    expect(await signUpOf(shop)).toBe("held");
    const { rows } = await db.pool.query<{ minutes: number }>(
      "select extract(epoch from next_at - now()) / 60 as minutes from event where shop_id = $1",
      [shop.id],
    );
    expect(Number(rows[0]?.minutes)).toBeGreaterThan(28);
    expect(Number(rows[0]?.minutes)).toBeLessThan(29.1);
    await skipGuests({ db });
    expect(await signUpOf(shop)).toBe("held");
  });

  test.each<[string, (shop: Shop) => VerifiedWebhook[][]]>([
    ["an order after them", (shop) => [[customer(shop)], [order(shop)]]],
    ["an order before them", (shop) => [[order(shop)], [customer(shop)]]],
    ["an order in the same commit", (shop) => [[customer(shop), order(shop)]]],
    [
      "both delivered twice",
      (shop) => [[order(shop)], [customer(shop), customer(shop), order(shop)]],
    ],
    ["a paid order", (shop) => [[customer(shop)], [order(shop, {}, "orders/paid")]]],
    [
      "a test order, which is not sent",
      (shop) => [[customer(shop)], [order(shop, { test: true })]],
    ],
    ["a checkout with their email and no customer", (shop) => [[checkout(shop)], [customer(shop)]]],
    [
      "an order with their email and no customer",
      (shop) => [
        [customer(shop)],
        [order(shop, { customer: null, email: null, contact_email: "GUEST@example.com" })],
      ],
    ],
    [
      "an order with an amount that cannot be read",
      (shop) => [[customer(shop)], [order(shop, { subtotal_price: "1e3" })]],
    ],
    [
      "an order that cannot be read but for whose it is",
      (shop) => [
        [customer(shop)],
        [order(shop, { line_items: 5, processed_at: "yesterday", created_at: null })],
      ],
    ],
    [
      "a checkout that cannot be read but for its email",
      (shop) => [[customer(shop)], [checkout(shop, { line_items: null, currency: 1 })]],
    ],
    [
      "an order of 30 minutes ago",
      (shop) => [[order(shop, { processed_at: agoMinutes(30.9) })], [customer(shop)]],
    ],
  ])("is a guest with %s", async (_name, groups) => {
    const shop = await newShop();
    for (const group of groups(shop)) await store(group);
    expect(await signUpOf(shop)).toBe("skipped:guest");
  });

  test.each<[string, (shop: Shop) => VerifiedWebhook]>([
    ["another customer's order", (shop) => order(shop, { customer: { id: 7002 } })],
    ["an order of 40 minutes ago", (shop) => order(shop, { processed_at: agoMinutes(40) })],
    ["a checkout with another email", (shop) => checkout(shop, { email: "else@example.com" })],
  ])("is no guest for %s", async (_name, other) => {
    const shop = await newShop();
    await store([customer(shop), other(shop)]);
    await skipGuests({ db });
    expect(await signUpOf(shop)).toBe("held");
  });

  test("is no guest for the same customer id in another shop", async () => {
    const [shop, other] = [await newShop(), await newShop()];
    await store([customer(shop), order(other)]);
    await skipGuests({ db });
    expect(await signUpOf(shop)).toBe("held");
  });

  test("is a guest also where the shop sends orders when they are paid", async () => {
    const shop = await newShop({ purchase_trigger: "order_paid" });
    await store([customer(shop), order(shop)]);
    expect(await signUpOf(shop)).toBe("skipped:guest");
  });

  test("is found a minute later where customer and order were committed side by side", async () => {
    // Without an ad account, whose row both would wake, one after the other.
    const shop = await makeShop({ db, keyring }, { adAccountId: null });
    const both = Promise.withResolvers<void>();
    let waiting = 0;
    const atTheEnd = async () => {
      waiting += 1;
      if (waiting === 2) both.resolve();
      await both.promise;
    };
    const beside: Pick<Database, "pool" | "transaction"> = {
      pool: db.pool,
      transaction: (work, limits) =>
        db.transaction((client) => work(waitingAtCommit(client, atTheEnd)), limits),
    };
    await Promise.all([store([customer(shop)], beside), store([order(shop)], beside)]);
    // Whichever looks for the other after both commits finds it at once; else the sweep does.
    const isHeld = (await signUpOf(shop)) === "held";
    expect(await skipGuests({ db })).toBe(isHeld ? 1 : 0);
    expect(await signUpOf(shop)).toBe("skipped:guest");
    expect(await skipGuests({ db })).toBe(0);
  });

  test("leaves no address behind, and what is kept goes after six hours", async () => {
    const shop = await newShop();
    await store([customer(shop), checkout(shop)]);
    const { rows } = await db.pool.query("select * from customer_trace where shop_id = $1", [
      shop.id,
    ]);
    expect(rows).toHaveLength(4);
    expect(JSON.stringify(rows.map(({ customer_key }) => customer_key))).not.toMatch(/guest|7001/i);
    await db.pool.query(
      "update customer_trace set received_at = now() - interval '7 hours' where shop_id = $1",
      [shop.id],
    );
    await skipGuests({ db });
    const left = await db.pool.query("select from customer_trace where shop_id = $1", [shop.id]);
    expect(left.rowCount).toBe(0);
  });
});

describe("who counts as a sign-up", () => {
  test.each([
    ["no_checkout", "enabled", "pending"],
    ["no_checkout", "invited", "skipped:imported"],
    ["account", "enabled", "pending"],
    ["account", "disabled", "skipped:guest"],
    ["account", null, "skipped:guest"],
    ["any_customer", "disabled", "pending"],
    ["any_customer", "declined", "skipped:imported"],
  ])(
    "with signup_from %s a customer whose account is %s becomes %s",
    async (from, state, becomes) => {
      const shop = await newShop({ signup_from: from });
      await store([customer(shop, { state }), order(shop)]);
      await skipGuests({ db });
      expect(await signUpOf(shop)).toBe(becomes);
    },
  );
});

/** Takes what a browser told of a form; returns what became of it. */
async function tell(shop: Shop, name: string, parts: PixelParts, ip = "203.0.113.9") {
  const services = { db, keyring, log, waker: createWaker({ db, log }), nowMs: Date.now };
  const body = pixelBody(await pixelOwner(db, shop.domain), name, parts);
  const arrival = { address: ip, userAgent: null, atMs: Date.now() };
  const bytes = Buffer.from(JSON.stringify(body));
  const [stored] = await createPixelStore(services)([{ ...arrival, body: bytes }], "patient");
  return stored?.as;
}

describe("a sign-up that the browser told itself", () => {
  const form = async (shop: Shop, email = "Guest@example.com") =>
    expect(await tell(shop, "pinrelay:signup", { customData: { email } })).toBe("stored");

  test.each([
    ["before a new customer", {}, true],
    ["before an account", { state: "enabled" }, true],
    ["after a new customer", {}, false],
  ])("is the person's only one: %s", async (_name, changes, isFirst) => {
    const shop = await newShop();
    const told = customer(shop, changes);
    if (isFirst) await form(shop);
    await store([told]);
    if (!isFirst) await form(shop);
    await skipGuests({ db });
    expect(await signUpOf(shop)).toBe("skipped:duplicate");
    const states = await statesOf(db, shop.id);
    expect(states.map(({ state }) => state).sort()).toEqual(["pending", "skipped"]);
  });

  test("is no other person's", async () => {
    const shop = await newShop();
    await form(shop, "else@example.com");
    await store([customer(shop)]);
    await skipGuests({ db });
    expect(await signUpOf(shop)).toBe("held");
  });
});

describe("the form of a new customer that the theme's script told of", () => {
  const customData = {
    email_digest: createHash("sha256").update("guest@example.com").digest("hex"),
  };
  const form = (shop: Shop, parts: PixelParts = {}, ip = "203.0.113.9") =>
    tell(shop, "pinrelay:signup_form", { clickId: "dj0yForm", customData, ...parts }, ip);
  const refused = { consent: { marketingAllowed: false } };
  /** A shop whose pixel was heard: no other has its visits read. */
  const heardShop = async (settings: Record<string, string> = {}) => {
    const shop = await newShop(settings);
    await db.pool.query("update shop set last_pixel_at = now() where id = $1", [shop.id]);
    return shop;
  };
  const comes = (shop: Shop, changes: Body = {}) =>
    customer(shop, { created_at: agoMinutes(0), ...changes });
  const personOf = async (shop: Shop) => {
    const { rows } = await db.pool.query<{ body: Buffer }>(
      "select body from event_payload where shop_id = $1",
      [shop.id],
    );
    const sealed = rows[0]?.body ?? Buffer.alloc(0);
    const identity = payloadIdentity(shop.id, "signup", "7001");
    const opened = await keyring.decrypt(db.pool, sealed, identity);
    return JSON.parse(opened.toString()).user_data;
  };

  test("gives its sign-up the browser's address, click id and page, under the customer's own id", async () => {
    const shop = await heardShop();
    expect(await form(shop)).toBe("told");
    await store([comes(shop)]);
    expect(await signUpOf(shop)).toBe("held");
    expect(await personOf(shop)).toMatchObject({
      click_id: "dj0yForm",
      client_ip_address: "203.0.113.9",
      client_user_agent: BROWSER,
    });
    expect(await statesOf(db, shop.id)).toHaveLength(1);
  });

  test.each([
    ["told before it", { state: "enabled" }, true, "skipped:consent_refused"],
    ["told before it, where the customer waits", {}, true, "skipped:consent_refused"],
    ["told after it", {}, false, "skipped:consent_refused"],
  ])(
    "of a shopper who refuses keeps the sign-up back: %s",
    async (_name, changes, isFirst, end) => {
      const shop = await heardShop();
      if (isFirst) await form(shop, refused);
      await store([comes(shop, changes)]);
      if (!isFirst) await form(shop, refused);
      // Nobody else's word takes a refusal back.
      await form(shop, {}, "198.51.100.66");
      await skipGuests({ db });
      expect(await signUpOf(shop)).toBe(end);
      const { rows } = await db.pool.query("select consent from event where shop_id = $1", [
        shop.id,
      ]);
      expect(rows).toEqual([{ consent: "refused:browser" }]);
    },
  );

  test("is believed of no browser where two told of it", async () => {
    const shop = await heardShop();
    await form(shop);
    await form(shop, { clickId: "dj0yTheirs" }, "198.51.100.66");
    await store([comes(shop)]);
    expect(await signUpOf(shop)).toBe("held");
    const person = await personOf(shop);
    expect(person?.click_id).toBeUndefined();
    expect(person?.client_ip_address).toBeUndefined();
  });

  test("gives no consent where that is required: anyone can tell of a form", async () => {
    const shop = await heardShop({ "consent.default": "require" });
    await form(shop);
    await store([comes(shop)]);
    expect(await signUpOf(shop)).toBe("skipped:consent_unknown");
  });

  test.each([
    ["long before the customer", "interval '12 minutes'"],
    ["after the customer", "interval '-2 minutes'"],
  ])("is not joined where it was told %s", async (_name, since) => {
    const shop = await heardShop();
    await form(shop);
    await db.pool.query(`update visit set seen_at = now() - ${since} where shop_id = $1`, [
      shop.id,
    ]);
    await store([comes(shop)]);
    expect((await personOf(shop))?.client_ip_address).toBeUndefined();
  });

  test("goes with the person when Shopify asks for it", async () => {
    const shop = await heardShop();
    await form(shop);
    const person = { id: 7001, email: "guest@example.com" };
    const request = { shop_domain: shop.domain, customer: person, orders_to_redact: [] };
    const received = { ...request, received_at: new Date() };
    await redactCustomer({ db, keyring }, received, Buffer.from(JSON.stringify(request)));
    const { rowCount } = await db.pool.query("select from visit where shop_id = $1", [shop.id]);
    expect(rowCount).toBe(0);
  });
});

test("an order does not have all buyers of the last hours read, however many came since the plan was made", async () => {
  const shop = await makeShop({ db, keyring });
  const trace = { keys: ["key-of-a-buyer"], happenedAtSeconds: 1_000, signup: "" };
  const rows = [{ ...intakeRow(shop, null), trace }];
  const read = await db.transaction(async (client) => {
    // Postgres keeps one plan for a statement from its sixth run on.
    for (let run = 0; run < 7; run += 1) await skipGuestsAmong(client, rows, []);
    await client.query(
      `insert into customer_trace (shop_id, customer_key, signup, happened_at)
        select $1, 'key-' || n, '', now() from generate_series(1, 20000) n`,
      [shop.id.toString()],
    );
    const before = await readTraces(client);
    await skipGuestsAmong(client, rows, []);
    return (await readTraces(client)) - before;
  });
  expect(read).toBeLessThan(100n);
});

/** The connection, on which a commit waits for what the test says. */
function waitingAtCommit(client: PoolClient, wait: () => Promise<void>): PoolClient {
  const query = async (statement: string) => {
    if (statement === "commit") await wait();
    return client.query(statement);
  };
  return Object.create(client, { query: { value: query } });
}

/** Rows of customer_trace that the transaction has read so far. */
async function readTraces(client: PoolClient): Promise<bigint> {
  const { rows } = await client.query<{ read: bigint }>(
    `select seq_tup_read + idx_tup_fetch as read from pg_stat_xact_user_tables
      where relname = 'customer_trace'`,
  );
  return rows[0]?.read ?? 0n;
}
