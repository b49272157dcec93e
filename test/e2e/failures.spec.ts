import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "@playwright/test";
import {
  openPage,
  openWorld,
  takePicture,
  type World,
  watchComplaints,
} from "#test/e2e/world/admin-world.ts";
import { SHOP } from "#test/e2e/world/local-stack.ts";
import { endProcess } from "#test/support/end-process.ts";

let world: World;
const complaints = watchComplaints();

test.describe.configure({ mode: "serial" });
test.beforeAll(async () => {
  world = await openWorld();
});
test.afterAll(() => world?.close());

/** The browser's own word on the answer that is to be seen. */
function forgiveServerErrors(): void {
  const others = complaints.filter((complaint) => !/status of 50\d/.test(complaint));
  complaints.splice(0, complaints.length, ...others);
}

test("a page that fails says so with the number under which the log has it, and comes back", async ({
  page,
}) => {
  await openPage(page, world);
  await world.db.pool.query("alter table audit_entry rename to audit_entry_away");
  await page.locator("ui-nav-menu a", { hasText: "Settings" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Settings" })).toBeVisible();
  await page.goto(world.shopify.frameUrl(SHOP, "/settings/activity"));
  await expect(page.getByRole("heading", { name: "We could not load this page" })).toBeVisible();
  const text = await page.locator("main").innerText();
  const reference = /reference ([0-9a-f-]{36})/.exec(text)?.[1] ?? "none";
  expect(world.app.output()).toContain(reference);
  await world.db.pool.query("alter table audit_entry_away rename to audit_entry");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Activity" })).toBeVisible();
  forgiveServerErrors();
});

test("a row that cannot be drawn says so by its id, and the rows around it stay", async ({
  page,
}) => {
  await world.deliverOrder(6_204_411_576_420);
  await world.deliverOrder(6_204_411_576_421);
  await openPage(page, world);
  await page.route(/app\/events.*_data/, async (route) => {
    const response = await route.fetch();
    const data = await response.json();
    data.list.lines[0].kind = { not: "a text" };
    await route.fulfill({ response, json: data });
  });
  await page.locator("ui-nav-menu").getByRole("link", { name: "Events", exact: true }).click();
  await expect(page.getByText(/^order-620441157642[01]-checkout could not be shown/)).toHaveCount(
    1,
  );
  await expect(page.locator("main tbody tr")).toHaveCount(2);
  await takePicture(page, "row-not-shown");
  const others = complaints.filter((complaint) => !/valid as a React child|#31/.test(complaint));
  complaints.splice(0, complaints.length, ...others);
});

test("without its database the admin says that sending continues", async ({ page }) => {
  await openPage(page, world);
  const postmaster = readFileSync(path.join(world.dataDir, "pg", "postmaster.pid"), "utf8");
  await endProcess(Number(postmaster.split("\n")[0]), "SIGQUIT");
  await page.goto(world.shopify.frameUrl(SHOP));
  await expect(page.getByRole("heading", { name: "We could not load this page" })).toBeVisible();
  await expect(page.getByText("Sending continues in the background")).toBeVisible();
  forgiveServerErrors();
});
