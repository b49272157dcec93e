import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parseEnv } from "#app/platform/env/env.server.ts";
import { createKeyring } from "#app/platform/keyring.server.ts";
import { createLogger } from "#app/platform/logger.server.ts";
import type { ShopifyAdmin } from "#app/shopify/ask-shopify.server.ts";
import { installShop, updateScopes } from "#app/shops/install-shop.server.ts";
import { uninstallShop } from "#app/shops/uninstall-shop.server.ts";
import { checkWebPixels, ensureWebPixel, scheduleWebPixels } from "#app/shops/web-pixel.server.ts";
import { createShopify, type Shopify } from "#app/web/shopify.server.ts";
import { type LocalShopify, startLocalShopify } from "#test/sandbox/local-shopify.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { auditOf } from "./shop-fixture.ts";

const APP_URL = "http://127.0.0.1:3998";
const ALL_SCOPES = "read_orders,read_customers,read_products,write_pixels,read_customer_events";
const BROWSER =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
const log = createLogger("silent");
const EVENTS = `web_pixel_id as id, web_pixel_fault as fault, web_pixel_endpoint as endpoint,
  web_pixel_at as at, web_pixel_checked_at as checked, last_pixel_at as heard`;

let db: TestDatabase;
let local: LocalShopify;
let library: Shopify;
let shops = 0;

beforeAll(async () => {
  db = await openTestDatabase();
  local = await startLocalShopify({ apiKey: "sandbox-key", apiSecret: "pixel-secret" });
  const config = parseEnv({
    SHOPIFY_SANDBOX_URL: local.url,
    SHOPIFY_API_SECRET: "pixel-secret",
    SHOPIFY_APP_URL: APP_URL,
  });
  library = await createShopify({
    config,
    db,
    keyring: createKeyring(config.ENCRYPTION_KEYS),
    log,
  });
});
beforeEach(() => {
  local.listScopes(ALL_SCOPES);
  local.webPixels.setDeployed(true);
});
afterAll(async () => {
  await local.close();
  await db.close();
});

/** A store whose merchant opens the app, which is when it is installed. */
async function openShop() {
  shops += 1;
  const domain = `pixel-${shops}.myshopify.com`;
  local.installedShops.install({ domain });
  const headers = { "user-agent": BROWSER, authorization: `Bearer ${local.sessionToken(domain)}` };
  const { admin } = await library.authenticate.admin(new Request(`${APP_URL}/app`, { headers }));
  const { rows } = await db.pool.query<{ id: bigint; key: string }>(
    "select id, pixel_key as key from shop where domain = $1",
    [domain],
  );
  return { domain, admin, id: rows[0]?.id ?? 0n, key: rows[0]?.key ?? "" };
}

type Shop = Awaited<ReturnType<typeof openShop>>;

async function stateOf({ domain }: { domain: string }) {
  const { rows } = await db.pool.query(`select ${EVENTS} from shop where domain = $1`, [domain]);
  return rows[0];
}

function ensure(
  shop: Shop,
  {
    appUrl = APP_URL,
    isAsked = false,
    admin = shop.admin,
  }: { appUrl?: string; isAsked?: boolean; admin?: ShopifyAdmin } = {},
) {
  const config = { SHOPIFY_APP_URL: appUrl };
  return ensureWebPixel({ db, log, config }, shop, { admin, actor: "user:7", isAsked });
}

const job = (appUrl = APP_URL) => {
  const openAdmin = async (domain: string) => (await library.unauthenticated.admin(domain)).admin;
  return checkWebPixels({ db, log, config: { SHOPIFY_APP_URL: appUrl }, openAdmin });
};

async function pixelEntries(shop: Shop) {
  return (await auditOf(db, shop.domain)).filter(({ action }) => action.startsWith("pixel."));
}

/** How often the Admin API of the shop was asked. */
function asked({ domain }: { domain: string }): number {
  return local.calls.filter(({ shop, path }) => shop === domain && path.includes("graphql")).length;
}

