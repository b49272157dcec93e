import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#app/platform/db.server.ts";
import { installShop } from "#app/shops/install-shop.server.ts";
import {
  changeSettings,
  previewRestore,
  restoreSettings,
} from "#app/shops/settings/change-settings.server.ts";
import { readSettings } from "#app/shops/settings/read-settings.server.ts";
import { openTestDatabase } from "#test/support/database.ts";
import { shopNamed } from "#test/support/outbox-fixture.ts";
import { auditOf } from "./shop-fixture.ts";

let db: Database;

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

let shops = 0;
async function newShop(): Promise<{ domain: string; id: bigint }> {
  shops += 1;
  const domain = `versions-${shops}.myshopify.com`;
  const { id } = await installShop({ db }, { domain });
  return { domain, id };
}

async function change(domain: string, changes: Record<string, unknown>, expectedVersion?: number) {
  const actor = "user:7";
  return changeSettings(
    { db },
    { domain, changes, actor, ...(expectedVersion !== undefined && { expectedVersion }) },
  );
}

async function versionsOf(shop: { id: bigint }) {
  const { rows } = await db.pool.query(
    "select version, settings, actor from settings_version where shop_id = $1 order by version",
    [shop.id],
  );
  return rows;
}

test("every version is kept as it was, and the first one with the first change", async () => {
  const shop = await newShop();
  await change(shop.domain, { hold_seconds: 60 });
  await change(shop.domain, { value_basis: "total" });
  expect(await versionsOf(shop)).toEqual([
    { version: 1, settings: {}, actor: "system" },
    { version: 2, settings: { hold_seconds: 60 }, actor: "user:7" },
    { version: 3, settings: { hold_seconds: 60, value_basis: "total" }, actor: "user:7" },
  ]);
});

test("changes made on an old version overwrite nothing, and say who saved what in between", async () => {
  const { domain } = await newShop();
  await changeSettings({ db }, { domain, changes: { hold_seconds: 60 }, actor: "user:8" });
  const late = await change(domain, { hold_seconds: 5, value_basis: "total" }, 1);
  expect(late).toEqual({
    ok: false,
    faults: [],
    conflict: {
      version: 2,
      settings: expect.objectContaining({ hold_seconds: 60, value_basis: "subtotal_before_tax" }),
      actor: "user:8",
      savedAt: expect.any(Date),
      difference: { before: { hold_seconds: 30 }, after: { hold_seconds: 60 } },
    },
  });
  expect((await readSettings({ db }, await shopNamed(db, domain))).settings).toMatchObject({
    hold_seconds: 60,
  });
  expect(await auditOf(db, domain)).toHaveLength(2);
  expect(await change(domain, { value_basis: "total" }, 2)).toMatchObject({ ok: true, version: 3 });
});

test("a form that is posted twice changes once, and is no conflict with itself", async () => {
  const { domain } = await newShop();
  const posts = [0, 1].map(() => change(domain, { hold_seconds: 60 }, 1));
  const answers = await Promise.all(posts);
  expect(answers.map((answer) => answer.ok)).toEqual([true, true]);
  expect((await readSettings({ db }, await shopNamed(db, domain))).version).toBe(2);
});

test("restoring an old version makes a new one that is the same, with an entry of its own", async () => {
  const shop = await newShop();
  const { domain } = shop;
  await change(domain, {
    hold_seconds: 60,
    "consent.US": "require",
    alert_emails: ["a@b.example"],
  });
  await change(domain, { hold_seconds: 5, "consent.US": null, "source.pos": "skip" });
  expect(await previewRestore({ db }, { shopId: shop.id, version: 2 })).toEqual({
    currentVersion: 3,
    difference: {
      before: { hold_seconds: 5, "source.pos": "skip" },
      after: { hold_seconds: 60, "source.pos": "offline", "consent.US": "require" },
    },
  });
  const restored = await restoreSettings({ db }, { domain, version: 2, actor: "user:7" });
  expect(restored).toMatchObject({ ok: true, version: 4 });
  const versions = await versionsOf(shop);
  expect(versions[3].settings).toEqual(versions[1].settings);
  expect((await readSettings({ db }, await shopNamed(db, domain))).settings).toMatchObject(
    versions[1].settings,
  );
  expect((await auditOf(db, domain)).at(-1)).toMatchObject({
    actor: "user:7",
    action: "settings.restore",
    before: { version: 3, hold_seconds: 5 },
    after: { version: 4, restored: 2, hold_seconds: 60 },
  });
  const again = await restoreSettings({ db }, { domain, version: 2, actor: "user:7" });
  expect(again).toMatchObject({ ok: true, version: 4, changed: [] });
});

test("a version is restored against the settings that were shown, or not at all", async () => {
  const { domain } = await newShop();
  await change(domain, { hold_seconds: 60 });
  await change(domain, { hold_seconds: 5 });
  const wish = { domain, version: 1, actor: "user:7", expectedVersion: 2 };
  expect(await restoreSettings({ db }, wish)).toMatchObject({
    ok: false,
    conflict: { version: 3, actor: "user:7" },
  });
  expect((await readSettings({ db }, await shopNamed(db, domain))).settings).toMatchObject({
    hold_seconds: 5,
  });
});

test("a shop restores its own versions alone", async () => {
  const mine = await newShop();
  const theirs = await newShop();
  for (const hold of [40, 50, 60]) await change(theirs.domain, { hold_seconds: hold });
  const wish = { domain: mine.domain, version: 3, actor: "user:7" };
  expect(await restoreSettings({ db }, wish)).toEqual({ ok: false, conflict: null });
  expect(await previewRestore({ db }, { shopId: mine.id, version: 3 })).toBeNull();
  expect(await versionsOf(mine)).toEqual([]);
});

test("the address of a webhook, which whoever knows it can post to, stays out of the log", async () => {
  const { domain } = await newShop();
  const address = "https://hooks.example/T0CANARY";
  await change(domain, { alert_webhook_url: [address], hold_seconds: 1 });
  const entries = await auditOf(db, domain);
  expect(JSON.stringify(entries)).not.toContain("CANARY");
  expect(entries.at(-1)?.after).toMatchObject({ alert_webhook_url: "changed", hold_seconds: 1 });
});

test.each(["", "  ", "601", "-1", "1.5", "30s", "1e2", null])(
  "a hold of %j is no number of seconds, or the default",
  async (value) => {
    const { domain } = await newShop();
    const result = await change(domain, { hold_seconds: value });
    if (value === null) return expect(result).toMatchObject({ ok: true, changed: [] });
    const message = "use a whole number from 0 to 600";
    expect(result).toEqual({ ok: false, faults: [{ path: "hold_seconds", message }] });
  },
);
