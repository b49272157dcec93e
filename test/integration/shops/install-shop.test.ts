import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { connectAdAccount } from "#app/shops/connection/connect-ad-account.server.ts";
import { pauseConnection } from "#app/shops/connection/pause-connection.server.ts";
import { findShop } from "#app/shops/find-shop.server.ts";
import {
  installShop,
  reviveShop,
  saveShopFacts,
  updateScopes,
} from "#app/shops/install-shop.server.ts";
import { loadMappingShops } from "#app/shops/load-mapping-shops.server.ts";
import { uninstallShop } from "#app/shops/uninstall-shop.server.ts";
import { openTestDatabase } from "#test/support/database.ts";
import { commitEvents, makeShop, purchase, testKeyring } from "#test/support/outbox-fixture.ts";
import { auditOf, connectionOf } from "./shop-fixture.ts";

let db: Database;
let keyring: Keyring;

beforeAll(async () => {
  db = await openTestDatabase();
  keyring = testKeyring();
});
afterAll(() => db.close());

const MINUTE_MS = 60_000;

async function connect(domain: string): Promise<void> {
  await connectAdAccount(
    { db, keyring },
    { domain, adAccountId: "549755885175", token: "pina_token", actor: "test" },
  );
}

test("a token exchange of an installed shop changes nothing but its scopes", async () => {
  const domain = "idle.myshopify.com";
  const first = await installShop({ db }, { domain, scopes: ["read_orders"] });
  const second = await installShop({ db }, { domain, scopes: ["read_orders", "write_pixels"] });
  const third = await installShop({ db }, { domain });
  expect(first).toMatchObject({ generation: 1, isNew: true, isBack: false });
  expect(second).toEqual({ id: first.id, generation: 1, isNew: false, isBack: false });
  expect(third).toEqual(second);
  expect(await scopesOf(domain)).toBe("read_orders,write_pixels");
  expect((await auditOf(db, domain)).map(({ action }) => action)).toEqual(["shop.install"]);
});

test("twenty installs of one shop at once make one shop", async () => {
  const domain = "rush.myshopify.com";
  const installs = await Promise.all(
    Array.from({ length: 20 }, () => installShop({ db }, { domain })),
  );
  expect(new Set(installs.map(({ id }) => id)).size).toBe(1);
  expect(installs.filter(({ isNew }) => isNew)).toHaveLength(1);
  expect(new Set(installs.map(({ generation }) => generation))).toEqual(new Set([1]));
});

test("a shop that comes back starts a new generation and sends again", async () => {
  const domain = "back.myshopify.com";
  const { id } = await installShop({ db }, { domain, at: new Date(Date.now() - MINUTE_MS) });
  await connect(domain);
  expect(await uninstallShop({ db }, { domain, triggeredAt: new Date() })).toBe("uninstalled");
  expect(await findShop({ db }, domain)).toMatchObject({ id, state: "uninstalled" });
  expect(await connectionOf(db, domain)).toMatchObject({
    state: "paused",
    pause_reason: "uninstalled",
  });
  expect(await installShop({ db }, { domain })).toEqual({
    id,
    generation: 2,
    isNew: false,
    isBack: true,
  });
  expect(await findShop({ db }, domain)).toMatchObject({ id, state: "installed" });
  expect(await connectionOf(db, domain)).toMatchObject({ state: "active", pause_reason: null });
});

test("a webhook that proves a shop is back makes what it has waiting due", async () => {
  const shop = await makeShop({ db, keyring });
  await commitEvents({ db, keyring }, shop, [purchase("waits")]);
  await uninstallShop({ db }, { domain: shop.domain, triggeredAt: new Date(Date.now() + 1_000) });
  await db.pool.query("update due_account set next_at = 'infinity'");
  const proof = { at: new Date(Date.now() + MINUTE_MS), topic: "orders/create" };
  expect(await reviveShop({ db }, { domain: shop.domain, ...proof })).toBe(true);
  const { rows } = await db.pool.query<{ n: number }>(
    "select count(*)::integer as n from due_account where next_at < 'infinity'",
  );
  expect(rows).toEqual([{ n: 1 }]);
});

test("a connection that Pinterest refused stays paused when the shop comes back", async () => {
  const domain = "refused.myshopify.com";
  const { id } = await installShop({ db }, { domain });
  await connect(domain);
  await pauseConnection({ db }, id, "unauthorized", "system");
  await uninstallShop({ db }, { domain, triggeredAt: null });
  await installShop({ db }, { domain });
  expect(await connectionOf(db, domain)).toMatchObject({
    state: "paused",
    pause_reason: "unauthorized",
  });
});

