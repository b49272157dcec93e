import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { adminOpener } from "#app/open-admin.server.ts";
import { parseEnv } from "#app/platform/env/env.server.ts";
import { createKeyring } from "#app/platform/keyring.server.ts";
import { createLogger } from "#app/platform/logger.server.ts";
import { requestApplicationToken } from "#app/shopify/application-token.server.ts";
import { openShopAdmin } from "#app/shopify/shop-admin.server.ts";
import { fetchShopFacts } from "#app/shopify/shop-facts.server.ts";
import { createSessionStorage } from "#app/shops/session-storage.server.ts";
import { type LocalShopify, startLocalShopify } from "#test/sandbox/local-shopify.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";

const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const stranger = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const KEYS = { SHOPIFY_API_SECRET: "current-secret", SHOPIFY_APP_URL: "http://127.0.0.1:3999" };

let db: TestDatabase;
let local: LocalShopify;
beforeAll(async () => {
  db = await openTestDatabase();
  local = await startLocalShopify({
    apiKey: "sandbox-key",
    apiSecret: KEYS.SHOPIFY_API_SECRET,
    appKey: publicKey,
  });
});
afterAll(async () => {
  await local?.close();
  await db?.close();
});

const toPem = (key: KeyObject) => key.export({ type: "pkcs8", format: "pem" }).toString();

function open(key: KeyObject | null = privateKey) {
  const config = parseEnv({
    ...KEYS,
    SHOPIFY_SANDBOX_URL: local.url,
    ...(key && { SHOPIFY_APP_PRIVATE_KEY: toPem(key).replaceAll("\n", "\\n") }),
  });
  const keyring = createKeyring(config.ENCRYPTION_KEYS);
  const openAdmin = adminOpener({ config, db, keyring, log: createLogger("silent") });
  return { openAdmin, sessions: createSessionStorage({ db, keyring }) };
}

let shops = 0;

function install(): string {
  shops += 1;
  const domain = `unopened-${shops}.myshopify.com`;
  local.installedShops.install({ domain });
  return domain;
}

const tokenRequests = (domain: string) =>
  local.calls.filter(({ path, shop }) => path.endsWith("/access_token") && shop === domain);

test("a shop without a session is asked by the app's own key, with one token for an hour", async () => {
  const domain = install();
  const { openAdmin, sessions } = open();
  const admin = await openShopAdmin(openAdmin, domain);
  if (typeof admin === "string") throw new Error(admin);
  for (let n = 0; n < 3; n += 1) expect(await fetchShopFacts(admin)).toMatchObject({ ok: true });
  expect(tokenRequests(domain)).toHaveLength(1);
  // A merchant who opens the app still gets a session that renews itself.
  expect(await sessions.loadSession(`offline_${domain}`)).toBeUndefined();
  expect(await openShopAdmin(open(null).openAdmin, domain)).toBe("no_session");
});

test("a session that Shopify renews no more is replaced by it, and one that lives is used", async () => {
  const domain = install();
  const { openAdmin, sessions } = open();
  const { Session } = await import("@shopify/shopify-api");
  const issued = local.installedShops.issueTokens(domain, true);
  const store = (expires: Date) =>
    sessions.storeSession(
      new Session({
        id: `offline_${domain}`,
        shop: domain,
        state: "",
        isOnline: false,
        accessToken: issued.accessToken,
        refreshToken: issued.refreshToken ?? "",
        expires,
      }),
    );
  await store(new Date(Date.now() + 3_600_000));
  expect(await fetchShopFacts(await openAdmin(domain))).toMatchObject({ ok: true });
  expect(tokenRequests(domain)).toEqual([]);
  local.installedShops.remove(domain);
  local.installedShops.install({ domain });
  await store(new Date(Date.now() - 1_000));
  expect(await openShopAdmin(open(null).openAdmin, domain)).toBe("silent");
  const before = tokenRequests(domain).length;
  for (let n = 0; n < 2; n += 1) {
    expect(await fetchShopFacts(await openAdmin(domain))).toMatchObject({ ok: true });
  }
  // The renewal that is refused, and the key's.
  expect(tokenRequests(domain).length - before).toBe(2);
});

test("a token that Shopify takes back is asked for anew", async () => {
  const domain = install();
  const { openAdmin } = open();
  const admin = await openAdmin(domain);
  local.installedShops.remove(domain);
  local.installedShops.install({ domain });
  // Work that is under way goes on, and who asks later has the new one.
  expect(await fetchShopFacts(admin)).toMatchObject({ ok: true });
  expect(await fetchShopFacts(await openAdmin(domain))).toMatchObject({ ok: true });
  expect(tokenRequests(domain)).toHaveLength(2);
  local.installedShops.remove(domain);
  // No token is to be had: that passes, and is no permission that is missing.
  expect(await fetchShopFacts(admin)).toEqual({ ok: false, failure: "silent" });
});

test("a shop that has not installed the app, and a key that Shopify does not know, give no access", async () => {
  expect(await openShopAdmin(open().openAdmin, "never-here.myshopify.com")).toBe("no_session");
  expect(await openShopAdmin(open(stranger.privateKey).openAdmin, install())).toBe("no_session");
});

test("an assertion is good for one shop, one use and two minutes", async () => {
  const domain = install();
  const captured: string[] = [];
  const listener = await startListener(captured);
  const env = { SHOPIFY_SANDBOX_URL: local.url, SHOPIFY_APP_PRIVATE_KEY: toPem(privateKey) };
  const { SHOPIFY_APP_PRIVATE_KEY: appKey } = parseEnv(env);
  if (appKey === undefined) throw new Error("the key was not read");
  const identity = { apiKey: "sandbox-key", appKey, nowMs: Date.now };
  expect(
    await requestApplicationToken({ ...identity, sandboxUrl: listener.url }, domain),
  ).toBeNull();
  await listener.close();
  const [form = ""] = captured;
  const post = async (shop: string) => {
    const response = await fetch(`${local.url}/admin/oauth/access_token`, {
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        "x-shopify-shop-domain": shop,
      },
      body: form,
    });
    return response.status;
  };
  expect(form).not.toContain(KEYS.SHOPIFY_API_SECRET);
  expect(await post(install())).toBe(401);
  expect(await post(domain)).toBe(200);
  expect(await post(domain)).toBe(401);
  const late = { ...identity, sandboxUrl: local.url, nowMs: () => Date.now() - 121_000 };
  expect(await requestApplicationToken(late, domain)).toBeNull();
});

/** Takes a request and refuses it. */
async function startListener(bodies: string[]) {
  const { startLocalServer } = await import("#test/sandbox/local-server.ts");
  return startLocalServer(({ body }) => {
    bodies.push(body.toString());
    return { status: 503, json: {} };
  });
}
