import { afterAll, beforeAll, expect, test } from "vitest";
import { previewSettings } from "#app/admin/settings/preview-settings.server.ts";
import { parseEnv } from "#app/platform/env/env.server.ts";
import { createLogger } from "#app/platform/logger.server.ts";
import { createShopify } from "#app/web/shopify.server.ts";
import { type LocalShopify, startLocalShopify } from "#test/sandbox/local-shopify.ts";
import { orderBody } from "#test/sandbox/sample-orders.ts";
import { createProductResolvers } from "#test/sandbox/shopify/admin-api/products.ts";
import { createShopRecords } from "#test/sandbox/shopify/shop-records.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import {
  commitEvents,
  makeShop,
  purchase,
  skip,
  testKeyring,
} from "#test/support/outbox-fixture.ts";

const APP_URL = "http://127.0.0.1:3999";
const records = createShopRecords();
let db: TestDatabase;
let shopify: LocalShopify;
let poor: LocalShopify;

beforeAll(async () => {
  db = await openTestDatabase();
  const shared = {
    apiKey: "sandbox-key",
    apiSecret: "secret",
    appUrl: APP_URL,
    resolvers: { ...records.resolvers, ...createProductResolvers() },
  };
  shopify = await startLocalShopify(shared);
  poor = await startLocalShopify({ ...shared, scopes: "read_orders,read_customers" });
});
afterAll(async () => {
  await shopify.close();
  await poor.close();
  await db.close();
});

/** A shop that a person has opened the app in, and its Admin API. */
async function openShop(local = shopify) {
  const services = { db, keyring: testKeyring() };
  const shop = await makeShop(services);
  local.installedShops.install({ domain: shop.domain });
  const config = parseEnv({
    SHOPIFY_SANDBOX_URL: local.url,
    SHOPIFY_API_SECRET: "secret",
    SHOPIFY_APP_URL: APP_URL,
  });
  const log = createLogger("silent");
  const library = await createShopify({
    config,
    db,
    keyring: services.keyring,
    log,
  });
  const headers = {
    "user-agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0.0.0",
    authorization: `Bearer ${local.sessionToken(shop.domain)}`,
  };
  const { admin } = await library.authenticate.admin(new Request(`${APP_URL}/app`, { headers }));
  const preview = (
    changes: Record<string, unknown> = {},
    given: { template?: string; catalogId?: string } = {},
  ) =>
    previewSettings(
      { db },
      {
        domain: shop.domain,
        admin,
        changes,
        template: given.template ?? "shopify_{country}_{product}_{variant}",
        catalogId: given.catalogId ?? null,
        nowMs: Date.now(),
      },
    );
  return { shop, services, preview };
}

test("the latest order that is no test shows its value under each choice", async () => {
  const { shop, preview } = await openShop();
  expect((await preview()).order).toEqual({ state: "none" });
  records.putOrder(shop.domain, orderBody({ id: 5_001 }));
  const createdAt = new Date(Date.now() + 60_000).toISOString();
  const latest = { ...orderBody({ id: 5_002 }), created_at: createdAt };
  records.putOrder(shop.domain, latest);
  const later = new Date(Date.now() + 120_000).toISOString();
  records.putOrder(shop.domain, { ...orderBody({ id: 5_003 }), created_at: later, test: true });
  const { order } = await preview();
  expect(order).toMatchObject({ state: "found", name: "#6007", reason: null });
  const totals = latest as unknown as { total_price: string; subtotal_price: string };
  const values = order.state === "found" ? order.values : {};
  expect(Object.keys(values)).toHaveLength(6);
  expect(values["total shop"]).toEqual({ value: totals.total_price, currency: latest.currency });
  expect(values["subtotal shop"]?.value).toBe(totals.subtotal_price);
  const skipped = await preview({ "source.web": "skip" });
  expect(skipped.order).toMatchObject({ reason: "source_off" });
});