test("a late uninstall of the earlier install does not end the present one", async () => {
  const domain = "late.myshopify.com";
  await installShop({ db }, { domain, at: new Date(Date.now() - 10 * MINUTE_MS) });
  const uninstalledAt = new Date(Date.now() - 5 * MINUTE_MS);
  await uninstallShop({ db }, { domain, triggeredAt: uninstalledAt });
  await installShop({ db }, { domain });
  await connect(domain);
  await storeSessionRow(domain);
  expect(await uninstallShop({ db }, { domain, triggeredAt: uninstalledAt })).toBe("late");
  expect(await findShop({ db }, domain)).toMatchObject({ state: "installed" });
  expect(await connectionOf(db, domain)).toMatchObject({ state: "active" });
  expect(await sessionsOf(domain)).toBe(1n);
});

test("an uninstall takes the shop's sessions, and no other shop's", async () => {
  const domain = "leaving.myshopify.com";
  await installShop({ db }, { domain });
  await storeSessionRow(domain);
  await storeSessionRow("staying.myshopify.com");
  await uninstallShop({ db }, { domain, triggeredAt: null });
  expect(await sessionsOf(domain)).toBe(0n);
  expect(await sessionsOf("staying.myshopify.com")).toBe(1n);
  expect((await auditOf(db, domain)).at(-1)).toMatchObject({
    actor: "shopify",
    action: "shop.uninstall",
  });
});

test("a second uninstall, or one of an unknown shop, is no fault", async () => {
  const domain = "gone.myshopify.com";
  await installShop({ db }, { domain });
  await uninstallShop({ db }, { domain, triggeredAt: null });
  expect(await uninstallShop({ db }, { domain, triggeredAt: null })).toBe("not_installed");
  const unknown = { domain: "never.myshopify.com", triggeredAt: new Date() };
  expect(await uninstallShop({ db }, unknown)).toBe("not_installed");
});

test("scopes follow Shopify's webhook while the shop is installed", async () => {
  const domain = "scopes.myshopify.com";
  await installShop({ db }, { domain, scopes: ["read_orders"] });
  await updateScopes({ db }, { domain, scopes: ["read_orders", "read_customers"] });
  expect(await scopesOf(domain)).toBe("read_orders,read_customers");
});

test("a country stands in the shop as ISO has it, whoever wrote it", async () => {
  const domain = "britain.myshopify.com";
  await installShop({ db }, { domain });
  for (const [written, read] of [
    ["UK", "GB"],
    ["gb", "GB"],
    ["ZZ", null],
  ]) {
    await db.pool.query("update shop set country_code = $2 where domain = $1", [domain, written]);
    const shop = (await loadMappingShops(db.pool, [domain])).get(domain);
    expect(shop?.countryCode, String(written)).toBe(read);
  }
});

test("what the Admin API does not say stays as it was", async () => {
  const domain = "facts.myshopify.com";
  await installShop({ db }, { domain });
  const facts = {
    domain,
    primaryDomain: "shop.example",
    countryCode: "CH" as const,
    currency: "CHF",
    timeZone: "Europe/Zurich",
  };
  await saveShopFacts({ db }, facts);
  await saveShopFacts({ db }, { ...facts, primaryDomain: "new.example", countryCode: null });
  const { rows } = await db.pool.query(
    "select primary_domain, country_code, currency, time_zone from shop where domain = $1",
    [domain],
  );
  expect(rows[0]).toEqual({
    primary_domain: "new.example",
    country_code: "CH",
    currency: "CHF",
    time_zone: "Europe/Zurich",
  });
});

async function scopesOf(domain: string): Promise<string> {
  const { rows } = await db.pool.query("select scopes from shop where domain = $1", [domain]);
  return rows[0].scopes;
}

async function storeSessionRow(domain: string): Promise<void> {
  await db.pool.query(
    "insert into shopify_session (id, shop_domain, content) values ($1, $1, '')",
    [domain],
  );
}

async function sessionsOf(domain: string): Promise<bigint> {
  const { rows } = await db.pool.query(
    "select count(*) as n from shopify_session where shop_domain = $1",
    [domain],
  );
  return rows[0].n;
}
