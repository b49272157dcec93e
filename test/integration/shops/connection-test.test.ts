import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "#app/platform/db.server.ts";
import { pasteToken } from "#app/shops/connection/paste-token.server.ts";
import { pauseConnection } from "#app/shops/connection/pause-connection.server.ts";
import { readConnection } from "#app/shops/connection/read-connection.server.ts";
import { disconnectPinterest } from "#app/shops/connection/store-connection.server.ts";
import { testConnection } from "#app/shops/connection/test-connection.server.ts";
import { type LocalPinterest, startLocalPinterest } from "#test/sandbox/local-pinterest.ts";
import { openTestDatabase } from "#test/support/database.ts";
import { deliverOnce, openDelivery } from "#test/support/delivery-fixture.ts";
import { commitEvents, purchase, readStates, testKeyring } from "#test/support/outbox-fixture.ts";
import { auditOf } from "./shop-fixture.ts";
import {
  connectionRow,
  newShop,
  OWNER,
  type Shop,
  type SignInServices,
  signedInShop,
  signIn,
  signInServices,
} from "./sign-in-fixture.ts";

let db: Database;
let local: LocalPinterest;
let services: SignInServices;
const keyring = testKeyring();
const ACCOUNT = "549755885175";
const TOKEN = "pina_ABCDEFGHIJKLMNOPQRSTUVWXYZ";

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());
beforeEach(async () => {
  await db.pool.query("truncate event, event_payload, due_account, count_bucket, receipt, attempt");
  local = await startLocalPinterest();
  services = signInServices({ db, keyring }, local);
});
afterEach(async () => {
  expect(local.ledger.acceptedCount, "a test is never recorded").toBe(0);
  await services.pinterest.close();
  await local.close();
});

function paste(shop: Shop, adAccountId: string, token: string) {
  return pasteToken(services, shop, { adAccountId, token }, OWNER);
}

async function pastedShop(): Promise<Shop> {
  const shop = await newShop(db);
  await paste(shop, ACCOUNT, TOKEN);
  return shop;
}

describe("a pasted token", () => {
  test.each([
    ["", TOKEN, { adAccountId: "missing", token: null }],
    ["54975588517x", TOKEN, { adAccountId: "not_digits", token: null }],
    ["1234567890123456789", TOKEN, { adAccountId: "not_digits", token: null }],
    [ACCOUNT, "", { adAccountId: null, token: "missing" }],
    [ACCOUNT, "pinr.abcdefgh", { adAccountId: null, token: "wrong_prefix" }],
    [ACCOUNT, "pina_", { adAccountId: null, token: "wrong_prefix" }],
    [ACCOUNT, "pina_ab\u{a0}cd", { adAccountId: null, token: "wrong_prefix" }],
    ["x", "y", { adAccountId: "not_digits", token: "wrong_prefix" }],
  ])(
    "with account %j and token %j is sent back without a request",
    async (account, token, faults) => {
      const shop = await newShop(db);
      expect(await paste(shop, account, token)).toEqual({ kind: "faulty", ...faults });
      expect(local.ledger.requests).toEqual([]);
      expect(await connectionRow(db, shop)).toBeUndefined();
    },
  );

  test("that Pinterest takes connects the shop, with the spaces around it gone", async () => {
    const shop = await newShop(db);
    expect(await paste(shop, ` ${ACCOUNT}\n`, `\t${TOKEN} `)).toEqual({ kind: "connected" });
    expect(local.ledger.requests).toMatchObject([{ test: true, token: TOKEN, status: 200 }]);
    expect(await connectionRow(db, shop)).toMatchObject({
      ad_account_id: ACCOUNT,
      kind: "pasted",
      state: "active",
      test_result: "passed",
      tested_at: expect.any(Date),
    });
    expect((await readConnection(services, shop))?.sendingToken).toBe(TOKEN);
    expect((await auditOf(db, shop.domain)).at(-1)).toMatchObject({
      actor: OWNER,
      action: "connection.connect",
      after: { kind: "pasted", token_ends_with: "WXYZ" },
    });
  });

  test.each([
    [401, { kind: "faulty", adAccountId: null, token: "refused" }],
    [403, { kind: "faulty", adAccountId: "wrong_account", token: null }],
    [404, { kind: "faulty", adAccountId: "wrong_account", token: null }],
    [429, { kind: "wait", seconds: 3 }],
    [503, { kind: "failed", fault: "pinterest_down" }],
  ] as const)("that is answered %i leaves the shop as it was", async (status, result) => {
    const shop = await pastedShop();
    const before = await connectionRow(db, shop);
    local.fail({ kind: "status", status, ...(status === 429 && { retryAfter: 3 }) });
    expect(await paste(shop, "549700000001", "pina_another_token")).toMatchObject(result);
    expect(await connectionRow(db, shop)).toEqual(before);
  });

  test("takes the place of a sign-in, also of one without an account", async () => {
    const shop = await signedInShop(services, ACCOUNT);
    await signIn(services, shop);
    await paste(shop, ACCOUNT, TOKEN);
    expect(await connectionRow(db, shop)).toMatchObject({
      kind: "pasted",
      refresh_token: null,
      conversion_token: null,
      signed_in_as: null,
    });
    const { rowCount } = await db.pool.query("select from pinterest_sign_in where shop_id = $1", [
      shop.id,
    ]);
    expect(rowCount).toBe(0);
  });
});

