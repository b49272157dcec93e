import { readFileSync } from "node:fs";
import { expect, type Page, test } from "@playwright/test";
import { conversionEvent } from "#app/events/conversion-event.ts";
import {
  inspectPage,
  openPage,
  openWorld,
  takePicture,
  type World,
  watchComplaints,
} from "#test/e2e/world/admin-world.ts";
import { sampleFixture } from "#test/support/sample-fixture.ts";

const PATH = "/settings/privacy";
const DAY_MS = 86_400_000;

let world: World;

test.describe.configure({ mode: "serial" });
test.beforeAll(async () => {
  world = await openWorld();
});
test.afterAll(async () => {
  await world?.close();
});
const complaints = watchComplaints();

async function showingSaveBar(page: Page): Promise<boolean> {
  return page.evaluate(
    () => document.querySelector("ui-save-bar")?.matches(":state(showing)") ?? false,
  );
}

const daysField = (page: Page) => page.getByLabel("Bodies of events are kept (days)");

test("a shop without requests is told where they will appear", async ({ page }) => {
  await openPage(page, world, PATH);
  await expect(page.getByText("No requests. When a customer asks")).toBeVisible();
  await expect(
    page.getByText("Events that Pinterest has accepted stay with Pinterest"),
  ).toBeVisible();
  const map = page.getByRole("heading", { name: "What is kept, and what is sent" });
  await page.setViewportSize({ width: 375, height: 600 });
  await expect(map).not.toBeInViewport();
  await page.getByRole("link", { name: "What is kept, and what is sent" }).click();
  await expect(map).toBeInViewport();
  await expect(page.getByText(/^Web pixel: On, no event yet/)).toBeVisible();
  await expect(page.getByText(/^Theme embed: (?!Asking)/)).toBeVisible();
  await inspectPage(page, world, PATH, "privacy-empty");
});

test("each compliance webhook of the fixtures gives one row with a due date", {
  tag: "@R1",
}, async ({ page }) => {
  const topics = ["customers/data_request", "customers/redact", "shop/redact"];
  for (const topic of topics) {
    const body = { ...sampleFixture(topic), shop_domain: world.shop.domain };
    const { status } = await world.shopify.deliver(topic, world.shop.domain, body);
    expect(status).toBe(200);
  }
  const { rows } = await world.db.pool.query<{ received_at: Date }>(
    "select received_at from compliance_request order by id",
  );
  await openPage(page, world, PATH);
  const names = ["Shop deletion", "Customer deletion", "Customer data"];
  const list = page.locator("dl").first().locator("dt");
  await expect(list).toHaveText(names);
  const due = page.locator("dl").first().locator("time").nth(1);
  const received = rows.at(-1)?.received_at.getTime() ?? 0;
  await expect(due).toHaveAttribute("datetime", new Date(received + 30 * DAY_MS).toISOString());
  await expect(page.getByText("Overdue")).toHaveCount(0);
});

test("a request that is overdue stands out, and another shop's is not there", {
  tag: "@R1",
}, async ({ page }) => {
  await world.db.pool.query(
    `update compliance_request set received_at = now() - interval '31 days',
        state = 'recorded', done_at = null, next_at = 'infinity' where topic = 'customers/redact'`,
  );
  await world.db.pool.query(
    `insert into compliance_request (shop_domain, topic, webhook_id, state, body)
      select 'other.myshopify.com', topic, webhook_id, state, body from compliance_request`,
  );
  await openPage(page, world, PATH);
  await expect(page.locator("dl").first().locator("dt")).toHaveCount(3);
  await expect(page.getByText("Overdue")).toHaveCount(1);
  await inspectPage(page, world, PATH, "privacy-requests");
});

test("a request for data is done within a minute or two, and its answer is downloaded once asked for", async ({
  page,
}) => {
  test.setTimeout(180_000);
  const isDone = async () => {
    const { rows } = await world.db.pool.query<{ state: string }>(
      "select state from compliance_request where topic = 'customers/data_request' and shop_domain = $1",
      [world.shop.domain],
    );
    return rows[0]?.state;
  };
  await expect.poll(isDone, { timeout: 150_000 }).toBe("done");
  await openPage(page, world, PATH);
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download the customer's data of" }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toMatch(/^pinrelay-customer-data-\d+\.json$/);
  const answer = JSON.parse(readFileSync(await download.path(), "utf8"));
  expect(answer).toMatchObject({ shop: world.shop.domain, customer: "191167", events: [] });
  const { rows } = await world.db.pool.query(
    "select from audit_entry where action = 'privacy.download' and shop_id = $1",
    [world.shop.id],
  );
  expect(rows).toHaveLength(1);
  await inspectPage(page, world, PATH, "privacy-done");
});

test("the map lists every key of the event schema", { tag: "@R3" }, async ({ page }) => {
  await openPage(page, world, PATH);
  const listed = await page.locator("dl").last().locator("dt code").allTextContents();
  const shape = conversionEvent.shape;
  const within = (name: string, inner: object) => Object.keys(inner).map((key) => `${name}.${key}`);
  expect(listed).toEqual(
    expect.arrayContaining([
      ...Object.keys(shape).filter((key) => !["user_data", "custom_data"].includes(key)),
      ...within("user_data", shape.user_data.shape),
      ...within("custom_data", shape.custom_data.unwrap().shape),
    ]),
  );
});

test("a number of days that is not possible is named under the field, and stays there", async ({
  page,
}) => {
  await openPage(page, world, PATH);
  expect(await showingSaveBar(page)).toBe(false);
  await daysField(page).fill("31");
  await expect.poll(() => showingSaveBar(page)).toBe(true);
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Enter a whole number from 1 to 30")).toBeVisible();
  await expect(daysField(page)).toHaveValue("31");
  complaints.splice(0, complaints.length, ...complaints.filter((line) => !line.includes("422")));
  await page.getByRole("button", { name: "Discard" }).click();
  await expect(daysField(page)).toHaveValue("9");
  await expect.poll(() => showingSaveBar(page)).toBe(false);
});

test("a lower number asks first: Cancel changes nothing, Delete and save does it", async ({
  page,
}) => {
  await openPage(page, world, PATH);
  await daysField(page).fill("3");
  await page.getByRole("button", { name: "Save" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText("Bodies older than 3 days are deleted now")).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Cancel" })).toBeFocused();
  await takePicture(page, "privacy-asks-1280", false);
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(dialog).toHaveCount(0);
  expect(await daysNow()).toBe(9);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete and save" }).click();
  await expect(page.getByText("Settings saved")).toBeVisible();
  await expect.poll(() => showingSaveBar(page)).toBe(false);
  expect(await daysNow()).toBe(3);
});

async function daysNow(): Promise<number> {
  const { rows } = await world.db.pool.query<{ days: number | null }>(
    "select (settings->>'payload_days')::integer as days from shop where id = $1",
    [world.shop.id],
  );
  return rows[0]?.days ?? 9;
}
