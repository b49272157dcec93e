import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { expect, type Page, test } from "@playwright/test";
import { parse } from "csv-parse/sync";
import { computeLane } from "#app/events/lane.ts";
import { createKeyring } from "#app/platform/keyring.server.ts";
import { installShop } from "#app/shops/install-shop.server.ts";
import {
  inspectPage,
  openPage,
  openWorld,
  takePicture,
  type World,
  watchComplaints,
} from "#test/e2e/world/admin-world.ts";
import { AD_ACCOUNT } from "#test/e2e/world/local-stack.ts";
import { commitEvents, purchase } from "#test/support/outbox-fixture.ts";
import { seedEvents } from "#test/support/seed-events.ts";

const KEY = randomBytes(32);
const keyring = createKeyring([{ id: "e2e", key: KEY }]);
const HOUR_MS = 3_600_000;
const OTHER_ACCOUNT = "549755885176";

let world: World;
const complaints = watchComplaints();

test.describe.configure({ mode: "serial" });

test.beforeAll(async () => {
  world = await openWorld({ ENCRYPTION_KEYS: `e2e:${KEY.toString("base64")}` });
});

test.afterAll(async () => {
  await world?.close();
});

/** Orders that Pinterest refused, with what was sent of them. */
async function refuseOrders(orders: readonly string[]): Promise<void> {
  const shop = { ...world.shop, settingsVersion: 1, payloadDays: 9, connection: null };
  const eventTimeSeconds = Math.floor(Date.now() / 1_000) - 7_200;
  const events = orders.map((order) => purchase(order, { eventTimeSeconds }));
  await commitEvents({ db: world.db, keyring }, shop, events);
  await world.db.pool.query(
    `update event set state = 'rejected', reason = 'currency is missing', ad_account_id = $1
      where state = 'pending'`,
    [AD_ACCOUNT],
  );
  await world.db.pool.query("update count_bucket set state = 'rejected' where state = 'pending'");
}

async function seedEveryState(): Promise<void> {
  const ago = (hours: number) => new Date(Date.now() - hours * HOUR_MS);
  const nextAt = new Date(Date.now() + 2 * HOUR_MS);
  const shop = { ...world.shop, adAccountId: AD_ACCOUNT };
  await seedEvents(world.db, shop, [
    { orderName: "#1042", orderId: "6204411576410", at: ago(0.1), value: "64.75" },
    { orderName: "#1041", at: ago(0.2), value: "12400", currency: "JPY", idSource: "browser" },
    { orderName: "#1040", at: ago(0.3), warning: "external_id is not hashed" },
    { orderName: "#1039", state: "expired", at: ago(167), source: "pos" },
    { orderName: "#1038", state: "expired", at: ago(167.5) },
    { orderName: "#1037", state: "held", at: ago(0.01), nextAt },
    { orderName: "#1036", state: "pending", at: ago(0.02), nextAt },
    { orderName: "#1035", state: "pending", at: ago(0.5), attempts: 2, nextAt },
    { orderName: "#1034", state: "pending", at: ago(0.6), adAccountId: OTHER_ACCOUNT },
    { orderName: "#1033", state: "skipped", reason: "test_order", at: ago(1) },
    { kind: "signup", state: "skipped", reason: "imported", at: ago(1.1) },
    { kind: "initiate_checkout", state: "skipped", reason: "no_match_key", at: ago(1.2) },
    { orderName: '=HYPERLINK("x")', at: ago(1.3) },
    ...Array.from({ length: 60 }, (_, index) => ({
      kind: "page_visit",
      at: ago(3 + index / 10),
      value: null,
    })),
  ]);
  await world.db.pool.query(
    `insert into due_account (lane, ad_account_id, next_at, lease_until, leased_at)
      values ($1, $2, 'infinity', now() + interval '1 hour', now())`,
    [computeLane(OTHER_ACCOUNT), OTHER_ACCOUNT],
  );
}

async function seedStranger(): Promise<{ id: bigint; lane: number }> {
  const domain = "stranger.myshopify.com";
  const { id } = await installShop({ db: world.db }, { domain });
  const shop = { id, lane: computeLane(domain) };
  await seedEvents(world.db, shop, [{ eventId: "stranger-event-1", orderName: "#7777" }]);
  return shop;
}

const rowsOf = (page: Page) => page.locator("table tbody tr");
/** The order cells, from the top. */
const ordersOf = (page: Page) => page.locator("table a[data-primary-link]").allInnerTexts();

