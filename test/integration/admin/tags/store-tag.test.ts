import { afterAll, beforeAll, expect, test } from "vitest";
import type { ShopifyAdmin } from "#app/shopify/ask-shopify.server.ts";
import { chooseStoreTag } from "#app/shops/tags/choose-store-tag.server.ts";
import { refreshTags } from "#app/shops/tags/refresh-tags.server.ts";
import { auditOf } from "#test/integration/shops/shop-fixture.ts";
import { type LocalShopify, startLocalShopify } from "#test/sandbox/local-shopify.ts";
import { openSignInWorld, type SignedInShop, type SignInWorld } from "./sign-in-fixture.ts";

let world: SignInWorld;
let shopify: LocalShopify;

beforeAll(async () => {
  world = await openSignInWorld();
  shopify = await startLocalShopify({ apiKey: "key", apiSecret: "secret" });
});
afterAll(async () => {
  await shopify.close();
  await world.close();
});

/** The Admin API of a shop, with a token of its own. */
function adminOf(domain: string): ShopifyAdmin {
  shopify.installedShops.install({ domain });
  const { accessToken } = shopify.installedShops.issueTokens(domain, false);
  return {
    graphql: (query, options) =>
      fetch(`${shopify.url}/admin/api/2026-07/graphql.json`, {
        method: "POST",
        headers: { "X-Shopify-Shop-Domain": domain, "X-Shopify-Access-Token": accessToken },
        body: JSON.stringify({ query, variables: options?.variables }),
      }),
  };
}

async function openShopWithTag(): Promise<{
  shop: SignedInShop;
  tagId: string;
  admin: ShopifyAdmin;
}> {
  const shop = await world.openShop();
  const tagId = (await refreshTags(world, shop)).tags?.[0]?.id ?? "";
  return { shop, tagId, admin: adminOf(shop.domain) };
}

async function storeTagOf(shop: SignedInShop): Promise<string | null> {
  const { rows } = await world.db.pool.query("select store_tag_id from shop where id = $1", [
    shop.id,
  ]);
  return rows[0].store_tag_id;
}

test("the tag that a store uses is written where its theme reads it, and noted", async () => {
  const { shop, tagId, admin } = await openShopWithTag();
  const choice = { tagId, actor: "user:7", admin };
  expect(await chooseStoreTag(world, shop, choice)).toEqual({ kind: "chosen", previous: null });
  expect(shopify.metafieldOf(shop.domain, "settings.tag_id")).toBe(tagId);
  expect(await storeTagOf(shop)).toBe(tagId);
  await chooseStoreTag(world, shop, choice);
  const notes = (await auditOf(world.db, shop.domain)).filter(
    ({ action }) => action === "tag.choose",
  );
  expect(notes).toEqual([
    {
      actor: "user:7",
      action: "tag.choose",
      before: { store_tag_id: null },
      after: { store_tag_id: tagId },
    },
  ]);
});

test("a store that stops using its tag leaves none where its theme reads", async () => {
  const { shop, tagId, admin } = await openShopWithTag();
  await chooseStoreTag(world, shop, { tagId, actor: "user:7", admin });
  expect(await chooseStoreTag(world, shop, { tagId: null, actor: "user:7", admin })).toEqual({
    kind: "chosen",
    previous: tagId,
  });
  expect(shopify.metafieldOf(shop.domain, "settings.tag_id")).toBeUndefined();
  expect(await storeTagOf(shop)).toBeNull();
});

test("a tag of another store's ad account cannot be chosen", async () => {
  const { shop, admin } = await openShopWithTag();
  const other = await openShopWithTag();
  const choice = { tagId: other.tagId, actor: "user:7", admin };
  expect(await chooseStoreTag(world, shop, choice)).toEqual({ kind: "unknown_tag" });
  expect(shopify.metafieldOf(shop.domain, "settings.tag_id")).toBeUndefined();
});

test("what Shopify refuses or does not answer changes nothing", async () => {
  const { shop, tagId, admin } = await openShopWithTag();
  const foreign = adminOf("foreign-owner.myshopify.com");
  const mixed: ShopifyAdmin = {
    graphql: (query, options) =>
      (query.startsWith("query") ? admin : foreign).graphql(query, options),
  };
  expect(await chooseStoreTag(world, shop, { tagId, actor: "user:7", admin: mixed })).toEqual({
    kind: "shopify_refused",
    message: "Owner does not exist.",
  });
  const silent: ShopifyAdmin = { graphql: () => Promise.reject(new TypeError("no answer")) };
  expect(await chooseStoreTag(world, shop, { tagId, actor: "user:7", admin: silent })).toEqual({
    kind: "shopify_silent",
  });
  expect(await storeTagOf(shop)).toBeNull();
});
