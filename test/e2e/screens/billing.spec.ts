import { expect, type Page, test } from "@playwright/test";
import {
  inspectPage,
  openPage,
  openWorld,
  type World,
  watchComplaints,
} from "#test/e2e/world/admin-world.ts";

const PATH = "/settings/billing";

let world: World;

test.describe.configure({ mode: "serial" });
watchComplaints();

test.beforeAll(async () => {
  world = await openWorld({
    PINRELAY_BILLING: "usage",
    PINRELAY_BILLING_PRICE: "2.00",
    PINRELAY_BILLING_CAP: "40.00",
    PINRELAY_BILLING_TRIAL_DAYS: "14",
  });
});
test.afterAll(async () => {
  await world?.close();
});

async function startPlan(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Approve plan in Shopify" }).dblclick();
  await expect(page.getByRole("heading", { name: "Approve subscription" })).toBeVisible();
}

const frameOf = (page: Page) => page.frameLocator("iframe[name=app-iframe]");

test("a plan shows what it costs before anything is asked", async ({ page }) => {
  await openPage(page, world, "/settings");
  await page.getByRole("link", { name: "Plan", exact: true }).click();
  await expect(
    page.getByText(
      "$2.00 for each started 1,000 events accepted by Pinterest, at most $40.00 in 30 days",
    ),
  ).toBeVisible();
  await expect(page.getByText("The first 14 days are free.")).toBeVisible();
  await expect(page.getByText("No plan yet")).toBeVisible();
  await inspectPage(page, world, PATH, "billing-none");
});

test("a merchant who declines is told so, and when sending pauses", async ({ page }) => {
  await openPage(page, world, PATH);
  await startPlan(page);
  await page.getByRole("button", { name: "Decline" }).click();
  const frame = frameOf(page);
  await expect(frame.getByText("Declined")).toBeVisible();
  await expect(frame.getByText("The plan was not approved. Nothing was charged.")).toBeVisible();
  await expect(
    frame.getByText(/Sending pauses on \w+ \d+ unless a plan is approved/).first(),
  ).toBeVisible();
  await inspectPage(page, world, PATH, "billing-declined");
});

test("a merchant who approves has an active plan, asked for once by a double click", async ({
  page,
}) => {
  const before = world.shopify.billing.subscriptionsOf(world.shop.domain).length;
  await openPage(page, world, PATH);
  await startPlan(page);
  expect(world.shopify.billing.subscriptionsOf(world.shop.domain)).toHaveLength(before + 1);
  await page.getByRole("button", { name: "Approve" }).click();
  const frame = frameOf(page);
  await expect(frame.getByText("Active", { exact: true })).toBeVisible();
  await expect(frame.getByText(/Sending pauses/)).toHaveCount(0);
  await expect(frame.getByRole("button", { name: "Approve plan in Shopify" })).toHaveCount(0);
  await inspectPage(page, world, PATH, "billing-active");
});

test("a plan on hold at Shopify is seen with the next look", async ({ page }) => {
  const last = world.shopify.billing.subscriptionsOf(world.shop.domain).at(-1);
  world.shopify.billing.setStatus(last?.id ?? "", "FROZEN");
  await openPage(page, world, PATH);
  await page.getByRole("button", { name: "Check again" }).click();
  await expect(page.getByText("On hold", { exact: true })).toBeVisible();
});
