import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { listApiKeys } from "#app/commands/api-keys.server.ts";
import { authenticateApiKey, createApiKey, revokeApiKey } from "#app/shops/api-keys.server.ts";
import { readCallbackSecret } from "#app/shops/callback-secret.server.ts";
import { uninstallShop } from "#app/shops/uninstall-shop.server.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { makeShop, testKeyring } from "#test/support/outbox-fixture.ts";
import { auditOf } from "./shop-fixture.ts";

const keyring = testKeyring();
let db: TestDatabase;
let shop: Awaited<ReturnType<typeof makeShop>>;

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());
beforeEach(async () => {
  shop = await makeShop({ db, keyring }, { adAccountId: null });
});

const makeKey = (name = "", domain = shop.domain) =>
  createApiKey({ db }, { domain, name, actor: "cli" });
const authenticate = (key: string) => authenticateApiKey({ db }, key);
const keysOf = (shopId = shop.id) => listApiKeys({ db }, shopId);
const revoke = (keyId: string, shopId = shop.id) =>
  revokeApiKey({ db }, { shopId, keyId: BigInt(keyId), actor: "cli" });

/** No key of the shop gets a token more than it has. */
const freezeBucket = (tokens: number) =>
  db.pool.query(
    "update shop_api_key set tokens = $2, tokens_at = now() + interval '1 hour' where shop_id = $1",
    [shop.id.toString(), tokens],
  );

test("a key opens its own shop and no other", async () => {
  const other = await makeShop({ db, keyring }, { adAccountId: null });
  const [key, theirs] = [await makeKey(), await makeKey("", other.domain)];
  expect(await authenticate(key)).toMatchObject({ kind: "ok", shop: { id: shop.id } });
  expect(await authenticate(theirs)).toMatchObject({
    kind: "ok",
    shop: { id: other.id, domain: other.domain, lane: other.lane },
  });
  for (const wrong of ["", "prk_", key.slice(0, -1), key.toUpperCase()]) {
    expect(await authenticate(wrong)).toEqual({ kind: "unknown" });
  }
});

test("the shop's keys are listed by name, with their last use and without the keys", async () => {
  const used = await makeKey("till");
  await makeKey("newsletter");
  await authenticate(used);
  const keys = await keysOf();
  expect(keys).toMatchObject([
    { name: "newsletter", last_used_at: null, revoked_at: null },
    { name: "till", last_used_at: expect.any(String), revoked_at: null },
  ]);
  expect(JSON.stringify(keys)).not.toContain(used);
});

test("a revoked key is refused at once, for good, and the shop's others work on", async () => {
  const [ended, kept] = [await makeKey("ended"), await makeKey("kept")];
  const id = (await keysOf()).find(({ name }) => name === "ended")?.id ?? "";
  expect(await revoke(id)).toBe(true);
  expect(await authenticate(ended)).toEqual({ kind: "unknown" });
  expect(await authenticate(kept)).toMatchObject({ kind: "ok" });
  expect(await revoke(id)).toBe(false);
  expect((await auditOf(db, shop.domain)).slice(-3)).toMatchObject([
    { action: "api_key.create", after: { name: "ended" } },
    { action: "api_key.create", after: { name: "kept" } },
    { action: "api_key.revoke", actor: "cli", before: { api_key_id: id, name: "ended" } },
  ]);
});

test("nobody revokes another shop's key, nor one that never was", async () => {
  const other = await makeShop({ db, keyring }, { adAccountId: null });
  const theirs = await makeKey("", other.domain);
  const [{ id } = { id: "" }] = await keysOf(other.id);
  expect(await revoke(id)).toBe(false);
  expect(await revoke("99999999999999999999")).toBe(false);
  expect(await authenticate(theirs)).toMatchObject({ kind: "ok" });
});

test("a shop that uninstalled the app has no working key", async () => {
  const key = await makeKey();
  await uninstallShop({ db }, { domain: shop.domain, triggeredAt: null });
  expect(await authenticate(key)).toEqual({ kind: "unknown" });
});

test("requests at once share one limit, however many ask at the same moment", async () => {
  const key = await makeKey();
  await freezeBucket(3);
  const answers = await Promise.all(Array.from({ length: 20 }, () => authenticate(key)));
  expect(answers.filter(({ kind }) => kind === "ok")).toHaveLength(3);
  const [limited] = answers.filter(({ kind }) => kind === "limited");
  expect(limited).toEqual({ kind: "limited", retryAfterSeconds: 1 });
});

test("a key's limit is not that of the shop's other keys, and grows back with time", async () => {
  const key = await makeKey();
  await freezeBucket(0);
  expect(await authenticate(key)).toMatchObject({ kind: "limited" });
  expect(await authenticate(await makeKey())).toMatchObject({ kind: "ok" });
  await db.pool.query("update shop_api_key set tokens_at = now() - interval '1 second'");
  expect(await authenticate(key)).toMatchObject({ kind: "ok" });
});

test("a new key may make a hundred requests at once", async () => {
  const key = await makeKey();
  const answers = await Promise.all(Array.from({ length: 100 }, () => authenticate(key)));
  expect(answers.every(({ kind }) => kind === "ok")).toBe(true);
});

test("a shop's callback secret is made once, also when two ask for it at the same moment", async () => {
  const read = () => readCallbackSecret({ db, keyring }, shop.domain);
  const [first, second] = await Promise.all([read(), read()]);
  expect(first).toMatch(/^whsec_[A-Za-z0-9+/]{32}$/);
  expect(second).toBe(first);
  expect(await read()).toBe(first);
  const other = await makeShop({ db, keyring }, { adAccountId: null });
  expect(await readCallbackSecret({ db, keyring }, other.domain)).not.toBe(first);
  const unknown = readCallbackSecret({ db, keyring }, "never.myshopify.com");
  await expect(unknown).rejects.toMatchObject({ code: "unknown_shop" });
});

test("a callback secret is stored encrypted, and for its own shop alone", async () => {
  const secret = await readCallbackSecret({ db, keyring }, shop.domain);
  const { rows } = await db.pool.query("select callback_secret from shop where id = $1", [
    shop.id.toString(),
  ]);
  const stored: Buffer = rows[0].callback_secret;
  expect(stored.includes(Buffer.from(secret))).toBe(false);
  const other = await makeShop({ db, keyring }, { adAccountId: null });
  await db.pool.query("update shop set callback_secret = $2 where id = $1", [
    other.id.toString(),
    stored,
  ]);
  await expect(readCallbackSecret({ db, keyring }, other.domain)).rejects.toThrow();
});
