import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Database } from "#app/platform/db.server.ts";
import { readConnection } from "#app/shops/connection/read-connection.server.ts";
import { renewSignIn } from "#app/shops/connection/renew-sign-ins.server.ts";
import { attemptCallback } from "#app/tasks/callback/attempt-callback.server.ts";
import { type LocalPinterest, startLocalPinterest } from "#test/sandbox/local-pinterest.ts";
import { openTestDatabase } from "#test/support/database.ts";
import { testKeyring } from "#test/support/outbox-fixture.ts";
import { eventually } from "#test/support/poll.ts";
import {
  newShop,
  OWNER,
  type Shop,
  type SignInServices,
  signedInShop,
  signIn,
  signInServices,
} from "../sign-in-fixture.ts";

let db: Database;
let local: LocalPinterest;
let services: SignInServices;
const keyring = testKeyring();
const ACCOUNT = "549755885175";
/** Connections in the pool. */
const POOL = 16;

beforeAll(async () => {
  db = await openTestDatabase();
  local = await startLocalPinterest();
  services = signInServices({ db, keyring }, local);
});
afterEach(() => local.heal());
afterAll(async () => {
  await services.pinterest.close();
  await local.close();
  await db.close();
});

async function tokenOf(shop: Shop): Promise<string> {
  const connection = await readConnection(services, shop);
  if (connection === null) throw new Error("not connected");
  return connection.token;
}

const marked = async () =>
  (await db.pool.query("select from connection where refreshing_until > now()")).rowCount ?? 0;

test("nobody outside is asked while a connection to the database is held", async () => {
  const held = { name: "HeldConnectionError" };
  const ask = () => services.pinterest.listTags({ adAccountId: ACCOUNT, token: "pina_x" });
  await expect(db.transaction(ask)).rejects.toMatchObject(held);
  await expect(db.readAsShop(1n, ask)).rejects.toMatchObject(held);
  const deep = () => db.transaction(() => Promise.resolve().then(async () => [await ask()]));
  await expect(deep()).rejects.toMatchObject(held);
  const callback = { url: "https://example.com", secret: null, id: "1", body: "{}" };
  const post = () => attemptCallback({ allowLoopback: true }, callback as never);
  await expect(db.transaction(post)).rejects.toMatchObject(held);
  // What a transaction started, and that goes on after it, holds nothing.
  let later: Promise<unknown> = Promise.resolve();
  let go: () => void = () => {};
  const gate = new Promise<void>((resolve) => {
    go = resolve;
  });
  await db.transaction(async () => {
    later = gate.then(ask);
  });
  go();
  expect(await later).toHaveProperty("ok");
});

test("however many sign-ins are renewed by a Pinterest that hangs, the pool has room", async () => {
  const shops: Shop[] = [];
  for (let n = 0; n < POOL + 4; n += 1) shops.push(await signedInShop(services, ACCOUNT));
  const tokens = await Promise.all(shops.map(tokenOf));
  local.fail({ kind: "latency", ms: 1_500, endpoint: "oauth" });
  const renewals = shops.map((shop, n) => renewSignIn(services, shop.id, tokens[n] ?? ""));
  await eventually(async () => (await marked()) === shops.length);
  expect(db.pool.totalCount - db.pool.idleCount).toBeLessThan(POOL);
  await db.transaction((client) => client.query("select 1"));
  expect(new Set(await Promise.all(renewals))).toEqual(new Set(["renewed"]));
  expect(await marked()).toBe(0);
});

test("a new pair is stored though the database is busy when it comes, and one asks for all", async () => {
  const shop = await signedInShop(services, ACCOUNT);
  const token = await tokenOf(shop);
  local.fail({ kind: "latency", ms: 300, endpoint: "oauth", times: 1 });
  const renewal = renewSignIn(services, shop.id, token);
  await eventually(async () => (await marked()) === 1);
  // For longer than anybody waits for a place in the pool.
  const busy = Array.from({ length: POOL }, () => db.pool.query("select pg_sleep(3)"));
  expect(await renewal).toBe("renewed");
  await Promise.all(busy);
  expect(await tokenOf(shop)).not.toBe(token);
  // The pair that is stored is the one that Pinterest knows.
  expect(await renewSignIn(services, shop.id, await tokenOf(shop))).toBe("renewed");
});

test("a process that is killed while it exchanges blocks no longer than its mark", async () => {
  const shop = await signedInShop(services, ACCOUNT);
  const token = await tokenOf(shop);
  const mark = (interval: string) =>
    db.pool.query(
      "update connection set refreshing_until = now() + $2::interval where shop_id = $1",
      [shop.id, interval],
    );
  await mark("0.5 seconds");
  expect(await renewSignIn(services, shop.id, token)).toBe("renewed");
});

test("what Pinterest adds to a sign-in goes to that sign-in, not to a newer one", async () => {
  const shop = await newShop(db);
  const conversionTokenOf = async () => {
    const { rows } = await db.pool.query(
      "select conversion_token from pinterest_sign_in where shop_id = $1",
      [shop.id],
    );
    return rows[0]?.conversion_token;
  };
  let newer: Buffer | null = null;
  const { createConversionToken } = services.pinterest;
  // While the first is asked with, somebody signs in anew.
  const pinterest = {
    ...services.pinterest,
    async createConversionToken(query: { token: string }) {
      const answer = await createConversionToken(query);
      await signIn(services, shop, OWNER);
      newer = await conversionTokenOf();
      return answer;
    },
  };
  await signIn({ ...services, pinterest }, shop, OWNER);
  expect(newer).not.toBeNull();
  expect(await conversionTokenOf()).toEqual(newer);
});