test("a new store is told what to do next", async ({ page }) => {
  await openPage(page, world, "/events");
  await expect(page.getByRole("heading", { name: "No events yet" })).toBeVisible();
  await expect(page.getByText("Orders are already being kept.").first()).toBeVisible();
  await expect(page.getByRole("link", { name: "Connect Pinterest" }).last()).toBeVisible();
  await expect(page.getByRole("button", { name: "Send again" })).toHaveCount(0);
});

test("every state has its word in the list", { tag: "@L1" }, async ({ page }) => {
  await refuseOrders(["2001", "2002", "2003"]);
  await world.connect();
  await seedEveryState();
  await openPage(page, world, "/events?kind=checkout&kind=signup&kind=initiate_checkout&days=14");
  for (const word of [
    "Waiting for browser data (until",
    "Queued",
    "Retrying, next at",
    "Sending",
    "Accepted by Pinterest",
    "Accepted, with a note",
    "Refused by Pinterest",
    "Too late",
    "Not sent: test order",
    "Not sent: customer was imported",
    "Not sent: no email, and no IP address with browser",
  ]) {
    await expect(rowsOf(page).filter({ hasText: word }).first()).toBeVisible();
  }
  await expect(rowsOf(page).filter({ hasText: "currency is missing" })).toHaveCount(3);
  await expect(rowsOf(page).filter({ hasText: "¥12,400" })).toHaveCount(1);
});

test("Needs action is what was refused and what is too late", { tag: "@L2" }, async ({ page }) => {
  await openPage(page, world, "/events?kind=checkout&days=14&tab=action");
  await expect(rowsOf(page)).toHaveCount(5);
  await expect(page.getByText("1–5 of 5 · Last 14 days")).toBeVisible();
  const { rows } = await world.db.pool.query<{ n: bigint }>(
    `select sum(n)::bigint as n from count_bucket where shop_id = $1 and kind = 'checkout'
      and state in ('rejected', 'expired')`,
    [world.shop.id],
  );
  expect(rows[0]?.n).toBe(5n);
});

test("an order is found by its number, with # or without", { tag: "@L3" }, async ({ page }) => {
  for (const search of ["1042", "%231042"]) {
    await openPage(page, world, `/events?q=${search}`);
    expect(await ordersOf(page)).toEqual(["#1042"]);
  }
  await openPage(page, world, "/events");
  await page.getByRole("button", { name: "Search and filter" }).click();
  const field = page.getByPlaceholder("Order number, order ID or event ID");
  await field.fill("1041");
  await expect(page).toHaveURL(/[?&]q=1041/);
  await expect(rowsOf(page)).toHaveCount(1);
  await expect(page.getByText("Email addresses can't be searched")).toBeVisible();
  await page.goBack();
  await expect(rowsOf(page)).toHaveCount(50);
  await openPage(page, world, "/events?q=nothing-of-the-sort");
  await expect(page.getByRole("heading", { name: "No events match" })).toBeVisible();
  await page.getByRole("button", { name: "Clear all" }).last().click();
  await expect(rowsOf(page)).toHaveCount(50);
});

test("filters are chosen by hand, and the back button undoes them", async ({ page }) => {
  await openPage(page, world, "/events");
  await page.getByRole("tab", { name: "Not sent" }).click();
  await expect(page).toHaveURL(/tab=not-sent/);
  await expect(rowsOf(page)).toHaveCount(3);
  await page.getByRole("button", { name: "Search and filter" }).click();
  await page.getByRole("button", { name: "Event", exact: true }).click();
  await page.getByRole("checkbox", { name: "Sign-up" }).check();
  await expect(page).toHaveURL(/kind=signup/);
  await expect(rowsOf(page)).toHaveCount(1);
  await page.keyboard.press("Escape");
  await page.goBack();
  await expect(rowsOf(page)).toHaveCount(3);
  await page.goForward();
  await expect(rowsOf(page)).toHaveCount(1);
});

test("pages go forward and back, fifty rows each", async ({ page }) => {
  await openPage(page, world, "/events?kind=page_visit");
  await expect(page.getByText("1–50 of 60 · Last 7 days")).toBeVisible();
  await page.getByRole("button", { name: "Next page" }).click();
  await expect(page.getByText("51–60 of 60 · Last 7 days")).toBeVisible();
  await expect(rowsOf(page)).toHaveCount(10);
  await page.getByRole("button", { name: "Previous page" }).click();
  await expect(page.getByText("1–50 of 60 · Last 7 days")).toBeVisible();
});

test("an address with filters opens the same rows again", { tag: "@L8" }, async ({ page }) => {
  const path = "/events?tab=action&kind=checkout&source=web&days=14&sort=oldest";
  await openPage(page, world, path);
  const before = await ordersOf(page);
  expect(before).toEqual(["#1038", "#2001", "#2002", "#2003"]);
  await openPage(page, world, path);
  expect(await ordersOf(page)).toEqual(before);
});

