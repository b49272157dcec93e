import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { shopSettings } from "#app/events/shop-settings.ts";
import type { Database } from "#app/platform/db.server.ts";
import { createApiKey } from "#app/shops/api-keys.server.ts";
import { installShop } from "#app/shops/install-shop.server.ts";
import { loadMappingShops } from "#app/shops/load-mapping-shops.server.ts";
import { changeSettings } from "#app/shops/settings/change-settings.server.ts";
import { checkSettings, parseSettingsForm } from "#app/shops/settings/check-settings.server.ts";
import { readSettings } from "#app/shops/settings/read-settings.server.ts";
import { uninstallShop } from "#app/shops/uninstall-shop.server.ts";
import { openTestDatabase } from "#test/support/database.ts";
import { HOSTILE_TEXTS } from "#test/support/hostile-texts.ts";
import { makeShop, shopNamed, testKeyring } from "#test/support/outbox-fixture.ts";
import { auditOf } from "./shop-fixture.ts";

let db: Database;

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

let shops = 0;
async function newShop(): Promise<string> {
  shops += 1;
  const domain = `settings-${shops}.myshopify.com`;
  await installShop({ db }, { domain });
  return domain;
}

async function storedOf(domain: string): Promise<{ settings: object; settings_version: number }> {
  const { rows } = await db.pool.query(
    "select settings, settings_version from shop where domain = $1",
    [domain],
  );
  return rows[0];
}

test("a change is a new version, stored as what differs from the defaults", async () => {
  const domain = await newShop();
  const changes = {
    hold_seconds: "60",
    test_orders: "skip",
    "source.pos": "skip",
    "source.subscription_contract": "offline",
    "consent.US": "require",
  };
  const changed = await changeSettings({ db }, { domain, changes, actor: "cli" });
  expect(changed).toMatchObject({ ok: true, version: 2, settings: { hold_seconds: 60 } });
  expect(await storedOf(domain)).toEqual({
    settings_version: 2,
    settings: {
      hold_seconds: 60,
      "source.pos": "skip",
      "source.subscription_contract": "offline",
      "consent.US": "require",
    },
  });
  expect((await auditOf(db, domain)).at(-1)).toEqual({
    actor: "cli",
    action: "settings.change",
    before: { version: 1, hold_seconds: 30, "source.pos": "offline" },
    after: {
      version: 2,
      hold_seconds: 60,
      "source.pos": "skip",
      "source.subscription_contract": "offline",
      "consent.US": "require",
    },
  });
});

test("every fault is named and nothing is changed", async () => {
  const domain = await newShop();
  const changes = {
    hold_seconds: 601,
    colour: "blue",
    "source.pos": "require",
    "source.web": "loud",
    "consent.DE": "maybe",
    "consent.Germany": "require",
    "consent.UK": "require",
    "events.checkout": "off",
    ["__proto__"]: "send",
    purchase_trigger: "order_shipped",
    product_id: "{handle}",
    value_basis: "total",
    alert_emails: ["nobody"],
  };
  const result = await changeSettings({ db }, { domain, changes, actor: "cli" });
  expect(result.ok ? [] : result.faults).toEqual([
    { path: "hold_seconds", message: expect.stringContaining("600") },
    { path: "colour", message: "is not a setting" },
    { path: "source.pos", message: "use send or offline or skip" },
    { path: "source.web", message: "use send or offline or skip" },
    { path: "consent.DE", message: "use require or respect" },
    { path: "consent.Germany", message: "is not a setting" },
    { path: "consent.UK", message: "is not a setting" },
    { path: "events.checkout", message: "is not a setting" },
    { path: "__proto__", message: "is not a setting" },
    { path: "purchase_trigger", message: expect.stringContaining("order_paid") },
    { path: "product_id", message: expect.stringContaining("{variant}") },
    { path: "alert_emails", message: expect.any(String) },
  ]);
  expect(await storedOf(domain)).toEqual({ settings: {}, settings_version: 1 });
  expect(await auditOf(db, domain)).toHaveLength(1);
});