describe("a store's web pixel", () => {
  test("is there as soon as the merchant opens the app, and sends what the shop is known by", async () => {
    const shop = await openShop();
    const endpoint = `${APP_URL}/pixel`;
    const pixel = local.webPixels.of(shop.domain);
    expect(pixel?.settings).toEqual({ endpoint, shop: shop.domain, key: shop.key });
    expect(await stateOf(shop)).toMatchObject({ id: pixel?.id, fault: null, endpoint });
    expect(local.metafieldOf(shop.domain, "settings.pixel")).toBe(`${endpoint}#${shop.key}`);
    const on = { pixel: "on", endpoint };
    expect(await pixelEntries(shop)).toEqual([
      { actor: "system", action: "pixel.turn_on", before: { pixel: "off" }, after: on },
    ]);
    // A second look finds all as it should be.
    const { at } = await stateOf(shop);
    expect(await ensure(shop)).toEqual({ fault: null });
    expect(await stateOf(shop)).toMatchObject({ at });
    expect(await pixelEntries(shop)).toHaveLength(1);
  });

  test("gets the address that the app has moved to, from the job, and is noted once", async () => {
    const shop = await openShop();
    const before = local.webPixels.of(shop.domain);
    await job();
    const quiet = asked(shop);
    await job("https://moved.example");
    expect(asked(shop)).toBeGreaterThan(quiet);
    expect(local.webPixels.of(shop.domain)).toEqual({
      id: before?.id,
      settings: { ...before?.settings, endpoint: "https://moved.example/pixel" },
    });
    expect(local.metafieldOf(shop.domain, "settings.pixel")).toBe(
      `https://moved.example/pixel#${shop.key}`,
    );
    const settled = asked(shop);
    await job("https://moved.example");
    expect(asked(shop)).toBe(settled);
    expect((await pixelEntries(shop)).map(({ action }) => action)).toEqual([
      "pixel.turn_on",
      "pixel.change",
    ]);
  });

  test("that Shopify has and we forgot is taken over", async () => {
    const shop = await openShop();
    const made = local.webPixels.of(shop.domain);
    await db.pool.query(
      "update shop set web_pixel_id = null, web_pixel_endpoint = null, pixel_key = $2 where id = $1",
      [shop.id, `renewed-${shop.id}`],
    );
    expect(await ensure(shop)).toEqual({ fault: null });
    expect(local.webPixels.of(shop.domain)).toEqual({
      id: made?.id,
      settings: { ...made?.settings, key: `renewed-${shop.id}` },
    });
    expect(await stateOf(shop)).toMatchObject({ id: made?.id });
  });

  test("that two make at once is one", async () => {
    const shop = await openShop();
    local.webPixels.disconnect(shop.domain);
    await db.pool.query("update shop set web_pixel_id = null where id = $1", [shop.id]);
    const ends = await Promise.all([ensure(shop), ensure(shop), ensure(shop)]);
    expect(ends).toEqual([{ fault: null }, { fault: null }, { fault: null }]);
    expect((await stateOf(shop)).id).toBe(local.webPixels.of(shop.domain)?.id);
  });

  test("that the merchant disconnected stays so until somebody turns it on here", async () => {
    const shop = await openShop();
    local.webPixels.disconnect(shop.domain);
    expect(await ensure(shop)).toEqual({ fault: "disconnected" });
    const before = asked(shop);
    await db.pool.query("update shop set web_pixel_checked_at = null where id = $1", [shop.id]);
    await job();
    expect(await ensure(shop)).toEqual({ fault: "disconnected" });
    expect(asked(shop)).toBe(before);
    expect(local.webPixels.of(shop.domain)).toBeUndefined();
    expect(await ensure(shop, { isAsked: true })).toEqual({ fault: null });
    expect(local.webPixels.of(shop.domain)).toBeDefined();
    expect(await pixelEntries(shop)).toMatchObject([
      { action: "pixel.turn_on" },
      { action: "pixel.stop", after: { pixel: "off", reason: "disconnected" } },
      { action: "pixel.turn_on", actor: "user:7", after: { pixel: "on" } },
    ]);
  });

  test("goes with the app, and comes back with it", async () => {
    const shop = await openShop();
    await db.pool.query(
      "update shop set last_pixel_at = now(), last_embed_at = now() where id = $1",
      [shop.id],
    );
    local.webPixels.disconnect(shop.domain);
    await uninstallShop({ db }, { domain: shop.domain, triggeredAt: null });
    const none = { id: null, fault: null, endpoint: null, at: null, checked: null, heard: null };
    expect(await stateOf(shop)).toEqual(none);
    // A job that had it in hand finds nothing to do.
    await ensure(shop);
    expect(await stateOf(shop)).toEqual(none);
    await installShop({ db }, { domain: shop.domain });
    await ensure(shop);
    expect((await stateOf(shop)).id).toBe(local.webPixels.of(shop.domain)?.id);
  });
});

