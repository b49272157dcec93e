import { expect, type Page, test } from "@playwright/test";
import { pauseConnection } from "#app/shops/connection/pause-connection.server.ts";
import {
  inspectPage,
  openPage,
  openWorld,
  setEmbed,
  type World,
  watchComplaints,
} from "#test/e2e/world/admin-world.ts";
import { AD_ACCOUNT, SHOP } from "#test/e2e/world/local-stack.ts";
import { orderBody } from "#test/sandbox/sample-orders.ts";
import { type SeededEvent, seedEvents } from "#test/support/seed-events.ts";

const HOUR_MS = 60 * 60 * 1_000;

let world: World;
const complaints = watchComplaints();

test.beforeAll(async () => {
  world = await openWorld();
});
test.afterAll(() => world?.close());

/** Nothing of a former test: neither events nor what Shopify counted. */
async function startOver({ isConnected = true, daysInstalled = 20 } = {}): Promise<void> {
  const id = world.shop.id.toString();
  world.shopify.orderCounts.clear(SHOP);
  for (const table of ["event", "count_bucket", "order_count_day", "order_sweep"]) {
    await world.db.pool.query(`delete from ${table} where shop_id = $1`, [id]);
  }
  await world.db.pool.query(
    `update shop set guide_hidden_at = null, product_ids_confirmed_at = null,
        installed_at = now() - $2 * interval '1 day' where id = $1`,
    [id, daysInstalled],
  );
  if (isConnected) await world.connect();
  else await world.db.pool.query("delete from connection where shop_id = $1", [id]);
  await world.db.pool.query("update connection set test_result = null where shop_id = $1", [id]);
}

/** Some hours apart, and each an order that Shopify has. */
async function seed(events: readonly SeededEvent[], { isTold = true } = {}): Promise<void> {
  const dated = events.map((event, place) => ({
    at: new Date(Date.now() - place * 5 * HOUR_MS - 60_000),
    ...event,
  }));
  await seedEvents(world.db, world.shop, dated);
  for (const { at, kind = "checkout", source, reason } of dated) {
    if (!isTold || kind !== "checkout" || source === "task" || reason === "test_order") continue;
    world.shopify.orderCounts.place(SHOP, { processedAt: at.toISOString() });
  }
}

const FULL: SeededEvent[] = [
  ...Array.from({ length: 12 }, () => ({})),
  { state: "skipped", reason: "cancelled" },
  { state: "skipped", reason: "test_order" },
  { state: "rejected", reason: "The request was invalid." },
  { warning: "Match quality is low" },
  { source: "task" },
  { kind: "signup", value: null, currency: null },
];

const sentence = (page: Page) => page.locator(".home-sentence");
const numbersOf = (text: string) => [...text.matchAll(/\d+/g)].map(([digits]) => Number(digits));
const guide = (page: Page) => page.getByRole("heading", { name: "Setup guide" });

test("a new store sees the way to its first event, and no dialog", async ({ page }) => {
  await startOver({ isConnected: false });
  await openPage(page, world);
  await expect(page).toHaveTitle("Home · Pinrelay");
  await expect(page.getByText("No orders yet. Events appear here within a minute")).toBeVisible();
  await expect(guide(page)).toBeVisible();
  await expect(page.getByText("0 of 4 done")).toBeVisible();
  await expect(page.getByRole("link", { name: "Connect", exact: true })).toHaveAttribute(
    "href",
    "/app/settings/connection",
  );
  await expect(page.getByRole("button", { name: "Send a test event" })).toBeDisabled();
  await expect(page.getByText("Connect Pinterest first.")).toBeVisible();
  expect(await page.locator("[role=dialog], dialog").count(), "H5 no modal at load").toBe(0);
  await inspectPage(page, world, "", "home-new");
});

test("orders are kept for a store that is not connected, and it reads until when", async ({
  page,
}) => {
  await startOver({ isConnected: false });
  await seed([{ state: "pending" }, { state: "pending" }]);
  await openPage(page, world);
  await expect(
    page.getByText(/^2 orders are kept, and will be sent when you connect/),
  ).toBeVisible();
  await expect(sentence(page)).toContainText("2 orders in Shopify");
  await expect(page.getByText("Kept until you connect").first()).toBeVisible();
  await inspectPage(page, world, "", "home-not-connected");
});

