import { Writable } from "node:stream";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parseEnv } from "#app/platform/env/env.server.ts";
import { createKeyring } from "#app/platform/keyring.server.ts";
import { createLogger } from "#app/platform/logger.server.ts";
import { findShop } from "#app/shops/find-shop.server.ts";
import { uninstallShop } from "#app/shops/uninstall-shop.server.ts";
import { createShopify, type Shopify } from "#app/web/shopify.server.ts";
import { type LocalShopify, startLocalShopify } from "#test/sandbox/local-shopify.ts";
import { issueSessionToken } from "#test/sandbox/shopify/session-token.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";

const APP_URL = "http://127.0.0.1:3999";
const BROWSER =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";

let db: TestDatabase;
let local: LocalShopify;
let lines: string[];

beforeAll(async () => {
  db = await openTestDatabase();
  local = await startLocalShopify({
    apiKey: "sandbox-key",
    apiSecret: ["current-secret", "previous-secret"],
    appUrl: APP_URL,
  });
});

afterAll(async () => {
  await local?.close();
  await db?.close();
});

beforeEach(() => {
  lines = [];
});

function openShopify(env: Record<string, string> = {}): Promise<Shopify> {
  const config = parseEnv({
    SHOPIFY_SANDBOX_URL: local.url,
    SHOPIFY_API_SECRET: "current-secret,previous-secret",
    SHOPIFY_APP_URL: APP_URL,
    ...env,
  });
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  const log = createLogger("debug", destination);
  return createShopify({ config, db, keyring: createKeyring(config.ENCRYPTION_KEYS), log });
}

function request(url: string, token?: string): Request {
  const headers = { "user-agent": BROWSER, ...(token && { authorization: `Bearer ${token}` }) };
  return new Request(new URL(url, APP_URL), { headers });
}

function tokenSignedWith(secret: string, shop: string): string {
  return issueSessionToken({ shop, apiKey: "sandbox-key", secret, nowMs: Date.now() });
}