describe("a pixel that can't be made", () => {
  test("for want of a permission is made as soon as Shopify says that it is given", async () => {
    local.listScopes("read_orders,read_customers,write_pixels");
    const shop = await openShop();
    expect(await stateOf(shop)).toMatchObject({ id: null, fault: "denied" });
    expect(local.webPixels.of(shop.domain)).toBeUndefined();
    const before = asked(shop);
    await job();
    expect(asked(shop)).toBe(before);
    local.listScopes(ALL_SCOPES);
    await updateScopes({ db }, { domain: shop.domain, scopes: ALL_SCOPES.split(",") });
    await job();
    expect(await stateOf(shop)).toMatchObject({ fault: null });
    expect(local.webPixels.of(shop.domain)).toBeDefined();
  });

  test("for want of the extension waits for the operator, and is noted once", async () => {
    local.webPixels.setDeployed(false);
    const shop = await openShop();
    expect(await ensure(shop)).toEqual({ fault: "no_extension" });
    expect(await pixelEntries(shop)).toEqual([
      {
        actor: "system",
        action: "pixel.stop",
        before: { pixel: "off" },
        after: { pixel: "off", reason: "no_extension" },
      },
    ]);
    local.webPixels.setDeployed(true);
    await db.pool.query(
      "update shop set web_pixel_checked_at = now() - interval '7 hours' where id = $1",
      [shop.id],
    );
    await job();
    expect(await stateOf(shop)).toMatchObject({ fault: null });
  });

  test("because Shopify refuses its settings says so", async () => {
    const shop = await openShop();
    local.webPixels.disconnect(shop.domain);
    await db.pool.query("update shop set pixel_key = '', web_pixel_id = null where id = $1", [
      shop.id,
    ]);
    expect(await ensure(shop)).toEqual({ fault: "rejected" });
  });

  test("because Shopify is silent is tried again in an hour; one that is on stays on", async () => {
    const shop = await openShop();
    const { id } = await stateOf(shop);
    const silent: ShopifyAdmin = {
      graphql: async () => {
        throw new TypeError("fetch failed");
      },
    };
    expect(await ensure(shop, { admin: silent, appUrl: "https://moved.example" })).toEqual({
      fault: "silent",
    });
    expect(await stateOf(shop)).toMatchObject({
      id,
      fault: "silent",
      endpoint: `${APP_URL}/pixel`,
    });
    const before = asked(shop);
    await job("https://moved.example");
    expect(asked(shop)).toBe(before);
    await db.pool.query(
      "update shop set web_pixel_checked_at = now() - interval '61 minutes' where id = $1",
      [shop.id],
    );
    await job("https://moved.example");
    expect(await stateOf(shop)).toMatchObject({
      id,
      fault: null,
      endpoint: "https://moved.example/pixel",
    });
    // Silence passes, and is not in the log: what changed is.
    expect((await pixelEntries(shop)).map(({ action }) => action)).toEqual([
      "pixel.turn_on",
      "pixel.change",
    ]);
  });

  test("keeps no other store from having its own, nor do stores that never opened the app", async () => {
    const [first, second] = [await openShop(), await openShop()];
    await installShop({ db }, { domain: "typed.myshopify.com" });
    await db.pool.query("update shop set web_pixel_checked_at = null");
    const openAdmin = async (domain: string) => {
      if (domain === first.domain) throw new TypeError("no session");
      return second.admin;
    };
    await db.pool.query(
      "delete from shop where id not in ($1, $2) and domain <> 'typed.myshopify.com'",
      [first.id, second.id],
    );
    await checkWebPixels({ db, log, config: { SHOPIFY_APP_URL: APP_URL }, openAdmin });
    expect((await stateOf(first)).checked).toBeNull();
    expect((await stateOf(second)).checked).toEqual(expect.any(Date));
    expect((await stateOf({ domain: "typed.myshopify.com" })).checked).toBeNull();
  });
});

test("a sender that no page has had for a month is forgotten, one of yesterday is not", async () => {
  const { id } = await openShop();
  await db.pool.query(
    `insert into second_sender (shop_id, kind, tag_id, last_seen_at) values
      ($1, 'tag', '2611111111111', now() - interval '31 days'),
      ($1, 'tag', '2622222222222', now() - interval '1 day')`,
    [id],
  );
  const jobs: (() => Promise<void>)[] = [];
  const queue = {
    schedule: async (_: string, __: string, run: () => Promise<void>) => void jobs.push(run),
  };
  const openAdmin = async (domain: string) => (await library.unauthenticated.admin(domain)).admin;
  await scheduleWebPixels({ db, log, config: { SHOPIFY_APP_URL: APP_URL }, openAdmin, queue });
  for (const run of jobs) await run();
  const { rows } = await db.pool.query("select tag_id from second_sender where shop_id = $1", [id]);
  expect(rows).toEqual([{ tag_id: "2622222222222" }]);
});
