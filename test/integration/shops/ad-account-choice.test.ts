import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Database } from "#app/platform/db.server.ts";
import { chooseAdAccount } from "#app/shops/connection/choose-ad-account.server.ts";
import { listAdAccounts } from "#app/shops/connection/list-ad-accounts.server.ts";
import { pauseConnection } from "#app/shops/connection/pause-connection.server.ts";
import { readConnection } from "#app/shops/connection/read-connection.server.ts";
import { type LocalPinterest, startLocalPinterest } from "#test/sandbox/local-pinterest.ts";
import { openTestDatabase } from "#test/support/database.ts";
import { deliverOnce, openDelivery } from "#test/support/delivery-fixture.ts";
import { commitEvents, purchase, readStates, testKeyring } from "#test/support/outbox-fixture.ts";
import { auditOf } from "./shop-fixture.ts";
import {
  addAccounts,
  connectionRow,
  EU_ACCOUNT,
  FINANCE_ACCOUNT,
  newShop,
  OWNER,
  type Shop,
  type SignInServices,
  signedInShop,
  signIn,
  signInServices,
  US_ACCOUNT,
} from "./sign-in-fixture.ts";

let db: Database;
let local: LocalPinterest;
let services: SignInServices;
let delivery: ReturnType<typeof openDelivery>;
const keyring = testKeyring();

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());
beforeEach(async () => {
  await db.pool.query("truncate event, event_payload, due_account, count_bucket, receipt, attempt");
  local = await startLocalPinterest();
  addAccounts(local);
  services = signInServices({ db, keyring }, local);
  const { url: pinterestUrl, oauthClient } = local;
  delivery = openDelivery({ db, keyring, pinterestUrl, oauthClient });
});
afterEach(async () => {
  await services.pinterest.close();
  await delivery.close();
  await local.close();
});

/** Takes orders as of now: for the account that the shop has at this moment. */
async function take(shop: Shop, ...orders: string[]): Promise<void> {
  const connection = await readConnection(services, shop);
  const row = {
    ...shop,
    lane: 1,
    settingsVersion: 1,
    payloadDays: 9,
    connection: connection && { adAccountId: connection.adAccountId, state: connection.state },
  };
  await commitEvents(
    services,
    row,
    orders.map((order) => purchase(order)),
  );
}

test("the accounts are listed with their roles, and those that may not send are named", async () => {
  const shop = await newShop(db);
  await signIn(services, shop);
  expect(await listAdAccounts(services, shop)).toMatchObject({
    kind: "listed",
    isComplete: true,
    accounts: [
      { id: US_ACCOUNT, name: "Acme US", currency: "USD", roles: ["ADMIN"], maySend: true },
      { id: EU_ACCOUNT, currency: "EUR", roles: ["CAMPAIGN_MANAGER"], maySend: true },
      { id: FINANCE_ACCOUNT, roles: ["FINANCE_VIEW"], maySend: false },
    ],
  });
});

test("choosing an account makes the sign-in the shop's connection, in one step", async () => {
  const shop = await newShop(db);
  await signIn(services, shop);
  expect(await chooseAdAccount(services, shop, US_ACCOUNT, OWNER)).toBe("connected");
  expect(await connectionRow(db, shop)).toMatchObject({
    ad_account_id: US_ACCOUNT,
    account_name: "Acme US",
    account_currency: "USD",
    state: "active",
    kind: "sign_in",
    signed_in_as: "sandboxowner",
    conversion_token_at: expect.any(Date),
    refresh_expires_at: expect.any(Date),
  });
  const { rowCount } = await db.pool.query("select from pinterest_sign_in where shop_id = $1", [
    shop.id,
  ]);
  expect(rowCount).toBe(0);
  const entry = (await auditOf(db, shop.domain)).at(-1);
  expect(entry).toMatchObject({
    actor: OWNER,
    action: "connection.connect",
    before: null,
    after: { ad_account_id: US_ACCOUNT, kind: "sign_in" },
  });
  const connection = await readConnection(services, shop);
  expect(JSON.stringify(entry)).not.toContain(connection?.token.slice(-5));
  expect(connection?.sendingToken).not.toBe(connection?.token);
  expect(local.directory.rightsOf(connection?.sendingToken ?? "")?.kind).toBe("conversion");
});