/** The Response that the library throws. */
async function refusal(signingIn: Promise<unknown>): Promise<Response> {
  const thrown = await signingIn.then(
    () => null,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(Response);
  return thrown as Response;
}

const shopRow = async (domain: string) =>
  (
    await db.pool.query(
      "select state, generation, scopes, primary_domain, country_code, currency, time_zone from shop where domain = $1",
      [domain],
    )
  ).rows[0];

const exchanges = (shop: string) =>
  local.calls.filter((call) => call.path.endsWith("/access_token") && call.shop === shop).length;

describe("opening the app", () => {
  test("the first time installs the store, with what Shopify knows of it", async () => {
    const shop = "first.myshopify.com";
    local.installedShops.install({
      domain: shop,
      primaryDomain: "www.first.example",
      countryCode: "DE",
      currencyCode: "EUR",
      ianaTimezone: "Europe/Berlin",
    });
    const shopify = await openShopify();
    const { session } = await shopify.authenticate.admin(request(local.frameUrl(shop)));
    expect(session).toMatchObject({ shop, isOnline: false });
    expect(session.refreshToken).toMatch(/^shprt_/);
    expect(await shopRow(shop)).toEqual({
      state: "installed",
      generation: 1,
      scopes: "read_orders,read_customers,read_products,write_pixels,read_customer_events",
      primary_domain: "www.first.example",
      country_code: "DE",
      currency: "EUR",
      time_zone: "Europe/Berlin",
    });
  });

  test("again needs no new token", async () => {
    const shop = "again.myshopify.com";
    const shopify = await openShopify();
    await shopify.authenticate.admin(request(local.frameUrl(shop)));
    await shopify.authenticate.admin(request("/app", local.sessionToken(shop)));
    expect(exchanges(shop)).toBe(1);
  });

  test("leaves a token that ends, and is renewed without the merchant when it has", async () => {
    const shop = "renewed.myshopify.com";
    const shopify = await openShopify();
    const { session } = await shopify.authenticate.admin(request(local.frameUrl(shop)));
    expect(session.expires?.getTime()).toBeLessThan(Date.now() + 3_601_000);
    session.expires = new Date(Date.now() - 1_000);
    await shopify.sessionStorage.storeSession(session);
    const opened = await shopify.unauthenticated.admin(shop);
    expect(exchanges(shop)).toBe(2);
    expect(opened.session.accessToken).not.toBe(session.accessToken);
    expect(opened.session.expires?.getTime()).toBeGreaterThan(Date.now());
    const stored = await shopify.sessionStorage.loadSession(session.id);
    expect(stored?.accessToken).toBe(opened.session.accessToken);
  });

  test("works with a session token that the previous secret signed, while it is rotated", async () => {
    const shopify = await openShopify();
    for (const secret of ["current-secret", "previous-secret"]) {
      const shop = `${secret}.myshopify.com`;
      const signedIn = await shopify.authenticate.admin(
        request("/app", tokenSignedWith(secret, shop)),
      );
      expect(signedIn.session.shop).toBe(shop);
    }
  });

  test("is refused with a token that neither secret signed, and App Bridge is asked for another", async () => {
    const shopify = await openShopify();
    const forged = tokenSignedWith("guessed-secret", "forged.myshopify.com");
    const response = await refusal(shopify.authenticate.admin(request("/app", forged)));
    expect(response.status).toBe(401);
    expect(response.headers.get("X-Shopify-Retry-Invalid-Session-Request")).toBe("1");
    expect(await findShop({ db }, "forged.myshopify.com")).toBeNull();
  });

  test("with a made-up address is a fault of the request, not of the app", async () => {
    const shopify = await openShopify();
    for (const address of [
      "/app?shop=demo.myshopify.com&host=x",
      "/auth/exit-iframe?exitIframe=https://evil.example",
    ]) {
      expect((await refusal(shopify.authenticate.admin(request(address)))).status).toBe(400);
    }
  });

  test("after an uninstall starts a new install", async () => {
    const shop = "back.myshopify.com";
    const shopify = await openShopify();
    await shopify.authenticate.admin(request("/app", local.sessionToken(shop)));
    await uninstallShop({ db }, { domain: shop, triggeredAt: null });
    await shopify.authenticate.admin(request("/app", local.sessionToken(shop)));
    expect(await shopRow(shop)).toMatchObject({ state: "installed", generation: 2 });
  });

  test("works although Shopify does not tell the store's facts", async () => {
    const shop = "silent.myshopify.com";
    const silent = await startLocalShopify({
      apiKey: "sandbox-key",
      apiSecret: "current-secret",
      resolvers: {
        shop: () => {
          throw new Error("internal error");
        },
      },
    });
    try {
      const shopify = await openShopify({ SHOPIFY_SANDBOX_URL: silent.url });
      const token = tokenSignedWith("current-secret", shop);
      await shopify.authenticate.admin(request("/app", token));
      expect(await shopRow(shop)).toMatchObject({ state: "installed", currency: null });
      expect(lines.join("")).toContain("the shop's facts are not known");
    } finally {
      await silent.close();
    }
  });

  test("that could not be recorded leaves no session, so that the next try records it", async () => {
    const shop = "broken.myshopify.com";
    await db.pool.query(
      "alter table shop add constraint refused check (domain <> 'broken.myshopify.com')",
    );
    const shopify = await openShopify();
    const open = () => shopify.authenticate.admin(request("/app", local.sessionToken(shop)));
    expect((await refusal(open())).status).toBe(500);
    await db.pool.query("alter table shop drop constraint refused");
    await open();
    expect(await shopRow(shop)).toMatchObject({ state: "installed" });
  });

  test("leaves no token in the log, whether it works or not", async () => {
    const shop = "quiet.myshopify.com";
    const shopify = await openShopify();
    const good = local.sessionToken(shop);
    const expired = local.sessionToken(shop, { exp: 1 });
    const { session } = await shopify.authenticate.admin(request("/app", good));
    await refusal(shopify.authenticate.admin(request("/app", expired)));
    await refusal(shopify.authenticate.admin(request("/app?shop=quiet.myshopify.com&host=x")));
    const log = lines.join("");
    for (const token of [good, expired, session.accessToken, session.refreshToken]) {
      expect(token).toBeTruthy();
      expect(log).not.toContain(token);
    }
  });
});