test("the terms add up to the first number for each period", { tag: "@H1" }, async ({ page }) => {
  await startOver();
  await seed(FULL);
  world.shopify.orderCounts.place(SHOP, {
    processedAt: new Date(Date.now() - 26 * HOUR_MS).toISOString(),
  });
  await openPage(page, world);
  for (const period of ["Today", "7 days", "14 days", "30 days"]) {
    await page.getByRole("radio", { name: period }).check({ force: true });
    await expect(page.getByRole("radio", { name: period })).toBeChecked();
    await expect(page).toHaveURL(new RegExp(`period=${/\d+/.exec(period)?.[0] ?? 1}$`));
    const text = (await sentence(page).innerText()).replace(/\(.*/s, "");
    const [first, ...terms] = numbersOf(text);
    expect(terms, text).toHaveLength(5);
    expect(first, text).toBe(terms.reduce((sum, term) => sum + term, 0));
  }
  await expect(sentence(page)).toContainText("16 orders in Shopify");
  await expect(sentence(page)).toContainText("13 accepted");
  await expect(sentence(page)).toContainText("1 missing");
  await expect(sentence(page)).toContainText("plus 1 sent by hand");
  await inspectPage(page, world, "", "home-one-fault");
});

test("each term leads to the list of exactly those events", { tag: "@H2" }, async ({ page }) => {
  await startOver();
  await seed(FULL);
  await openPage(page, world);
  await expect(sentence(page)).toContainText("15 orders in Shopify");
  const links = await sentence(page).getByRole("link").all();
  expect(links).toHaveLength(5);
  for (const link of links) expect(await link.getAttribute("href")).toMatch(/^\/app\/events\?/);
  await expect(sentence(page).getByRole("link", { name: "13 accepted, view" })).toBeVisible();
});

test("there is one banner at most, and a row for each other thing that is amiss", {
  tag: "@H3",
}, async ({ page }) => {
  await startOver();
  await seed([
    ...Array.from({ length: 30 }, () => ({})),
    ...Array.from({ length: 3 }, () => ({ state: "skipped" as const, reason: "no_match_key" })),
    { state: "rejected", reason: "The request was invalid." },
  ]);
  await pauseConnection(world, world.shop.id, "unauthorized", "system");
  await openPage(page, world);
  await expect(page.locator("main .Polaris-Banner")).toHaveCount(1);
  await expect(page.getByText("Pinterest no longer accepts this connection")).toBeVisible();
  await expect(page.getByRole("link", { name: "Reconnect" })).toBeVisible();
  const attention = page.locator(".Polaris-ShadowBevel", {
    has: page.getByRole("heading", { name: "Needs attention (2)" }),
  });
  await expect(attention.getByRole("listitem")).toHaveCount(2);
  await expect(page.getByText("Needs attention", { exact: true }).first()).toBeVisible();
  await inspectPage(page, world, "", "home-two-faults");
});

/** What the store's pixel is, as it was left. */
async function setPixel(columns: string): Promise<void> {
  await world.db.pool.query(`update shop set ${columns} where id = $1`, [world.shop.id]);
}

test("the step for browser data is done when the pixel and the theme embed are on", {
  tag: "@H4",
}, async ({ page }) => {
  await startOver();
  const step = page.getByRole("listitem").filter({ hasText: "Turn on browser data" });
  await openPage(page, world);
  await expect(step).toContainText("Web pixel On, no event yet");
  await expect(step).toContainText("Theme embed Pinrelay's operator has not deployed it");
  await expect(page.getByText("1 of 4 done")).toBeVisible();
  await setEmbed(page, "unavailable");
  await openPage(page, world);
  await expect(step).toContainText("Theme embed Your published theme can't take it");
  await expect(step.getByRole("link")).toHaveCount(0);
  await setEmbed(page, "available");
  await openPage(page, world);
  await expect(step.getByRole("link", { name: /^Open theme editor/ })).toHaveAttribute(
    "href",
    `https://${SHOP}/admin/themes/current/editor?context=apps&activateAppId=sandbox-key/pinrelay-tag`,
  );
  await expect(page.getByRole("heading", { name: "Needs attention (1)" })).toBeVisible();
  await expect(
    page.getByRole("heading", { name: "Click IDs are not captured on landing" }),
  ).toBeVisible();
  await inspectPage(page, world, "", "home-embed-off");
  await setEmbed(page, "active");
  await setPixel("last_pixel_at = now(), last_embed_at = now()");
  await openPage(page, world);
  await expect(step).toContainText(/Web pixel On, last event/);
  await expect(step).toContainText(/Theme embed On, last event/);
  await expect(page.getByText("2 of 4 done")).toBeVisible();
  await inspectPage(page, world, "", "home-browser-on");
  await setPixel("last_pixel_at = null, last_embed_at = null");
});

test("a pixel that the merchant disconnected is turned on again with one click", async ({
  page,
}) => {
  await startOver();
  world.shopify.webPixels.disconnect(SHOP);
  await setPixel("web_pixel_fault = 'disconnected', web_pixel_id = null");
  await openPage(page, world);
  const step = page.getByRole("listitem").filter({ hasText: "Turn on browser data" });
  await expect(step).toContainText("Web pixel Off: disconnected in Customer events");
  await expect(page.getByRole("heading", { name: "Browser data is off" })).toBeVisible();
  await inspectPage(page, world, "", "home-pixel-off");
  await step.getByRole("button", { name: "Turn on" }).click();
  await expect(page.getByText("Web pixel turned on")).toBeVisible();
  await expect(step).toContainText("Web pixel On, no event yet");
  await expect(page.getByRole("heading", { name: "Browser data is off" })).toHaveCount(0);
  expect(world.shopify.webPixels.of(SHOP)?.settings.shop).toBe(SHOP);
});

test("a pixel that the operator has not deployed says so, and stays off after a try", async ({
  page,
}) => {
  await startOver();
  world.shopify.webPixels.disconnect(SHOP);
  world.shopify.webPixels.setDeployed(false);
  await setPixel("web_pixel_fault = null, web_pixel_id = null");
  await openPage(page, world);
  const step = page.getByRole("listitem").filter({ hasText: "Turn on browser data" });
  await expect(step).toContainText("Web pixel Not turned on yet");
  await step.getByRole("button", { name: "Turn on" }).click();
  await expect(step).toContainText("Web pixel Off: Pinrelay's operator has not deployed it");
  await expect(
    page.getByText("This Pinrelay has no pixel at Shopify yet", { exact: false }),
  ).toBeVisible();
  await inspectPage(page, world, "", "home-pixel-not-deployed");
  world.shopify.webPixels.setDeployed(true);
  await step.getByRole("button", { name: "Try again" }).click();
  await expect(step).toContainText("Web pixel On, no event yet");
});

test("the guide that was hidden stays hidden, and the numbers stay", { tag: "@H6" }, async ({
  page,
}) => {
  await startOver();
  await seed(FULL);
  await openPage(page, world);
  await page.getByRole("button", { name: "Hide", exact: true }).click();
  await expect(guide(page)).toBeHidden();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(guide(page)).toBeVisible();
  await page.getByRole("button", { name: "Hide", exact: true }).click();
  await expect(guide(page)).toBeHidden();
  await openPage(page, world);
  await expect(guide(page)).toBeHidden();
  await expect(sentence(page)).toContainText("13 accepted");
});

test("a test event reaches Pinterest, which records nothing, and ticks the last step", async ({
  page,
}) => {
  await startOver();
  await openPage(page, world);
  const before = world.pinterest.ledger.accepted.length;
  await page.getByRole("listitem").getByRole("button", { name: "Send a test event" }).click();
  await expect(
    page.getByText("Pinterest took the test event. Nothing was recorded."),
  ).toBeVisible();
  await expect(page.getByText("2 of 4 done")).toBeVisible();
  expect(world.pinterest.ledger.accepted).toHaveLength(before);
  world.pinterest.fail({ kind: "status", status: 403, adAccountId: AD_ACCOUNT });
  await page.getByRole("button", { name: "Send a test event" }).first().click();
  await expect(page.getByText("The test event was not accepted")).toBeVisible();
  world.pinterest.heal(AD_ACCOUNT);
});

test("product IDs are confirmed once they are seen to be the catalog's", async ({ page }) => {
  await startOver();
  await openPage(page, world);
  await expect(page.getByText("Your events carry: the variant ID.")).toBeVisible();
  await page.getByRole("button", { name: "They match my catalog" }).click();
  await expect(page.getByText("2 of 4 done")).toBeVisible();
  await expect(page.getByRole("button", { name: "They match my catalog" })).toBeHidden();
});

test("sending is paused with an undo, and resumed from the banner", async ({ page }) => {
  await startOver();
  await seed([{ state: "pending", nextAt: new Date(Date.now() + HOUR_MS) }]);
  await openPage(page, world);
  await page.getByRole("button", { name: "Pause sending" }).click();
  await expect(page.getByText("Paused", { exact: true }).first()).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText("Sending", { exact: true }).first()).toBeVisible();
  await page.getByRole("button", { name: "Pause sending" }).click();
  await expect(page.locator("main .Polaris-Banner")).toContainText("Sending is paused");
  await inspectPage(page, world, "", "home-paused");
  await page.locator("main .Polaris-Banner").getByRole("button", { name: "Resume" }).click();
  await expect(page.locator("main .Polaris-Banner")).toHaveCount(0);
});

