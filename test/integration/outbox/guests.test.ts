import type { PoolClient } from "pg";
import { describe, expect, test } from "vitest";
import type { VerifiedWebhook } from "#app/intake/store-webhooks.server.ts";
import type { IntakeRow } from "#app/outbox/append/intake-row.server.ts";
import {
  findGuestsAmong,
  skipGuests,
  skipGuestsAmong,
} from "#app/outbox/append/skip-guests.server.ts";
import { PLAN_BY_INDEX } from "#app/platform/pool.server.ts";
import { intakeRow, makeShop, readStates } from "#test/support/outbox-fixture.ts";
import { type Body, fixture } from "#test/unit/mapping/web-order.ts";
import { agoMinutes, openSignUpWorld, type Shop } from "./sign-up-world.ts";

const { db, keyring, store, tell, webhook, customer, newShop, signUpOf } = await openSignUpWorld();

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
    const beside: Pick<typeof db, "pool" | "transaction"> = {
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
    const states = await readStates(db, shop.id);
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

test.each([
  ["looks for guests", findGuestsAmong],
  ["skips them", (client, rows) => skipGuestsAmong(client, rows, [])],
] satisfies [string, (client: PoolClient, rows: IntakeRow[]) => Promise<unknown>][])(
  "an order that %s does not have all buyers of the last hours read, however many came since the plan was made",
  async (_name, look) => {
    const shop = await newShop();
    await store([customer(shop)]);
    const trace = { keys: ["key-of-a-buyer"], happenedAtSeconds: 1_000, signup: "" };
    const rows = [{ ...intakeRow(shop, null), trace }];
    // Statistics of the few rows of this file would make a plan that no shop has.
    await db.pool.query("alter table customer_trace set (autovacuum_enabled = false)");
    await db.pool.query("select pg_clear_relation_stats('public', 'customer_trace')");
    const read = await db.transaction(async (client) => {
      // As in the thread that stores webhooks.
      const settings = Object.entries(PLAN_BY_INDEX);
      await client.query(
        settings.map(([name, value]) => `set local ${name} = ${value};`).join(" "),
      );
      // Postgres keeps one plan for a statement from its sixth run on.
      for (let run = 0; run < 7; run += 1) await look(client, rows);
      await client.query(
        `insert into customer_trace (shop_id, customer_key, signup, happened_at)
          select $1, 'key-' || n, '', now() from generate_series(1, 20000) n`,
        [shop.id.toString()],
      );
      // The buyer's sign-up, so that orders are looked for beside it.
      await client.query(
        `insert into customer_trace (shop_id, customer_key, signup, happened_at)
          select shop_id, 'key-of-a-buyer', source_key, to_timestamp(1000) from event
            where shop_id = $1 and kind = 'signup'`,
        [shop.id.toString()],
      );
      const before = await readTraces(client);
      await look(client, rows);
      const after = await readTraces(client);
      // What was skipped here is not counted.
      await client.query("rollback");
      return after - before;
    });
    expect(read).toBeLessThan(100n);
  },
);

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