test("the file has the list's rows, and no one's personal data", { tag: "@L6" }, async ({
  page,
}) => {
  await openPage(page, world, "/events?days=14");
  const range = await page.getByText(/ of \d+ · Last 14 days/).innerText();
  const count = Number(/of (\d+)/.exec(range)?.[1]);
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export CSV" }).click();
  const file = await (await downloading).path();
  const text = await readFile(file, "utf8");
  const rows = parse(text, { columns: true }) as Record<string, string>[];
  expect(rows).toHaveLength(count);
  expect(Object.keys(rows[0] ?? {})).toEqual(
    "event_id,id_source,kind,order,order_id,happened_at,state,reason,value,currency,source,ad_account,attempts,last_answer,keys_sent".split(
      ",",
    ),
  );
  expect(text).not.toMatch(/[\w.]+@[\w.]+|[0-9a-f]{64}|\d+\.\d+\.\d+\.\d+/);
  expect(rows.map(({ order }) => order)).toContain('\'=HYPERLINK("x")');
  expect(rows[0]?.happened_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/);
});

test("on a phone the rows are cards, and nothing is wider than the screen", { tag: "@L7" }, async ({
  page,
}) => {
  await page.setViewportSize({ width: 375, height: 800 });
  await openPage(page, world, "/events");
  await expect(page.locator(".event-cards > li")).toHaveCount(50);
  await expect(page.getByRole("checkbox")).toHaveCount(0);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(375);
});

