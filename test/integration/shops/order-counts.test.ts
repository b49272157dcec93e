import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createLogger } from "#app/platform/logger.server.ts";
import type { ShopDay } from "#app/shopify/order-counts.server.ts";
import { installShop } from "#app/shops/install-shop.server.ts";
import { refreshOrderCounts } from "#app/shops/refresh-order-counts.server.ts";
import { type LocalShopify, startLocalShopify } from "#test/sandbox/local-shopify.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";

const NOON = Date.parse("2026-11-24T17:00:00Z");
const MINUTE = 60_000;
const NEW_YORK: ShopDay[] = [
  dayOf("2026-11-23", "2026-11-23T05:00:00Z", "2026-11-24T05:00:00Z"),
  dayOf("2026-11-24", "2026-11-24T05:00:00Z", "2026-11-25T05:00:00Z"),
];

let db: TestDatabase;
let shopify: LocalShopify;
let shop: { id: bigint; domain: string };
let shops = 0;

beforeAll(async () => {
  db = await openTestDatabase();
  shopify = await startLocalShopify({ apiKey: "key", apiSecret: "secret" });
});
afterAll(async () => {
  await shopify.close();
  await db.close();
});
afterEach(() => shopify.calls.splice(0));

function dayOf(day: string, start: string, end: string): ShopDay {
  return { day, start: new Date(start), end: new Date(end) };
}

async function openShop(installedAt = "2026-10-01T00:00:00Z") {
  shops += 1;
  const domain = `counts-${shops}.myshopify.com`;
  shopify.installedShops.install({ domain });
  const { id } = await installShop({ db }, { domain, at: new Date(installedAt) });
  shop = { id, domain };
}

/** As Shopify's library asks: an error of the query is thrown, and not answered. */
async function graphql(query: string, { variables }: { variables: Record<string, unknown> }) {
  const { accessToken } = shopify.installedShops.issueTokens(shop.domain, false);
  const response = await fetch(`${shopify.url}/admin/api/2026-10/graphql.json`, {
    method: "POST",
    headers: {
      "x-shopify-shop-domain": shop.domain,
      "x-shopify-access-token": accessToken,
      "content-type": "application/json",
    },
    body: JSON.stringify({ query, variables }),
  });
  const body = (await response.json()) as { errors?: { message: string }[] };
  if (body.errors !== undefined) throw new Error(body.errors[0]?.message);
  return { json: async () => body };
}

function refresh(nowMs: number, days = NEW_YORK) {
  const services = { db, log: createLogger("silent"), nowMs: () => nowMs };
  return refreshOrderCounts(services, shop, { graphql }, days);
}

async function stored(): Promise<Record<string, number>> {
  const { rows } = await db.pool.query<{ day: string; orders: number }>(
    "select day, orders from order_count_day where shop_id = $1 order by day",
    [shop.id],
  );
  return Object.fromEntries(rows.map(({ day, orders }) => [day, orders]));
}

const place = (processedAt: string, orders: { test?: boolean; count?: number } = {}) =>
  shopify.orderCounts.place(shop.domain, { processedAt, ...orders });

test("orders are counted by the days of the store's time zone, test orders left out", async () => {
  await openShop();
  place("2026-11-23T04:59:59Z");
  place("2026-11-23T05:00:00Z", { count: 3 });
  place("2026-11-24T04:59:59Z");
  place("2026-11-24T05:00:00Z", { count: 2 });
  place("2026-11-24T12:00:00Z", { test: true });
  expect(await refresh(NOON)).toEqual({ ok: true });
  expect(await stored()).toEqual({ "2026-11-23": 4, "2026-11-24": 2 });
  expect(shopify.calls).toHaveLength(1);
});

test("more than 10,000 orders of a day are all counted", async () => {
  await openShop();
  place("2026-11-23T12:00:00Z", { count: 12_345 });
  await refresh(NOON);
  expect(await stored()).toMatchObject({ "2026-11-23": 12_345 });
});

test("an order of the last minutes, which may still be on its way to us, is not counted yet", async () => {
  await openShop();
  place("2026-11-24T16:44:59Z");
  place("2026-11-24T16:45:00Z");
  await refresh(NOON + 14 * MINUTE);
  expect(await stored()).toMatchObject({ "2026-11-24": 1 });
});

test("orders from before the install, of which nobody told us, are not counted", async () => {
  await openShop("2026-11-24T15:05:00Z");
  place("2026-11-23T12:00:00Z", { count: 100 });
  place("2026-11-24T15:04:59Z", { count: 10 });
  place("2026-11-24T15:05:00Z");
  await refresh(NOON);
  expect(await stored()).toEqual({ "2026-11-24": 1 });
});

test("today is asked for again after an hour, and a day that is over once more when it is", async () => {
  await openShop();
  await refresh(NOON);
  await refresh(NOON + 59 * MINUTE);
  expect(shopify.calls).toHaveLength(1);
  place("2026-11-24T16:59:00Z", { count: 5 });
  await refresh(NOON + 60 * MINUTE);
  expect(shopify.calls).toHaveLength(2);
  expect(await stored()).toEqual({ "2026-11-23": 0, "2026-11-24": 5 });
  const nextMorning = NOON + 20 * 60 * MINUTE;
  await refresh(nextMorning);
  await refresh(nextMorning + 120 * MINUTE);
  expect(shopify.calls).toHaveLength(3);
});

test("a count that fails leaves what was counted before", async () => {
  await openShop();
  place("2026-11-24T12:00:00Z", { count: 7 });
  await refresh(NOON);
  shopify.orderCounts.fail(shop.domain, "Throttled");
  expect(await refresh(NOON + 61 * MINUTE)).toEqual({ ok: false });
  expect(await stored()).toEqual({ "2026-11-23": 0, "2026-11-24": 7 });
});

test("thirty days take three requests", async () => {
  await openShop();
  const days = Array.from({ length: 30 }, (_, back) => {
    const start = Date.parse("2026-11-24T00:00:00Z") - back * 24 * 60 * MINUTE;
    const day = new Date(start).toISOString().slice(0, 10);
    return { day, start: new Date(start), end: new Date(start + 24 * 60 * MINUTE) };
  });
  place("2026-11-03T12:00:00Z", { count: 9 });
  await refresh(NOON, days);
  expect(Object.keys(await stored())).toHaveLength(30);
  expect(await stored()).toMatchObject({ "2026-11-03": 9, "2026-11-04": 0 });
  expect(shopify.calls).toHaveLength(3);
});

test("an order that the store tells of is one that it has", async () => {
  await openShop();
  await shopify
    .deliver(
      "orders/create",
      shop.domain,
      {
        id: 1,
        processed_at: "2026-11-24T07:00:00-05:00",
        created_at: "2026-11-24T07:00:00-05:00",
      },
      { retries: 0 },
    )
    .catch(() => undefined);
  await refresh(NOON);
  expect(await stored()).toMatchObject({ "2026-11-24": 1 });
});
