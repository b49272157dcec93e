import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { RowShop } from "#app/outbox/append/intake-row.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import { createLogger } from "#app/platform/logger.server.ts";
import { pauseConnection } from "#app/shops/connection/pause-connection.server.ts";
import { readConnection } from "#app/shops/connection/read-connection.server.ts";
import {
  dropUnusedSignIns,
  remakeConversionTokens,
  renewSignIns,
  scheduleRenewals,
} from "#app/shops/connection/renew-sign-ins.server.ts";
import { type LocalPinterest, startLocalPinterest } from "#test/sandbox/local-pinterest.ts";
import { openTestDatabase } from "#test/support/database.ts";
import { deliverOnce, openDelivery, passTime } from "#test/support/delivery-fixture.ts";
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
let delivery: ReturnType<typeof openDelivery>;
const keyring = testKeyring();
/** Of the local Pinterest, which has one account until a test adds others. */
const ACCOUNT = "549755885175";

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());
beforeEach(async () => {
  await db.pool.query("truncate event, event_payload, due_account, count_bucket, receipt, attempt");
  await db.pool.query("delete from connection");
  local = await startLocalPinterest();
  services = signInServices({ db, keyring }, local);
  const { url: pinterestUrl, oauthClient } = local;
  delivery = openDelivery({ db, keyring, pinterestUrl, oauthClient });
});
afterEach(async () => {
  await services.pinterest.close();
  await delivery.close();
  await local.close();
});

async function shopWithOrder(): Promise<Shop> {
  const shop = await signedInShop(services, ACCOUNT);
  await commitEvents(services, rowOf(shop), [purchase("1")]);
  return shop;
}

function rowOf(shop: Shop): RowShop {
  const connection = { adAccountId: ACCOUNT, state: "active" } as const;
  return { ...shop, lane: 1, settingsVersion: 1, payloadDays: 9, connection };
}

async function tokensOf(shop: Shop): Promise<{ token: string; sendingToken: string }> {
  const connection = await readConnection(services, shop);
  if (connection === null) throw new Error("not connected");
  return connection;
}

function requests(): [string | null, number | null][] {
  return local.ledger.requests.map(({ token, status }) => [token, status]);
}

async function stateOf(shop: Shop): Promise<string | undefined> {
  return (await readStates(db, shop.id))[0]?.state;
}

async function actionsOf({ domain }: Shop): Promise<string[]> {
  return (await auditOf(db, domain)).map(({ action }) => action);
}

