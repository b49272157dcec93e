import { expect, type FrameLocator, type Page, test } from "@playwright/test";
import { openDatabase } from "#app/platform/db.server.ts";
import { AD_ACCOUNT, type LocalStack, SHOP, startLocalStack } from "#test/e2e/world/local-stack.ts";
import { passTime } from "#test/support/delivery-fixture.ts";

let stack: LocalStack;
let complaints: string[];

test.describe.configure({ mode: "serial" });

test.beforeAll(async () => {
  stack = await startLocalStack();
});

test.afterAll(async () => {
  await stack?.close();
});

test.beforeEach(({ page }) => {
  complaints = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (hostname !== "127.0.0.1" && protocol !== "data:") complaints.push(request.url());
  });
});

test.afterEach(() => {
  expect(complaints, "errors in the console, and requests to the outside").toEqual([]);
});

/** The app in the frame of the page that stands in for Shopify's admin. */
async function openInAdmin(page: Page): Promise<FrameLocator> {
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.goto(`${stack.shopify.url}/store/demo/apps/pinrelay`);
  const frame = page.frameLocator("iframe[name=app-iframe]");
  await expect(frame.getByRole("heading", { level: 1, name: "Pinrelay" })).toBeVisible();
  return frame;
}

test("a store that has just installed the app is told what to do", async ({ page }) => {
  const frame = await openInAdmin(page);
  await expect(frame.getByText("No orders yet.")).toBeVisible();
  await expect(frame.getByText("Not connected", { exact: true }).first()).toBeVisible();
  await expect(frame.getByRole("heading", { name: "Setup guide" })).toBeVisible();
});

test("an order shows up without a reload, and is sent once the store is connected", async ({
  page,
}) => {
  const frame = await openInAdmin(page);
  await stack.deliverOrder(6_204_411_576_410);
  await expect(frame.getByText("1 order is kept, and will be sent when you connect.")).toBeVisible({
    timeout: 90_000,
  });
  await stack.connect();
  const connected = await openInAdmin(page);
  await expect(async () => {
    await connected.getByRole("button", { name: "Refresh" }).click();
    const sentence = connected.getByText("1 order in Shopify").locator("..");
    await expect(sentence).toContainText("1 accepted", { timeout: 1_000 });
  }).toPass({ timeout: 90_000 });
  await expect(connected.getByText("Sending", { exact: true }).first()).toBeVisible();
  await expect(connected.getByText("Nothing that Pinrelay can see.")).toBeVisible();
});

test("a connection that Pinterest refuses is named, with what mends it", async ({ page }) => {
  stack.pinterest.fail({ kind: "status", status: 403 });
  await stack.deliverOrder(6_204_411_576_411);
  const db = await openDatabase({ DATA_DIR: stack.dataDir });
  await expect(async () => {
    // It is believed when Pinterest has said it for minutes.
    await passTime(db, 60);
    await page.goto(stack.shopify.frameUrl(SHOP));
    await expect(page.locator("main .Polaris-Banner")).toContainText(
      `This Pinterest user can't send events for ${AD_ACCOUNT}`,
      { timeout: 1_000 },
    );
  }).toPass({ timeout: 90_000 });
  await db.close();
  await expect(page.getByRole("link", { name: "Open connection" })).toBeVisible();
});

test("a page whose session token is gone gets a new one by itself", async ({ page }) => {
  const frame = await openInAdmin(page);
  const address = new URL(stack.shopify.frameUrl(SHOP));
  address.searchParams.delete("id_token");
  const bounced = page.waitForResponse((response) =>
    response.url().includes("/auth/session-token"),
  );
  await page.locator("iframe").evaluate((element: HTMLIFrameElement, url) => {
    element.src = url;
  }, address.href);
  await bounced;
  await expect(frame.getByRole("heading", { level: 1, name: "Pinrelay" })).toBeVisible();
  expect(page.frame("app-iframe")?.url()).toContain("id_token=");
});

test("a page that does not exist says so", async ({ page }) => {
  const response = await page.goto(`${stack.app.url}/app/nowhere`);
  expect(response?.status()).toBe(404);
  await expect(page.getByRole("heading", { name: "This page does not exist" })).toBeVisible();
  complaints = complaints.filter((complaint) => !complaint.includes("404"));
});