test("a form with a key that no setting has is told so, whatever the key", async () => {
  const domain = await newShop();
  for (const key of ["colour", ...HOSTILE_TEXTS]) {
    const path = key.length > 1_000 ? expect.stringMatching(/^x{20,200}…$/) : key;
    const form = new FormData();
    form.set("changes", `{"value_basis":"total",${JSON.stringify(key)}:"send"}`);
    form.set("version", "1");
    const posted = parseSettingsForm(form);
    if (posted === null) throw new Error(key);
    const result = await changeSettings({ db }, { domain, actor: "cli", ...posted });
    expect(result, key).toEqual({
      ok: false,
      faults: [{ path, message: "is not a setting" }],
    });
  }
  expect(await storedOf(domain)).toEqual({ settings: {}, settings_version: 1 });
});

test("every fault is in our own words, whatever stands in whichever setting", () => {
  const wrong = [null, 5, true, [], [5], {}, "x", "x".repeat(5_000), Array(30).fill("a@b.example")];
  const emails = [`${"x".repeat(320)}@b.example`, "https://example.com/\u0001"];
  const messages = Object.keys(shopSettings.parse({})).flatMap((name) =>
    [...wrong, ...emails, ...emails.map((text) => [text])].flatMap((value) =>
      checkSettings({ [name]: value }).map(({ message }) => message),
    ),
  );
  expect(messages.length).toBeGreaterThan(100);
  for (const message of messages)
    expect(message).toMatch(/^(use |names |is (not a setting|too long))/);
});

test("a template of the country is refused while the shop's country is not known", async () => {
  const domain = await newShop();
  const changes = { product_id: "shopify_{country}_{variant}" };
  const set = () => changeSettings({ db }, { domain, changes, actor: "cli" });
  expect(await set()).toMatchObject({
    ok: false,
    faults: [{ path: "product_id", code: "no_country" }],
  });
  await db.pool.query("update shop set country_code = 'US' where domain = $1", [domain]);
  expect(await set()).toMatchObject({ ok: true, changed: ["product_id"] });
});

test("null puts a setting back to its default", async () => {
  const domain = await newShop();
  const changes = { "consent.US": "require", hold_seconds: 5, value_basis: "total" };
  await changeSettings({ db }, { domain, changes, actor: "cli" });
  const reset = { "consent.US": null, hold_seconds: null, "source.other": null };
  await changeSettings({ db }, { domain, changes: reset, actor: "cli" });
  expect(await storedOf(domain)).toEqual({
    settings: { value_basis: "total" },
    settings_version: 3,
  });
  const unknown = await changeSettings({ db }, { domain, changes: { colour: null }, actor: "cli" });
  expect(unknown).toEqual({ ok: false, faults: [{ path: "colour", message: "is not a setting" }] });
});

test("what is so already makes no version and no entry", async () => {
  const domain = await newShop();
  const same = { domain, changes: { hold_seconds: 30, "consent.EU": "require" }, actor: "cli" };
  expect(await changeSettings({ db }, same)).toMatchObject({ ok: true, version: 1, changed: [] });
  expect(await auditOf(db, domain)).toHaveLength(1);
});

test("changes made at once are all kept", async () => {
  const domain = await newShop();
  const names = ["signup", "search", "page_visit", "add_to_cart", "view_category"];
  await Promise.all(
    names.map((name) =>
      changeSettings({ db }, { domain, changes: { [`events.${name}`]: "off" }, actor: "cli" }),
    ),
  );
  const { settings, version } = await readSettings({ db }, await shopNamed(db, domain));
  expect(version).toBe(6);
  for (const name of names) expect(settings).toHaveProperty([`events.${name}`], "off");
});

test("a stored setting that this version does not know stops no shop", async () => {
  const domain = await newShop();
  await db.pool.query(
    `update shop set settings = '{"hold_seconds":10,"old_setting":true,"value_basis":"gross"}'
      where domain = $1`,
    [domain],
  );
  const shop = (await loadMappingShops(db.pool, [domain])).get(domain);
  expect(shop?.settings).toMatchObject({ hold_seconds: 10, value_basis: "subtotal_before_tax" });
  expect(shop?.settings).not.toHaveProperty("old_setting");
});