describe("events", () => {
  test("go out with the conversion token, not with the sign-in's", async () => {
    const shop = await shopWithOrder();
    const { sendingToken } = await tokensOf(shop);
    await deliverOnce(delivery);
    expect(requests()).toEqual([[sendingToken, 200]]);
    expect(local.directory.rightsOf(sendingToken)?.kind).toBe("conversion");
  });

  test("go out with the sign-in's token where Pinterest gave no other", async () => {
    local.directory.giveConversionTokens(false);
    const shop = await shopWithOrder();
    await deliverOnce(delivery);
    expect(requests()).toEqual([[(await tokensOf(shop)).token, 200]]);
  });

  test("go on with the sign-in's token when the conversion token is refused", async () => {
    const shop = await shopWithOrder();
    const { token, sendingToken } = await tokensOf(shop);
    local.directory.revokeToken(sendingToken);
    await deliverOnce(delivery);
    expect(requests()).toEqual([
      [sendingToken, 401],
      [token, 200],
    ]);
    expect(await stateOf(shop)).toBe("accepted");
    // Said once, it is not believed: the token stays.
    expect((await tokensOf(shop)).sendingToken).toBe(sendingToken);
    expect(await actionsOf(shop)).not.toContain("connection.drop_conversion_token");
  });

  test("give up a conversion token that is refused for minutes, and get a new one", async () => {
    const shop = await shopWithOrder();
    const { token, sendingToken } = await tokensOf(shop);
    local.directory.revokeToken(sendingToken);
    await deliverOnce(delivery);
    await passTime(db, 120);
    await commitEvents(services, rowOf(shop), [purchase("2")]);
    await deliverOnce(delivery);
    expect((await tokensOf(shop)).sendingToken).toBe(token);
    expect((await auditOf(db, shop.domain)).at(-1)).toEqual({
      actor: "system",
      action: "connection.drop_conversion_token",
      before: { sending_with: "conversion_token" },
      after: { sending_with: "token" },
    });
    const log = createLogger("silent");
    expect(await remakeConversionTokens({ ...services, log })).toBe(1);
    const { sendingToken: made } = await tokensOf(shop);
    expect(local.directory.rightsOf(made)?.kind).toBe("conversion");
    expect(await remakeConversionTokens({ ...services, log })).toBe(0);
  });

  test("keep a conversion token that Pinterest takes again", async () => {
    const shop = await shopWithOrder();
    local.fail({ kind: "status", status: 401, times: 1 });
    await deliverOnce(delivery);
    await commitEvents(services, rowOf(shop), [purchase("2")]);
    await deliverOnce(delivery);
    await passTime(db, 120);
    local.fail({ kind: "status", status: 401, times: 1 });
    await commitEvents(services, rowOf(shop), [purchase("3")]);
    await deliverOnce(delivery);
    expect((await connectionRow(db, shop))?.conversion_token).not.toBeNull();
  });

  test("go on with a renewed token when both are refused", async () => {
    const shop = await shopWithOrder();
    const { token, sendingToken } = await tokensOf(shop);
    for (const refused of [token, sendingToken]) local.directory.revokeToken(refused);
    await deliverOnce(delivery);
    expect(requests().map(([, status]) => status)).toEqual([401, 401, 200]);
    expect(await stateOf(shop)).toBe("accepted");
  });

  test("wait, and the connection is paused, when the renewed token is refused as well", async () => {
    const shop = await shopWithOrder();
    local.fail({ kind: "status", status: 401 });
    await deliverOnce(delivery);
    expect(requests().map(([, status]) => status)).toEqual([401, 401, 401]);
    expect(await connectionRow(db, shop)).toMatchObject({ state: "active" });
    for (let turn = 0; turn < 2; turn += 1) {
      await passTime(db, 60);
      await deliverOnce(delivery);
    }
    // The pair is not exchanged with each statement.
    expect(requests()).toHaveLength(7);
    expect(await stateOf(shop)).toBe("pending");
    expect(await connectionRow(db, shop)).toMatchObject({
      state: "paused",
      pause_reason: "unauthorized",
    });
    expect(await actionsOf(shop)).toEqual([
      "shop.install",
      "connection.sign_in",
      "connection.connect",
      "connection.refresh",
      "connection.pause",
    ]);
  });

  test("wait without a pause when Pinterest cannot say whether the sign-in is good", async () => {
    const shop = await shopWithOrder();
    const { token, sendingToken } = await tokensOf(shop);
    for (const refused of [token, sendingToken]) local.directory.revokeToken(refused);
    local.fail({ kind: "status", status: 503, endpoint: "oauth" });
    await deliverOnce(delivery);
    expect(await stateOf(shop)).toBe("pending");
    expect(await connectionRow(db, shop)).toMatchObject({ state: "active" });
    local.heal();
    await deliverOnce(delivery);
    expect(await stateOf(shop)).toBe("accepted");
  });
});

/** As if so many days had gone by since the sign-in. */
async function age({ id }: Shop, days: number): Promise<void> {
  await db.pool.query(
    `update connection set token_expires_at = token_expires_at - $2 * interval '1 day',
      refresh_expires_at = refresh_expires_at - $2 * interval '1 day' where shop_id = $1`,
    [id, days],
  );
}