test("when Shopify does not count, the sentence says so, and the rest works", async ({ page }) => {
  await startOver();
  await seed(FULL);
  world.shopify.orderCounts.fail(SHOP, "Throttled");
  await openPage(page, world);
  await expect(sentence(page)).toContainText(
    "Shopify's count is not available. 15 purchases received",
  );
  await expect(page.getByText("Shopify did not answer.")).toBeVisible();
  world.shopify.orderCounts.fail(SHOP, null);
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(sentence(page)).toContainText("15 orders in Shopify");
  expect(complaints).toEqual([]);
});

test("a healthy store reads that nothing is amiss", async ({ page }) => {
  await startOver();
  await seed(FULL.filter(({ state }) => state !== "rejected"));
  await world.db.pool.query(
    "update shop set guide_hidden_at = now(), last_webhook_at = now() where id = $1",
    [world.shop.id.toString()],
  );
  await openPage(page, world);
  await expect(page.getByText("Nothing that Pinrelay can see.")).toBeVisible();
  for (const badge of ["Sending", "Demo data", "Test API"]) {
    await expect(page.locator(".Polaris-Badge").getByText(badge, { exact: true })).toBeVisible();
  }
  await inspectPage(page, world, "", "home-healthy");
});

test("orders without an event are looked for at once when a person asks", async ({ page }) => {
  await startOver();
  const order = orderBody({ id: 770_001, createdAt: new Date(Date.now() - HOUR_MS) });
  world.shopify.records.putOrder(SHOP, { ...order, name: "#1778" });
  // Another check that does less is under way, in the hands of a process elsewhere.
  await world.db.pool.query(
    `insert into run (shop_id, kind, state, total, choice, actor, lease, leased_until)
      values ($1, 'reconcile', 'running', 0, $2, 'cli', 'elsewhere', now() + interval '1 hour')`,
    [world.shop.id, { since: new Date().toISOString(), by: "created", dry: false }],
  );
  await openPage(page, world);
  await expect(page.getByText("Once a day Pinrelay looks in Shopify")).toBeVisible();
  const check = page.getByRole("button", { name: "Check now" });
  await check.click();
  await expect(page.getByRole("alert").getByText(/^A check since .* is under way/)).toBeVisible();
  await world.db.pool.query("delete from run where lease = 'elsewhere'");
  await check.click();
  // The check is a run like one of "Send events", and its page opens.
  await expect(page).toHaveURL(/\/app\/send\/runs\/\d+/);
  const missing = page.getByText("1 order without an event in Shopify");
  await expect(async () => {
    await openPage(page, world);
    await expect(missing).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 60_000 });
  await expect(page.getByRole("link", { name: "#1778" })).toBeVisible();
  await inspectPage(page, world, "", "home-checked");
});