test("the dialog's numbers are those of the rows, by state", { tag: "@L4" }, async ({ page }) => {
  await openPage(page, world, "/events?kind=checkout&days=14");
  const sendAll = page.getByRole("button", { name: "Send again, all matching" });
  await sendAll.press("Enter");
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText("Send 3 events again?")).toBeVisible();
  await expect(
    dialog.getByText(
      "Each keeps its ID. 4 accepted, 4 waiting, 1 not sent, and 2 too late are left out.",
    ),
  ).toBeVisible();
  await takePicture(page, "events-dialog-1280", false);
  // Enter without reading sends nothing.
  await expect(dialog.getByRole("button", { name: "Cancel" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(dialog).toHaveCount(0);
  await expect(sendAll).toBeFocused();

  for (const order of ["#1042", "#2001", "#1039"]) {
    await rowsOf(page).filter({ hasText: order }).getByRole("checkbox").check();
  }
  await expect(page.getByText("3 events selected")).toBeAttached();
  await page.getByRole("button", { name: "Send again", exact: true }).first().click();
  await expect(page.getByRole("dialog").getByText("Send 1 event again?")).toBeVisible();
  await expect(
    page.getByRole("dialog").getByText("It keeps its ID. 1 accepted and 1 too late are left out."),
  ).toBeVisible();
});

test("the list is read again by itself, but never under a reader's hand", async ({ page }) => {
  await page.clock.install();
  await openPage(page, world, "/events");
  let reads = 0;
  page.on("request", (request) => {
    if (isRead(request.url())) reads += 1;
  });
  const box = rowsOf(page).first().getByRole("checkbox");
  await box.check();
  await page.getByRole("tab", { name: /^All/ }).focus();
  await page.getByRole("button", { name: "Export CSV" }).focus();
  await page.clock.runFor(40_000);
  // What was asked for before this would be known by now.
  await page.evaluate(async () => (await fetch("/favicon.svg")).text());
  expect(reads).toBe(0);
  await box.uncheck();
  await page.clock.runFor(16_000);
  await expect.poll(() => reads).toBe(1);
});

test("bars as high as the rows stand in while other rows come", async ({ page }) => {
  await openPage(page, world, "/events");
  const release = Promise.withResolvers<void>();
  await page.route(
    (url) => isRead(url.href),
    async (route) => {
      await release.promise;
      await route.continue();
    },
  );
  const height = () => page.locator(".event-rows").evaluate((rows) => rows.clientHeight);
  const before = await height();
  await page.getByRole("tab", { name: /^Accepted/ }).click();
  await expect(rowsOf(page).first().getByRole("link")).toBeHidden();
  expect(await height()).toBe(before);
  release.resolve();
  await expect(rowsOf(page).first().getByRole("link")).toBeVisible();
});

/** Of the list, by the page itself. */
function isRead(url: string): boolean {
  const { pathname, searchParams } = new URL(url);
  return pathname.startsWith("/app/events") && searchParams.has("_data");
}

test("the list can be read by everybody, in each of its forms", async ({ page }) => {
  const kinds = "kind=checkout&kind=signup&kind=initiate_checkout";
  await inspectPage(page, world, `/events?${kinds}&days=14`, "events-every-state");
  await inspectPage(page, world, "/events?q=nothing-of-the-sort", "events-no-match");
});

test("a run sends events again under the ids they have, once", { tag: "@L5" }, async ({ page }) => {
  const idsOf = async () => {
    const { rows } = await world.db.pool.query<{ line: string }>(
      "select id || ' ' || event_id as line from event where shop_id = $1 order by id",
      [world.shop.id],
    );
    return rows.map(({ line }) => line);
  };
  const before = await idsOf();
  await openPage(page, world, "/events?tab=action&days=14");
  await page.getByRole("button", { name: "Send again, all matching" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Send 3 events" }).dblclick();
  await expect(page).toHaveURL(/\/app\/send\/runs\/\d+/);
  const bar = page.getByRole("progressbar");
  await expect(async () => {
    await page.getByRole("button", { name: "Refresh" }).click();
    await expect(bar).toHaveAttribute("aria-valuenow", "100", { timeout: 1_000 });
  }).toPass({ timeout: 60_000 });
  await expect(
    page.getByText(
      "3 events = 3 accepted + 0 refused or too late + 0 waiting + 0 left out + 0 stopped",
    ),
  ).toBeVisible();
  await expect(page.getByText("Left out from the start: 2 too late.")).toBeVisible();
  await openPage(page, world, new URL(page.url()).pathname.replace("/app", ""));
  await expect(bar).toHaveAttribute("aria-valuenow", "100");
  expect(await idsOf()).toEqual(before);
  const { rows: runs } = await world.db.pool.query("select 1 from run");
  expect(runs).toHaveLength(1);
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "Result CSV" }).click();
  const text = await readFile(await (await downloading).path(), "utf8");
  const rows = parse(text, { columns: true }) as Record<string, string>[];
  expect(rows.map(({ outcome }) => outcome)).toEqual(["accepted", "accepted", "accepted"]);
});

test("a run that stands still says why, and is stopped", async ({ page }) => {
  const { rows } = await world.db.pool.query<{ id: bigint }>(
    `insert into run (shop_id, kind, state, total, choice, actor, created_at)
      values ($1, 'send', 'running', 3, '{"file":"november.csv"}', 'user:1', now() + interval '8 days') returning id`,
    [world.shop.id],
  );
  const runId = rows[0]?.id;
  await world.db.pool.query(
    `insert into run_item (run_id, shop_id, place, event_name, event_id, state, why) values
      ($1, $2, 0, 'checkout', 'a-1', 'waiting', null), ($1, $2, 1, 'signup', 'a-2', 'waiting', null),
      ($1, $2, 2, 'checkout', null, 'left', 'eventTime: older than 7 days')`,
    [runId, world.shop.id],
  );
  await openPage(page, world, `/send/runs/${runId}`);
  await expect(page.getByText("File: november.csv")).toBeVisible();
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByRole("button", { name: "Stop the rest" }).click();
  await expect(page.getByText("+ 0 waiting + 1 left out + 2 stopped")).toBeVisible();
  await expect(page.getByRole("button", { name: "Stop", exact: true })).toHaveCount(0);
});

test("another store's events and runs are not there", { tag: "@L9" }, async ({ page }) => {
  const stranger = await seedStranger();
  await openPage(page, world, "/events?q=stranger-event-1");
  await expect(page.getByRole("heading", { name: "No events match" })).toBeVisible();
  const { rows } = await world.db.pool.query<{ id: bigint }>(
    `insert into run (shop_id, kind, state, total, actor) values ($1, 'send', 'done', 1, 'user:1')
      returning id`,
    [stranger.id],
  );
  for (const path of [
    `/send/runs/${rows[0]?.id}`,
    "/send/runs/nonsense",
    "/events/stranger-event-1",
  ]) {
    const address = new URL(world.shopify.frameUrl(world.shop.domain, path));
    const response = await page.goto(address.href);
    expect([path, response?.status()]).toEqual([path, 404]);
  }
  const noted = complaints.filter((complaint) => !complaint.includes("404"));
  complaints.splice(0, complaints.length, ...noted);
});

test("a run can be read by everybody", async ({ page }) => {
  const { rows } = await world.db.pool.query<{ id: bigint }>(
    "select min(id) as id from run where shop_id = $1",
    [world.shop.id],
  );
  await inspectPage(page, world, `/send/runs/${rows[0]?.id}`, "run-done");
});