describe("a sign-in", () => {
  test("is renewed at half time, and not before", async () => {
    const [young, old] = [
      await signedInShop(services, ACCOUNT),
      await signedInShop(services, ACCOUNT),
    ];
    await age(young, 14);
    await age(old, 16);
    const before = { young: await tokensOf(young), old: await tokensOf(old) };
    expect(await renewSignIns(services)).toMatchObject({ renewed: 1 });
    expect(await tokensOf(young)).toEqual(before.young);
    expect((await tokensOf(old)).token).not.toBe(before.old.token);
    expect((await tokensOf(old)).sendingToken).toBe(before.old.sendingToken);
    const row = await connectionRow(db, old);
    expect(row?.refresh_expires_at?.getTime()).toBeGreaterThan(Date.now() + 59 * 86_400_000);
    expect((await auditOf(db, old.domain)).at(-1)).toMatchObject({
      actor: "system",
      action: "connection.refresh",
    });
  });

  test("is renewed once by two workers that begin at the same moment", async () => {
    const shops = [await signedInShop(services, ACCOUNT), await signedInShop(services, ACCOUNT)];
    for (const shop of shops) await age(shop, 20);
    let asked = 0;
    const { pinterest } = services;
    const counted = {
      ...pinterest,
      refreshOAuthToken: (token: string) => {
        asked += 1;
        return pinterest.refreshOAuthToken(token);
      },
    };
    const workers = { ...services, pinterest: counted };
    const results = await Promise.all([renewSignIns(workers), renewSignIns(workers)]);
    expect(asked).toBe(2);
    expect(results.map(({ renewed }) => renewed).reduce((a, b) => a + b)).toBe(2);
    expect(results.map(({ refused }) => refused)).toEqual([0, 0]);
    for (const shop of shops) {
      expect((await connectionRow(db, shop))?.renewal_failed_at).toBeNull();
    }
  });

  test("that cannot be renewed says since when, and says no more once it is", async () => {
    const shop = await signedInShop(services, ACCOUNT);
    await age(shop, 20);
    local.fail({ kind: "status", status: 400, endpoint: "oauth" });
    expect(await renewSignIns(services)).toMatchObject({ refused: 1 });
    const since = (await connectionRow(db, shop))?.renewal_failed_at;
    expect(since).toEqual(expect.any(Date));
    expect(await renewSignIns(services)).toMatchObject({ refused: 1 });
    expect((await connectionRow(db, shop))?.renewal_failed_at).toEqual(since);
    local.heal();
    expect(await renewSignIns(services)).toMatchObject({ renewed: 1 });
    expect((await connectionRow(db, shop))?.renewal_failed_at).toBeNull();
    expect((await actionsOf(shop)).slice(-2)).toEqual([
      "connection.renewal_failed",
      "connection.refresh",
    ]);
  });

  test("is kept alive while a person has paused sending, and left when Pinterest ended it", async () => {
    const [paused, ended] = [
      await signedInShop(services, ACCOUNT),
      await signedInShop(services, ACCOUNT),
    ];
    await pauseConnection({ db }, paused.id, "merchant", OWNER);
    await pauseConnection({ db }, ended.id, "unauthorized", "system");
    for (const shop of [paused, ended]) await age(shop, 20);
    expect(await renewSignIns(services)).toMatchObject({ renewed: 1 });
    expect(await connectionRow(db, paused)).toMatchObject({ state: "paused" });
  });

  test("for which nobody chose an account goes when its token has run out", async () => {
    const [fresh, dead] = [await newShop(db), await newShop(db)];
    for (const shop of [fresh, dead]) await signIn(services, shop);
    await db.pool.query(
      "update pinterest_sign_in set token_expires_at = now() - interval '1 s' where shop_id = $1",
      [dead.id],
    );
    await dropUnusedSignIns(services);
    const { rows } = await db.pool.query<{ shop_id: bigint }>(
      "select shop_id from pinterest_sign_in where shop_id = any($1)",
      [[fresh.id, dead.id]],
    );
    expect(rows).toEqual([{ shop_id: fresh.id }]);
  });

  test("is renewed by the job that every worker schedules", async () => {
    const shop = await signedInShop(services, ACCOUNT);
    await age(shop, 20);
    const { token } = await tokensOf(shop);
    const jobs = new Map<string, () => Promise<void>>();
    const queue = {
      schedule: async (name: string, _cron: string, handler: () => Promise<void>) =>
        void jobs.set(name, handler),
    };
    await scheduleRenewals({ ...services, log: createLogger("silent"), queue });
    await jobs.get("renew-sign-ins")?.();
    expect((await tokensOf(shop)).token).not.toBe(token);
  });
});