test("intake knows installed shops alone, each with its own settings and connection", async () => {
  const services = { db, keyring: testKeyring() };
  const connected = await makeShop(services, { adAccountId: "549755885175" });
  const bare = await newShop();
  const gone = await newShop();
  await uninstallShop({ db }, { domain: gone, triggeredAt: null });
  await changeSettings({ db }, { domain: bare, changes: { hold_seconds: 1 }, actor: "cli" });
  const domains = [connected.domain, bare, gone, "never.myshopify.com"];
  const found = await loadMappingShops(db.pool, domains);
  expect([...found.keys()].sort()).toEqual([bare, connected.domain].sort());
  expect(found.get(connected.domain)).toMatchObject({
    id: connected.id,
    lane: connected.lane,
    settingsVersion: 1,
    settings: { hold_seconds: 30, "consent.EU": "require" },
    connection: { adAccountId: "549755885175", state: "active" },
  });
  expect(found.get(bare)).toMatchObject({
    settingsVersion: 2,
    settings: { hold_seconds: 1 },
    connection: null,
  });
});

test("an API key is shown once and kept as a hash", async () => {
  const domain = await newShop();
  const key = await createApiKey({ db }, { domain, name: "", actor: "cli" });
  expect(key).toMatch(/^prk_[\w-]{43}$/);
  const { rows } = await db.pool.query(
    "select key_hash from shop_api_key where shop_id = (select id from shop where domain = $1)",
    [domain],
  );
  expect(rows).toEqual([{ key_hash: createHash("sha256").update(key).digest("hex") }]);
  expect(JSON.stringify(await auditOf(db, domain))).not.toContain(key);
  const unknown = createApiKey({ db }, { domain: "never.myshopify.com", name: "", actor: "cli" });
  await expect(unknown).rejects.toMatchObject({ code: "unknown_shop" });
});

test("a shop has room for 100 sources and regions of its own, and each one more is named", async () => {
  const domain = await newShop();
  const name = (n: number) => `source.own-${String(n).padStart(3, "0")}`;
  const some = (from: number, to: number) =>
    Object.fromEntries(
      Array.from({ length: to - from }, (_, n) => [name(from + n), "offline"] as const),
    );
  const change = (changes: object) =>
    changeSettings({ db }, { domain, changes: { ...changes }, actor: "cli" });
  expect(await change(some(0, 60))).toMatchObject({ ok: true });
  expect(await change({ ...some(60, 102), "source.pos": "skip", hold_seconds: 5 })).toMatchObject({
    ok: false,
    faults: [{ path: name(100) }, { path: name(101) }],
  });
  expect(await change({ ...some(60, 100), "source.pos": "skip" })).toMatchObject({ ok: true });
  // One goes, and another has its place.
  expect(await change({ [name(0)]: null, "consent.DE": "require" })).toMatchObject({ ok: true });
  expect(await change(some(0, 30_000))).toMatchObject({ ok: false });
});

test("no shop's settings are more than 32 KiB, and more that were stored before are not read", async () => {
  const domain = await newShop();
  const long = (n: number, end = "") => `${n}${"x".repeat(98 - String(n).length)}${end}`;
  const changes = {
    ...Object.fromEntries(
      Array.from({ length: 100 }, (_, n) => [`source.${long(n)}`, "offline"] as const),
    ),
    product_id: `{variant}${"x".repeat(191)}`,
    alert_emails: Array.from({ length: 20 }, (_, n) => `${n}${"x".repeat(200)}@example.com`),
    alert_webhook_url: Array.from({ length: 5 }, () => `https://example.com/${"x".repeat(2_028)}`),
  };
  const changed = await changeSettings({ db }, { domain, changes, actor: "cli" });
  expect(changed).toMatchObject({ ok: true });
  expect(JSON.stringify((await storedOf(domain)).settings).length).toBeLessThan(32_768);

  const flood = Array.from({ length: 5_000 }, (_, n) => [`source.old-${n}`, "skip"] as const);
  await db.pool.query("update shop set settings = $2 where domain = $1", [
    domain,
    JSON.stringify({ hold_seconds: 7, ...Object.fromEntries(flood) }),
  ]);
  const { settings } = await readSettings({ db }, await shopNamed(db, domain));
  expect(settings.hold_seconds).toBe(7);
  expect(Object.keys(settings).length).toBeLessThan(150);
});
