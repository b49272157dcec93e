import { request } from "undici";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type LocalShopify, startLocalShopify } from "#test/sandbox/local-shopify.ts";

const SHOP = "demo.myshopify.com";
const OTHER = "other.myshopify.com";
const SHOP_INFO = `query ShopInfo { shop { id name myshopifyDomain primaryDomain { host url }
  contactEmail currencyCode enabledPresentmentCurrencies ianaTimezone
  billingAddress { countryCodeV2 } plan { publicDisplayName partnerDevelopment shopifyPlus } taxesIncluded } }`;

let now: number;
let shopify: LocalShopify;
beforeEach(async () => {
  now = Date.now();
  shopify = await startLocalShopify({
    apiKey: "key",
    apiSecret: "hush",
    appUrl: "http://localhost:3000",
    now: () => now,
  });
});
afterEach(() => shopify.close());

async function post(path: string, shop: string, body: object, headers = {}) {
  const reply = await request(shopify.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", "x-shopify-shop-domain": shop, ...headers },
    body: JSON.stringify(body),
  });
  // biome-ignore lint/suspicious/noExplicitAny: looked at field by field
  return { status: reply.statusCode, body: (await reply.body.json()) as any };
}

function exchange(token: string, changes: object = {}, shop = SHOP) {
  return post("/admin/oauth/access_token", shop, {
    client_id: "key",
    client_secret: "hush",
    grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
    subject_token: token,
    subject_token_type: "urn:ietf:params:oauth:token-type:id_token",
    requested_token_type: "urn:shopify:params:oauth:token-type:offline-access-token",
    expiring: "1",
    ...changes,
  });
}

function refresh(refresh_token: string) {
  const client = { client_id: "key", client_secret: "hush", grant_type: "refresh_token" };
  return post("/admin/oauth/access_token", SHOP, { ...client, refresh_token });
}

describe("token exchange", () => {
  test("gives an expiring offline token and installs the shop", async () => {
    const { status, body } = await exchange(shopify.sessionToken(SHOP));
    expect(status).toBe(200);
    expect(body).toMatchObject({ expires_in: 3600, refresh_token_expires_in: 90 * 86_400 });
    expect(shopify.installedShops.ownerOf(body.access_token)).toBe(SHOP);
    expect(shopify.installedShops.get(SHOP)).toBeDefined();
    now += 3601 * 1000;
    expect(shopify.installedShops.ownerOf(body.access_token)).toBeNull();
  });

  test("gives a token without end when none was asked to expire", async () => {
    const { body } = await exchange(shopify.sessionToken(SHOP), { expiring: "0" });
    expect(Object.keys(body).sort()).toEqual(["access_token", "scope"]);
  });

  test.each([
    ["of another app", { aud: "other" }],
    ["that has ended", { exp: 1 }],
    ["that is not valid yet", { nbf: 9_999_999_999 }],
    ["of another shop", { dest: `https://${OTHER}`, iss: `https://${OTHER}/admin` }],
  ])("refuses a session token %s", async (_, claims) => {
    const { status, body } = await exchange(shopify.sessionToken(SHOP, claims));
    expect([status, body.error]).toEqual([400, "invalid_subject_token"]);
  });

  test("refuses a token that somebody changed, or an app without its secret", async () => {
    const token = shopify.sessionToken(SHOP);
    const [header, , signature] = token.split(".");
    const claims = { dest: `https://${OTHER}`, iss: `https://${OTHER}/admin`, aud: "key" };
    const forged = Buffer.from(JSON.stringify({ ...claims, exp: 9e9, nbf: 0 })).toString(
      "base64url",
    );
    expect((await exchange(`${header}.${forged}.${signature}`, {}, OTHER)).status).toBe(400);
    expect((await exchange("nonsense")).status).toBe(400);
    expect((await exchange(token, { client_secret: "wrong" })).status).toBe(401);
    expect(shopify.installedShops.list()).toEqual([]);
  });

  test("a refresh token is good again until its replacement was used, then never", async () => {
    const first = (await exchange(shopify.sessionToken(SHOP))).body.refresh_token;
    const second = (await refresh(first)).body.refresh_token;
    expect(second).not.toBe(first);
    expect((await refresh(first)).status).toBe(200);
    expect((await refresh(second)).status).toBe(200);
    const refused = await refresh(first);
    expect([refused.status, refused.body.error]).toEqual([400, "invalid_grant"]);
  });

  test("nothing can be refreshed after uninstall", async () => {
    const { body } = await exchange(shopify.sessionToken(SHOP));
    shopify.installedShops.remove(SHOP);
    expect((await refresh(body.refresh_token)).status).toBe(400);
  });
});

