import type { Pool, PoolClient } from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createWaker } from "#app/outbox/schedule-accounts.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import { createLogger } from "#app/platform/logger.server.ts";
import { openTestDatabase } from "#test/support/database.ts";
import {
  commitEvents,
  commitRows,
  intakeRow,
  makeShop,
  miscounts,
  purchase,
  readStates,
  skip,
  testKeyring,
} from "#test/support/outbox-fixture.ts";

let db: Database;
const keyring = testKeyring();

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());
afterEach(async () => {
  expect(await miscounts(db)).toEqual([]);
});

describe("storing webhooks", () => {
  test("an order becomes one pending event with an encrypted payload and a receipt", async () => {
    const shop = await makeShop({ db, keyring });
    expect(await commitEvents({ db, keyring }, shop, [purchase("1001")])).toEqual(["stored"]);
    const { rows } = await db.pool.query(
      `select e.state, e.event_id, e.ad_account_id, e.value, p.body, r.outcome from event e
        join event_payload p on p.event_ref = e.id and p.drop_on = e.payload_drop_on
        join receipt r on r.shop_id = e.shop_id and r.source_key = e.source_key
        where e.shop_id = $1`,
      [shop.id],
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      state: "pending",
      event_id: "order-1001-checkout",
      ad_account_id: shop.adAccountId,
      value: "72.39",
      outcome: "stored",
    });
    const body: Buffer = rows[0].body;
    expect(body.includes("86e0b9e5")).toBe(false);
    const identity = `event_payload:${shop.id}:checkout:1001`;
    const opened = await keyring.decrypt(db.pool, body, identity);
    expect(JSON.parse(opened.toString())).toMatchObject({ event_id: "order-1001-checkout" });
  });

  test("the ad accounts of commits of one moment are scheduled by one statement, whose commit waits for no disk", async () => {
    const shops = [await makeShop({ db, keyring }), await makeShop({ db, keyring })];
    const readWait = "select current_setting('synchronous_commit') as wait";
    const waits: string[] = [];
    const query = (config: never) =>
      db.transaction(async (client) => {
        const scheduled = await client.query(config);
        const { rows } = await client.query<{ wait: string }>(readWait);
        waits.push(...rows.map(({ wait }) => wait));
        return scheduled;
      });
    const pool = { query } as unknown as Pool;
    const waker = createWaker({ db: { pool }, log: createLogger("silent") });
    for (const { adAccountId } of shops) waker.wake(new Map([[adAccountId, 1]]));
    await waker.settle(5_000);
    expect(waits).toEqual(["off"]);
    expect((await db.pool.query(readWait)).rows).toEqual([{ wait: "on" }]);
    const { rows } = await db.pool.query(
      "select fresh from due_account where ad_account_id = any($1)",
      [shops.map(({ adAccountId }) => adAccountId)],
    );
    expect(rows).toEqual([{ fresh: 1 }, { fresh: 1 }]);
  });

  test("the same order again, in the same commit or later, stays one event under its first id", async () => {
    const shop = await makeShop({ db, keyring });
    const other = purchase("1002", { eventId: "another-id" });
    const outcomes = await commitEvents({ db, keyring }, shop, [purchase("1002"), other, other]);
    expect(outcomes).toEqual(["stored", "duplicate", "duplicate"]);
    expect(await commitEvents({ db, keyring }, shop, [other])).toEqual(["duplicate"]);
    expect(await readStates(db, shop.id)).toMatchObject([
      { event_id: "order-1002-checkout", state: "pending" },
    ]);
  });

  test("a hundred copies stored at once by many processes are one event", async () => {
    const shop = await makeShop({ db, keyring });
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () =>
        commitEvents({ db, keyring }, shop, Array(5).fill(purchase("1003"))),
      ),
    );
    expect(outcomes.flat().filter((outcome) => outcome === "stored")).toHaveLength(1);
    expect(await readStates(db, shop.id)).toHaveLength(1);
  });

  test("two shops with the same order id have an event each", async () => {
    const [first, second] = [await makeShop({ db, keyring }), await makeShop({ db, keyring })];
    const rows = [first, second].map((shop) => intakeRow(shop, purchase("1004")));
    expect(await commitRows({ db, keyring }, rows)).toEqual(["stored", "stored"]);
    expect(await readStates(db, first.id)).toHaveLength(1);
    expect(await readStates(db, second.id)).toHaveLength(1);
  });

  test("a repeated delivery adds no second receipt", async () => {
    const shop = await makeShop({ db, keyring });
    const row = intakeRow(shop, purchase("1005"));
    await commitRows({ db, keyring }, [row]);
    await commitRows({ db, keyring }, [row]);
    const { rows } = await db.pool.query("select outcome from receipt where shop_id = $1", [
      shop.id,
    ]);
    expect(rows).toEqual([{ outcome: "stored" }]);
  });

  test("a skipped order keeps its reason, and a later webhook does not lift it", async () => {
    const shop = await makeShop({ db, keyring });
    const test = purchase("1006", { outcome: skip("test_order") });
    expect(await commitEvents({ db, keyring }, shop, [test])).toEqual(["skipped"]);
    expect(await commitEvents({ db, keyring }, shop, [purchase("1006")])).toEqual(["duplicate"]);
    expect(await readStates(db, shop.id)).toMatchObject([
      { state: "skipped", reason: "test_order" },
    ]);
  });

  test.each(["no_match_key", "unreadable"] as const)(
    "an order skipped as %s is taken up when a later webhook has what was missing",
    async (reason) => {
      const shop = await makeShop({ db, keyring });
      const early = purchase("1007", { outcome: skip(reason) });
      expect(await commitEvents({ db, keyring }, shop, [early])).toEqual(["skipped"]);
      expect(await commitEvents({ db, keyring }, shop, [early])).toEqual(["duplicate"]);
      expect(await commitEvents({ db, keyring }, shop, [purchase("1007")])).toEqual(["stored"]);
      expect(await readStates(db, shop.id)).toMatchObject([
        { event_id: "order-1007-checkout", state: "pending", reason: null },
      ]);
    },
  );

  test("a cancellation withdraws an event that waits, and settles one that has not come yet", async () => {
    const shop = await makeShop({ db, keyring });
    const cancelled = (id: string) => purchase(id, { outcome: skip("cancelled") });
    await commitEvents({ db, keyring }, shop, [purchase("1008")]);
    const outcomes = await commitEvents({ db, keyring }, shop, [
      cancelled("1008"),
      cancelled("1009"),
    ]);
    expect(outcomes).toEqual(["withdrawn", "skipped"]);
    expect(await commitEvents({ db, keyring }, shop, [purchase("1009")])).toEqual(["duplicate"]);
    expect(await readStates(db, shop.id)).toMatchObject([
      { event_id: "order-1008-checkout", state: "skipped", reason: "cancelled" },
      { event_id: "order-1009-checkout", state: "skipped", reason: "cancelled" },
    ]);
  });

  test("an event of a shop that is not connected waits without an ad account", async () => {
    const shop = await makeShop({ db, keyring }, { adAccountId: null });
    await commitEvents({ db, keyring }, shop, [purchase("1010")]);
    const { rows } = await db.pool.query(
      "select state, ad_account_id from event where shop_id = $1",
      [shop.id],
    );
    expect(rows).toEqual([{ state: "pending", ad_account_id: null }]);
  });

  test("what is new goes with its commit, without waiting for an answer in between", async () => {
    const shop = await makeShop({ db, keyring });
    const log: string[] = [];
    const logged = (client: PoolClient) =>
      new Proxy(client, {
        get: (target, name) => {
          if (name !== "query") return Reflect.get(target, name);
          return async (statement: { name?: string } | string) => {
            const label = typeof statement === "string" ? statement : statement.name;
            log.push(`> ${label}`);
            const result = await target.query(statement as string);
            log.push(`< ${label}`);
            return result;
          };
        },
      });
    const transaction: Database["transaction"] = (work, options) =>
      db.transaction((client) => work(logged(client)), options);
    const trace = { keys: ["someone"], happenedAtSeconds: 1, signup: "" };
    const rows = [{ ...intakeRow(shop, purchase("1012")), trace }];
    expect(await commitRows({ db: { ...db, transaction }, keyring }, rows)).toEqual(["stored"]);
    expect(log.slice(0, log.indexOf("< insert-new"))).toContain("> commit");
    expect(log.filter((line) => line === "> commit")).toHaveLength(1);
  });

  test("what is new stays stored where the rest of its group fails, and nothing is twice", async () => {
    const shop = await makeShop({ db, keyring });
    await commitEvents({ db, keyring }, shop, [purchase("1013")]);
    await db.pool.query(`create function refuse() returns trigger language plpgsql as $$
      begin raise exception 'refused'; end $$`);
    await db.pool.query(
      "create trigger refusing before update on event for each row execute function refuse()",
    );
    const group = [purchase("1014"), purchase("1013", { outcome: skip("cancelled") })];
    await expect(commitEvents({ db, keyring }, shop, group)).rejects.toThrow("refused");
    await db.pool.query("drop trigger refusing on event");
    expect(await readStates(db, shop.id)).toMatchObject([
      { event_id: "order-1013-checkout", state: "pending" },
      { event_id: "order-1014-checkout", state: "pending" },
    ]);
    expect(await commitEvents({ db, keyring }, shop, group)).toEqual(["duplicate", "withdrawn"]);
  });

  test("a statement that takes too long is given up, long before Shopify gives up", async () => {
    const shop = await makeShop({ db, keyring });
    await db.pool.query(`create function stall() returns trigger language plpgsql as $$
      begin perform pg_sleep(4); return new; end $$`);
    await db.pool.query(
      "create trigger stalling before insert on count_bucket execute function stall()",
    );
    const commit = commitEvents({ db, keyring }, shop, [purchase("1011")]);
    await expect(commit).rejects.toMatchObject({ code: "57014" });
    await db.pool.query("drop trigger stalling on count_bucket");
    expect(await readStates(db, shop.id)).toEqual([]);
  });
});