describe("a test of the connection", () => {
  test("that passes is noted, with who asked", async () => {
    const shop = await pastedShop();
    const tested = await testConnection(services, shop, OWNER);
    expect(tested).toMatchObject({ kind: "tested", result: "passed", hasResumed: false });
    expect(local.ledger.requests.every((request) => request.test)).toBe(true);
    expect((await auditOf(db, shop.domain)).at(-1)).toMatchObject({
      actor: OWNER,
      action: "connection.test",
      after: { result: "passed" },
    });
  });

  test.each([
    [401, "connection_refused"],
    [403, "wrong_account"],
    [404, "wrong_account"],
    [500, "pinterest_down"],
    [400, "event_refused"],
  ] as const)("that is answered %i says %s, and keeps the connection", async (status, result) => {
    const shop = await pastedShop();
    local.fail({ kind: "status", status });
    expect(await testConnection(services, shop, OWNER)).toMatchObject({ result });
    expect(await connectionRow(db, shop)).toMatchObject({ state: "active", test_result: result });
  });

  test("names the missing role where the account was chosen from a list", async () => {
    const shop = await signedInShop(services, ACCOUNT);
    local.fail({ kind: "status", status: 403 });
    expect(await testConnection(services, shop, OWNER)).toMatchObject({ result: "role_missing" });
  });

  test("waits when there were ten in this second already, and notes nothing", async () => {
    const shop = await pastedShop();
    const before = await connectionRow(db, shop);
    local.fail({ kind: "status", status: 429, retryAfter: 2 });
    expect(await testConnection(services, shop, OWNER)).toEqual({ kind: "wait", seconds: 2 });
    expect(await connectionRow(db, shop)).toEqual(before);
  });

  test("falls back from a refused token to the next, as sending does", async () => {
    const shop = await signedInShop(services, ACCOUNT);
    const connection = await readConnection(services, shop);
    local.directory.revokeToken(connection?.sendingToken ?? "");
    local.directory.revokeToken(connection?.token ?? "");
    expect(await testConnection(services, shop, OWNER)).toMatchObject({ result: "passed" });
    expect(local.ledger.requests.map(({ status }) => status)).toEqual([401, 401, 200]);
  });

  test.each(["unauthorized", "forbidden", "account_not_found"])(
    "that passes lifts a pause for %s",
    async (reason) => {
      const shop = await pastedShop();
      await pauseConnection({ db }, shop.id, reason, "system");
      expect(await testConnection(services, shop, OWNER)).toMatchObject({ hasResumed: true });
      expect(await connectionRow(db, shop)).toMatchObject({ state: "active", pause_reason: null });
    },
  );

  test("that passes leaves a person's pause alone", async () => {
    const shop = await pastedShop();
    await pauseConnection({ db }, shop.id, "merchant", OWNER);
    expect(await testConnection(services, shop, OWNER)).toMatchObject({ hasResumed: false });
    expect(await connectionRow(db, shop)).toMatchObject({ state: "paused" });
  });

  test("of a shop without a connection asks nothing", async () => {
    const shop = await newShop(db);
    expect(await testConnection(services, shop, OWNER)).toEqual({ kind: "not_connected" });
    expect(local.ledger.requests).toEqual([]);
  });
});

describe("disconnecting", () => {
  test("forgets the tokens and keeps the events, which go out after reconnecting", async () => {
    const shop = await pastedShop();
    const row = { ...shop, lane: 1, settingsVersion: 1, payloadDays: 9 };
    const connected = { adAccountId: ACCOUNT, state: "active" } as const;
    await commitEvents(services, { ...row, connection: connected }, [purchase("1")]);
    expect(await disconnectPinterest({ db }, shop.id, OWNER)).toBe(true);
    await commitEvents(services, { ...row, connection: null }, [purchase("2")]);
    expect(await connectionRow(db, shop)).toBeUndefined();
    expect((await auditOf(db, shop.domain)).at(-1)).toMatchObject({
      actor: OWNER,
      action: "connection.disconnect",
      before: { ad_account_id: ACCOUNT, kind: "pasted" },
    });
    // A Pinterest of its own: the test's must record nothing.
    const taking = await startLocalPinterest();
    const delivery = openDelivery({ db, keyring, pinterestUrl: taking.url });
    await deliverOnce(delivery);
    expect(taking.ledger.requests).toEqual([]);
    expect((await readStates(db, shop.id)).map(({ state }) => state)).toEqual([
      "pending",
      "pending",
    ]);
    await paste(shop, ACCOUNT, TOKEN);
    await deliverOnce(delivery);
    expect((await readStates(db, shop.id)).map(({ state }) => state)).toEqual([
      "accepted",
      "accepted",
    ]);
    await delivery.close();
    await taking.close();
  });

  test("twice, as a double click does, is done once", async () => {
    const shop = await pastedShop();
    const both = await Promise.all([
      disconnectPinterest({ db }, shop.id, OWNER),
      disconnectPinterest({ db }, shop.id, OWNER),
    ]);
    expect(both.sort()).toEqual([false, true]);
    const actions = (await auditOf(db, shop.domain)).map(({ action }) => action);
    expect(actions.filter((action) => action === "connection.disconnect")).toHaveLength(1);
  });

  test("ends sign-ins that were begun or lack an account", async () => {
    const shop = await newShop(db);
    await signIn(services, shop);
    expect(await disconnectPinterest({ db }, shop.id, OWNER)).toBe(true);
    const { rows } = await db.pool.query(
      `select (select count(*)::int from pinterest_sign_in where shop_id = $1) as sign_ins,
        (select count(*)::int from sign_in_attempt where shop_id = $1) as attempts`,
      [shop.id],
    );
    expect(rows).toEqual([{ sign_ins: 0, attempts: 0 }]);
  });
});