test.each([
  ["where the user may only see invoices", FINANCE_ACCOUNT],
  ["of somebody else", "549700000001"],
])("an account %s cannot be chosen, whatever the form says", async (_, account) => {
  const shop = await newShop(db);
  await signIn(services, shop);
  expect(await chooseAdAccount(services, shop, account, OWNER)).toBe("not_allowed");
  expect(await connectionRow(db, shop)).toBeUndefined();
});

test("choosing twice, as a double click does, connects once", async () => {
  const shop = await newShop(db);
  await signIn(services, shop);
  const both = await Promise.all([
    chooseAdAccount(services, shop, US_ACCOUNT, OWNER),
    chooseAdAccount(services, shop, US_ACCOUNT, OWNER),
  ]);
  expect(both.sort()).toEqual(["connected", "unchanged"]);
});

test("after a change of account, left events still go to the old one and new ones to the new", async () => {
  const shop = await signedInShop(services);
  await take(shop, "1", "2", "3");
  expect(await chooseAdAccount(services, shop, EU_ACCOUNT, OWNER, "leave")).toBe("changed");
  await take(shop, "4");
  await deliverOnce(delivery);
  expect((await readStates(db, shop.id)).map(({ state }) => state)).toEqual(
    Array(4).fill("accepted"),
  );
  const sent = local.ledger.requests.map(({ adAccountId, ids }) => [adAccountId, ids.length]);
  expect(sent.sort()).toEqual([
    [US_ACCOUNT, 3],
    [EU_ACCOUNT, 1],
  ]);
  expect((await auditOf(db, shop.domain)).at(-1)).toMatchObject({
    action: "connection.change_account",
    before: { ad_account_id: US_ACCOUNT },
    after: { ad_account_id: EU_ACCOUNT, state: "active", earlier_events: "left" },
  });
});

test("an old account that refuses keeps its events waiting and stops nothing else", async () => {
  const shop = await signedInShop(services);
  await take(shop, "1");
  await chooseAdAccount(services, shop, EU_ACCOUNT, OWNER, "leave");
  local.fail({ kind: "status", status: 403, adAccountId: US_ACCOUNT });
  await take(shop, "2");
  await deliverOnce(delivery);
  expect(await readStates(db, shop.id)).toMatchObject([
    { event_id: "order-1-checkout", state: "pending", attempts: 1 },
    { event_id: "order-2-checkout", state: "accepted" },
  ]);
  expect(await connectionRow(db, shop)).toMatchObject({ state: "active" });
});

test("another account ends a pause that the old account's refusal caused, but not a person's", async () => {
  const [refused, paused] = [await signedInShop(services), await signedInShop(services)];
  await pauseConnection({ db }, refused.id, "forbidden", "system");
  await pauseConnection({ db }, paused.id, "merchant", OWNER);
  for (const shop of [refused, paused]) {
    await chooseAdAccount(services, shop, EU_ACCOUNT, OWNER);
  }
  expect(await connectionRow(db, refused)).toMatchObject({ state: "active", pause_reason: null });
  expect(await connectionRow(db, paused)).toMatchObject({
    state: "paused",
    pause_reason: "merchant",
  });
});

test("signing in again sends with the new tokens, and leaves a person's pause alone", async () => {
  const shop = await signedInShop(services);
  const old = await readConnection(services, shop);
  await pauseConnection({ db }, shop.id, "merchant", OWNER);
  await signIn(services, shop);
  expect((await readConnection(services, shop))?.token).toBe(old?.token);
  expect(await chooseAdAccount(services, shop, US_ACCOUNT, OWNER)).toBe("connected");
  const now = await readConnection(services, shop);
  expect(now?.token).not.toBe(old?.token);
  expect(now?.state).toBe("paused");
});

test("accounts are read with a renewed token where the old one is refused", async () => {
  const shop = await signedInShop(services);
  const old = await readConnection(services, shop);
  local.directory.revokeToken(old?.token ?? "");
  expect(await listAdAccounts(services, shop)).toMatchObject({ kind: "listed" });
  expect((await readConnection(services, shop))?.token).not.toBe(old?.token);
});
