import { readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { pauseConnection } from "#app/shops/connection/pause-connection.server.ts";
import { changeSettings } from "#app/shops/settings/change-settings.server.ts";
import { readSettings } from "#app/shops/settings/read-settings.server.ts";
import {
  inspectPage,
  openPage,
  openWorld,
  type World,
  watchComplaints,
} from "#test/e2e/world/admin-world.ts";
import { SHOP } from "#test/e2e/world/local-stack.ts";
import { shopNamed } from "#test/support/outbox-fixture.ts";

let world: World;
watchComplaints();

test.beforeAll(async () => {
  world = await openWorld();
});
test.afterAll(() => world?.close());

/** Whom the local Shopify signs in. */
const ME = "user:548380009";

async function change(changes: Record<string, unknown>, actor = ME): Promise<void> {
  await changeSettings({ db: world.db }, { domain: SHOP, changes, actor });
}

async function entries(): Promise<number> {
  const { rows } = await world.db.pool.query("select count(*)::int as n from audit_entry");
  return rows[0].n;
}

test("each write is one row with who, what, before and after; reading leaves none", {
  tag: "@A1",
}, async ({ page }) => {
  await change({ hold_seconds: 60 });
  await change({ "source.pos": "skip", alert_emails: ["ann@acme.example"] }, "user:777");
  await world.connect();
  await pauseConnection({ db: world.db }, world.shop.id, "unauthorized", "system");
  const before = await entries();
  await openPage(page, world, "/settings/activity");
  const rows = page.locator("table.activity tbody tr");
  await expect(rows).toHaveCount(before);
  await expect(rows.nth(0)).toContainText(/System\s*Connection/);
  await expect(rows.nth(0)).toContainText("Stopped by Pinterest (401)");
  await expect(rows.nth(1)).toContainText(/Command line\s*Connection/);
  await expect(rows.nth(2)).toContainText(/User 777\s*Settings/);
  await expect(rows.nth(2)).toContainText(
    "Orders from Point of Sale: send as offline → don't send",
  );
  await expect(rows.nth(3)).toContainText(/You\s*Settings/);
  await expect(rows.nth(3)).toContainText("Hold time: 30 s → 60 s");
  await page.getByLabel("Person").selectOption({ label: "You" });
  await expect(rows).toHaveCount(1);
  await page.getByLabel("Person").selectOption({ label: "Everyone" });
  await page.getByLabel("Kind").selectOption({ label: "Connection" });
  await expect(rows).toHaveCount(2);
  await page.getByLabel("Date").selectOption({ label: "Today" });
  await expect(page).toHaveURL(/kind=connection&date=1/);
  await expect(rows).toHaveCount(2);
  await page.getByLabel("Kind").selectOption({ label: "Reveal" });
  await expect(page.getByText("No changes match these filters")).toBeVisible();
  await page.getByRole("link", { name: "Clear filters" }).click();
  await expect(rows).toHaveCount(before);
  expect(await entries()).toBe(before);
});

test("no token is on the page or in the file", { tag: "@A2" }, async ({ page }) => {
  await change({ hold_seconds: 60 });
  await world.connect();
  await openPage(page, world, "/settings/activity");
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export CSV" }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toMatch(/^pinrelay-activity-\d{4}-\d\d-\d\d\.csv$/);
  const csv = readFileSync(await download.path(), "utf8");
  expect(csv.split("\r\n")[0]).toBe("time,actor,who,kind,action,change");
  expect(csv).toContain("Hold time: 30 s → 60 s");
  for (const text of [csv, await page.content()]) {
    expect(text).not.toContain("pina_");
    expect(text).not.toContain("e2e_token");
    expect(text).not.toContain("oken_ends_with");
  }
});

test("restoring shows the difference first, and brings the identical settings back", {
  tag: "@A3",
}, async ({ page }) => {
  await change({ hold_seconds: 60, "source.pos": "skip" });
  const { settings: wanted, version } = await readSettings(
    { db: world.db },
    await shopNamed(world.db, SHOP),
  );
  await change({ hold_seconds: 5, "consent.US": "require", "source.pos": "offline" });
  await openPage(page, world, "/settings/activity");
  await page
    .getByRole("button", { name: /^Restore the settings from before/ })
    .first()
    .click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("Hold time: 5 s → 60 s");
  await expect(dialog).toContainText("Consent in US: send only with marketing consent → not set");
  expect((await readSettings({ db: world.db }, await shopNamed(world.db, SHOP))).version).toBe(
    version + 1,
  );
  await dialog.getByRole("button", { name: "Restore settings" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Settings restored" })).toBeVisible();
  const restored = await readSettings({ db: world.db }, await shopNamed(world.db, SHOP));
  expect(restored).toEqual({ settings: wanted, version: version + 2 });
  const first = page.locator("table.activity tbody tr").first();
  await expect(first).toContainText(/You\s*Restore/);
  const again = page.getByRole("button", { name: /^Restore the settings from before/ });
  await again.nth(1).click();
  await expect(dialog).toContainText("Your settings are those already.");
});

test("a long list goes on page by page, each row once, and fits every width", async ({ page }) => {
  for (let at = 0; at < 60; at += 1) await change({ hold_seconds: 100 + at });
  const total = await entries();
  await openPage(page, world, "/settings/activity");
  const rows = page.locator("table.activity tbody tr");
  await expect(rows).toHaveCount(50);
  await page.getByRole("link", { name: "Older" }).click();
  await expect(rows).toHaveCount(total - 50);
  await expect(rows.last()).toContainText("App installed");
  await page.getByRole("link", { name: "Newer" }).click();
  await expect(rows).toHaveCount(50);
  await expect(rows.first()).toContainText("Hold time: 158 s → 159 s");
  await inspectPage(page, world, "/settings/activity", "activity");
});
