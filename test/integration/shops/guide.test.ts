import { afterAll, beforeAll, expect, test } from "vitest";
import { setSending } from "#app/admin/home/home-actions.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { pauseConnection } from "#app/shops/connection/pause-connection.server.ts";
import { recordTestPassed } from "#app/shops/connection/test-connection.server.ts";
import { confirmProductIds, setGuideHidden } from "#app/shops/setup-guide.server.ts";
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

test("the guide that was put away comes back when that is undone, and each is noted once", async () => {
  const shop = await makeShop({ db, keyring });
  for (const isHidden of [true, true, false]) {
    await setGuideHidden({ db }, shop.id, isHidden, "user:1");
  }
  const { rows } = await db.pool.query("select guide_hidden_at from shop where id = $1", [shop.id]);
  expect(rows).toEqual([{ guide_hidden_at: null }]);
  expect((await auditOf(db, shop.domain)).slice(-2)).toEqual([
    { actor: "user:1", action: "guide.hide", before: { hidden: false }, after: { hidden: true } },
    { actor: "user:1", action: "guide.show", before: { hidden: true }, after: { hidden: false } },
  ]);
});

test("product ids are confirmed once, with the format that was confirmed", async () => {
  const shop = await makeShop({ db, keyring });
  await confirmProductIds({ db }, shop.id, "user:1");
  await confirmProductIds({ db }, shop.id, "user:2");
  const entries = (await auditOf(db, shop.domain)).filter(
    ({ action }) => action === "product_ids.confirm",
  );
  expect(entries).toMatchObject([
    { actor: "user:1", after: { confirmed: true, format: "variant" } },
  ]);
});

test("a passed test is noted with the connection", async () => {
  const shop = await makeShop({ db, keyring });
  await recordTestPassed({ db }, shop.id, "user:1");
  const { rows } = await db.pool.query(
    "select test_result, tested_at is not null as is_dated from connection where shop_id = $1",
    [shop.id],
  );
  expect(rows).toEqual([{ test_result: "passed", is_dated: true }]);
  expect((await auditOf(db, shop.domain)).at(-1)).toMatchObject({
    action: "connection.test",
    before: { result: null },
    after: { result: "passed" },
  });
});

test("sending is paused and resumed at a merchant's wish, and what waits is woken", async () => {
  const shop = await makeShop({ db, keyring });
  expect(await setSending({ db }, shop.id, "paused", "user:1")).toBe(true);
  expect(await setSending({ db }, shop.id, "paused", "user:1")).toBe(false);
  expect(await connectionOf(db, shop.domain)).toMatchObject({ pause_reason: "merchant" });
  await commitEvents({ db, keyring }, shop, [purchase("77")]);
  await db.pool.query("update due_account set next_at = 'infinity' where ad_account_id = $1", [
    shop.adAccountId,
  ]);
  expect(await setSending({ db }, shop.id, "active", "user:1")).toBe(true);
  expect(await setSending({ db }, shop.id, "active", "user:1")).toBe(false);
  const { rows } = await db.pool.query(
    "select next_at <> 'infinity' as is_awake from due_account where ad_account_id = $1",
    [shop.adAccountId],
  );
  expect(rows).toEqual([{ is_awake: true }]);
});

test("a connection that Pinterest refused is not resumed with a button", async () => {
  const shop = await makeShop({ db, keyring });
  await pauseConnection({ db }, shop.id, "unauthorized", "system");
  expect(await setSending({ db }, shop.id, "active", "user:1")).toBe(false);
  expect(await connectionOf(db, shop.domain)).toMatchObject({ state: "paused" });
});