describe("the Admin API", () => {
  const graphql = (query: string, token: string, shop = SHOP) =>
    post("/admin/api/2026-10/graphql.json", shop, { query }, { "x-shopify-access-token": token });

  test("tells the shop's facts, exactly those asked for", async () => {
    shopify.installedShops.install({ domain: SHOP, currencyCode: "JPY", countryCode: "JP" });
    const { accessToken } = shopify.installedShops.issueTokens(SHOP, true);
    const { status, body } = await graphql(SHOP_INFO, accessToken);
    expect(status).toBe(200);
    expect(body.data.shop).toMatchObject({
      myshopifyDomain: SHOP,
      currencyCode: "JPY",
      primaryDomain: { host: "demo.example", url: "https://demo.example" },
      billingAddress: { countryCodeV2: "JP" },
      plan: { shopifyPlus: false },
    });
    const { body: short } = await graphql("{ s: shop { name } }", accessToken);
    expect(short.data).toEqual({ s: { name: "demo" } });
  });

  test("refuses another shop's token, a wrong one, and fields that do not exist", async () => {
    shopify.installedShops.install({ domain: SHOP });
    shopify.installedShops.install({ domain: OTHER });
    const { accessToken } = shopify.installedShops.issueTokens(OTHER, true);
    expect((await graphql(SHOP_INFO, accessToken)).status).toBe(401);
    expect((await graphql(SHOP_INFO, "shpat_wrong")).status).toBe(401);
    expect((await graphql(SHOP_INFO, accessToken, OTHER)).status).toBe(200);
    for (const query of ["{ shop { nope } }", "{ orders { id } }", "{ shop }", "{ shop {"]) {
      const { status, body } = await graphql(query, accessToken, OTHER);
      expect([status, body.data, body.errors.length]).toEqual([200, undefined, 1]);
    }
  });
});

describe("the browser's side", () => {
  const get = async (path: string) => {
    const reply = await request(shopify.url + path);
    return { reply, text: await reply.body.text() };
  };

  test("offers the App Bridge to anybody, and fresh session tokens to pages of the app", async () => {
    const bridge = await get("/app-bridge.js");
    expect(bridge.reply.headers["content-type"]).toContain("text/javascript");
    expect(bridge.text).toContain("window.shopify");
    const { reply, text } = await get("/session-token?shop=demo");
    const origin = reply.headers["access-control-allow-origin"];
    expect([bridge.reply.headers["access-control-allow-origin"], origin]).toEqual([
      undefined,
      "http://localhost:3000",
    ]);
    expect((await exchange(JSON.parse(text).token)).status).toBe(200);
  });

  test("shows the app in a frame with what Shopify's admin adds", async () => {
    const { text } = await get("/store/demo/apps/pinrelay/events?state=held");
    const source = /src="([^"]+)"/.exec(text)?.[1]?.replaceAll("&amp;", "&") ?? "";
    const url = new URL(source);
    expect(url.origin + url.pathname).toBe("http://localhost:3000/app/events");
    const query = Object.fromEntries(url.searchParams);
    expect(query).toMatchObject({ embedded: "1", shop: SHOP, state: "held", locale: "en" });
    expect(Buffer.from(query.host ?? "", "base64url").toString()).toBe(
      "admin.shopify.com/store/demo",
    );
    expect((await exchange(query.id_token ?? "")).status).toBe(200);
    expect((await get("/store/%22%3E/apps/pinrelay")).reply.statusCode).toBe(404);
  });
});