test("three real products show their ids in each format, drafts left out", async () => {
  const { preview } = await openShop();
  const { products } = await preview({}, { template: "x_{product}-{sku}" });
  expect(products).toEqual({
    state: "found",
    products: [
      {
        title: "Linen shirt, M",
        ids: {
          variant: "41327143321713",
          product: "7009110022011",
          sku: "LINEN-M",
          template: "x_7009110022011-LINEN-M",
        },
      },
      expect.objectContaining({ title: "Enamel mug" }),
      { title: "Gift card", ids: expect.objectContaining({ sku: null, template: null }) },
    ],
  });
});

test.each([
  ["41327143354481", { state: "match", format: "variant", title: "Linen shirt, L" }],
  [" 7009110022044 ", { state: "match", format: "product", title: "Enamel mug" }],
  ["LINEN-L", { state: "match", format: "sku", title: "Linen shirt, L" }],
  ["x_7009110022011", { state: "match", format: "template", pattern: "x_{product}" }],
  ["linen-l", { state: "no_match" }],
  ["41327143354482", { state: "no_match" }],
  ["y_7009110022011", { state: "no_match" }],
  [
    'no"such',
    {
      state: "no_match",
      tried: ["variant", "product", "sku", "x_{product}", "shopify_{country}_{product}_{variant}"],
    },
  ],
])("the catalog id %j is looked for in every format", async (catalogId, expected) => {
  const { preview } = await openShop();
  const check = (await preview({}, { catalogId, template: "x_{product}" })).catalogId;
  expect(check).toMatchObject(expected);
});

test("without the permission for products the rest is shown all the same", async () => {
  const { shop, preview } = await openShop(poor);
  records.putOrder(shop.domain, orderBody({ id: 6_001 }));
  const shown = await preview({}, { catalogId: "1234" });
  expect(shown.products).toEqual({ state: "denied" });
  expect(shown.catalogId).toEqual({ state: "denied" });
  expect(shown.order).toMatchObject({ state: "found", name: "#7007" });
});

test("stricter consent tells how many of the last orders would not be sent", async () => {
  const { shop, services, preview } = await openShop();
  const judged = (orderId: string, consent: string | null) =>
    purchase(orderId, {
      consent,
      ...(consent?.startsWith("allowed") ? {} : { outcome: skip("consent_unknown") }),
    });
  await commitEvents(services, shop, [
    judged("1", "allowed:consent.default"),
    judged("2", "allowed:consent.default"),
    judged("3", "unknown:consent.EU"),
    judged("4", "unknown:consent.GB"),
    { ...judged("5", null), outcome: skip("test_order") },
  ]);
  const other = await openShop();
  await commitEvents(other.services, other.shop, [judged("9", "unknown:consent.EU")]);
  expect((await preview()).consent).toEqual({ orders: 4, refused: 2, unknown: 0 });
  const consent = async (changes: object) => (await preview({ ...changes })).consent;
  expect(await consent({ "consent.EU": "respect" })).toMatchObject({ refused: 1, unknown: 0 });
  expect(await consent({ "consent.default": "require" })).toMatchObject({ refused: 4 });
  expect(await consent({ "consent.US": "require" })).toMatchObject({ refused: 2, unknown: 2 });
  expect(await consent({ "consent.US": "nonsense" })).toMatchObject({ refused: 2, unknown: 0 });
  expect(await consent({ "consent.GB": "respect" })).toMatchObject({ refused: 1 });
});

test("what a shopper said stands above the rules, and silence follows them", async () => {
  const { preview } = await openShop();
  const cases = async (changes: object = {}) =>
    Object.fromEntries(
      (await preview({ ...changes })).consentCases.map(({ country, ends }) => [country, ends]),
    );
  const strict = { gave: "sent", refused: "not_sent", nothing: "not_sent", optedOut: "limited" };
  const lax = { ...strict, nothing: "sent" };
  expect(await cases()).toEqual({ DE: strict, GB: strict, CH: strict, US: lax });
  expect(await cases({ "consent.EU": "respect", "consent.US": "require" })).toEqual({
    ...{ DE: lax, GB: strict, CH: strict, US: strict },
  });
  // A country with a rule of its own has a line of its own.
  expect((await cases({ "consent.BR": "require" })).BR).toEqual(strict);
});
