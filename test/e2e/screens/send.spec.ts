import { expect, type Locator, type Page, test } from "@playwright/test";
import { runTexts } from "#app/admin/runs/texts.ts";
import { sendMissingTexts, sendOrderTexts, sendTexts } from "#app/admin/send/texts.ts";
import {
  inspectPage,
  openPage,
  openWorld,
  takePicture,
  type World,
  watchComplaints,
} from "#test/e2e/world/admin-world.ts";
import { AD_ACCOUNT, SHOP } from "#test/e2e/world/local-stack.ts";
import { orderBody } from "#test/sandbox/sample-orders.ts";
import { eventually } from "#test/support/poll.ts";

const CANARY = "canary.by.hand@example.com";
const ORDER_ID = 6_204_411_576_901;

let world: World;
let addresses: string[];
let isConnected: boolean;
const complaints = watchComplaints();

test.beforeAll(async () => {
  world = await openWorld();
  isConnected = false;
});
test.afterAll(() => world?.close());
test.beforeEach(({ page }) => {
  addresses = [];
  page.on("request", (request) => addresses.push(request.url()));
});

const label = (page: Page, name: keyof typeof sendTexts.fields) =>
  page.getByLabel(sendTexts.fields[name], { exact: true });
const mode = (page: Page, name: "demo" | "test" | "live") =>
  page.getByRole("radio", { name: sendTexts.mode[name] });
/** Polaris draws its own circle over the radio button. */
const chooseMode = (page: Page, name: "demo" | "test" | "live") =>
  page.locator(`label[for=mode-${name}]`).click();
const button = (page: Page | Locator, name: string) =>
  page.getByRole("button", { name, exact: true });
const result = (page: Page, name: string | RegExp) => page.getByRole("heading", { level: 2, name });
const previewOf = (page: Page) => page.getByRole("region", { name: sendTexts.preview.label });
const pathOf = (page: Page) => new URL(page.url()).pathname.replace("/app", "");
const requests = () =>
  world.pinterest.ledger.requests.filter(({ adAccountId }) => adAccountId === AD_ACCOUNT);

/** Everything that the database holds, as text. */
async function dump(): Promise<string> {
  const { rows } = await world.db.pool.query<{ name: string }>(
    "select quote_ident(table_schema) || '.' || quote_ident(table_name) as name from information_schema.tables where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'",
  );
  const tables = await Promise.all(
    rows.map(({ name }) => world.db.pool.query(`select t::text as row from ${name} t`)),
  );
  return tables.flatMap((table) => table.rows.map(({ row }) => row)).join("\n");
}

test("before the store is connected there is Demo alone, and the others say why", async ({
  page,
}) => {
  await openPage(page, world, "/send");
  await expect(mode(page, "demo")).toBeChecked();
  await expect(mode(page, "test")).toBeDisabled();
  await expect(mode(page, "live")).toBeDisabled();
  await expect(page.getByText(sendTexts.mode.notConnected)).toHaveCount(2);
  await label(page, "email").fill(CANARY);
  await button(page, sendTexts.send.demo).click();
  await expect(result(page, sendTexts.result.demoAccepted)).toBeFocused();
  await inspectPage(page, world, "/send", "send-not-connected");
});

/** The page of a store that is connected. */
async function openConnected(page: Page, path = "/send"): Promise<void> {
  if (!isConnected) await world.connect();
  isConnected = true;
  await openPage(page, world, path);
}

test("a demo makes no request, whether of one event, a file or an order", { tag: "@S1" }, async ({
  page,
}) => {
  world.shopify.records.putOrder(SHOP, { ...orderBody({ id: ORDER_ID }), name: "#1042" });
  await openConnected(page);
  await label(page, "email").fill(CANARY);
  await button(page, sendTexts.send.demo).click();
  await expect(result(page, sendTexts.result.demoAccepted)).toBeFocused();
  await page.getByRole("tab", { name: sendTexts.tabs.many }).click();
  await choose(page, `email,value\n${CANARY},1\n`);
  await button(page, "Send 1 as demo").click();
  await expect(page.getByText("1 event would go out in 1 request.")).toBeVisible();
  await page.getByRole("tab", { name: sendTexts.tabs.order }).click();
  await showOrder(page, "1042");
  await button(page, sendOrderTexts.send.demo).click();
  await expect(result(page, sendTexts.result.demoAccepted)).toBeFocused();
  expect(requests()).toEqual([]);
});

async function choose(page: Page, text: string): Promise<void> {
  const buffer = Buffer.from(text);
  await page
    .locator("#send-file")
    .setInputFiles({ name: "events.csv", mimeType: "text/csv", buffer });
  await button(page, "Check file").click();
  await expect(page.getByRole("heading", { name: /ready/ })).toBeFocused();
}

async function showOrder(page: Page, name: string): Promise<void> {
  await page.getByLabel(sendOrderTexts.field).fill(name);
  await button(page, sendOrderTexts.find).click();
}

test("a test request has test=true, and a live one has not", { tag: "@S2" }, async ({ page }) => {
  await openConnected(page);
  await label(page, "email").fill(CANARY);
  await chooseMode(page, "test");
  await button(page, sendTexts.send.test).click();
  await expect(result(page, sendTexts.result.testAccepted)).toBeFocused();
  expect(requests().map((request) => request.test)).toEqual([true]);
  await chooseMode(page, "live");
  await button(page, sendTexts.send.liveDots).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText(AD_ACCOUNT);
  await dialog.getByRole("button", { name: "Cancel" }).click();
  expect(requests()).toHaveLength(1);
  await button(page, sendTexts.send.liveDots).click();
  await dialog.getByRole("button", { name: sendTexts.ask.confirm }).click();
  await expect(result(page, sendTexts.result.liveAccepted)).toBeFocused();
  expect(requests().map((request) => request.test)).toEqual([true, false]);
  const id = world.pinterest.ledger.accepted.at(-1)?.eventId ?? "";
  await page.getByRole("link", { name: sendTexts.result.viewEvent }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Events" })).toBeVisible();
  await expect(page).toHaveURL(new RegExp(id));
});

/** Dialogs take 2 s to fade in or out, instead of 200 ms. */
async function fadeSlowly(page: Page): Promise<void> {
  await page.evaluate(() => {
    const setTimeoutOf = window.setTimeout.bind(window);
    const slow = (run: () => void, ms?: number) => setTimeoutOf(run, ms === 200 ? 2000 : ms);
    window.setTimeout = slow as typeof window.setTimeout;
  });
}

test("two clicks on the last question send one event, and what is changed then is another", {
  tag: "@S7",
}, async ({ page }) => {
  await openConnected(page);
  await chooseMode(page, "live");
  await label(page, "email").fill(`twice.${CANARY}`);
  const before = world.pinterest.ledger.acceptedCount;
  await button(page, sendTexts.send.liveDots).click();
  const confirm = page.getByRole("dialog").getByRole("button", { name: sendTexts.ask.confirm });
  await confirm.dblclick({ noWaitAfter: true });
  await expect(result(page, sendTexts.result.liveAccepted)).toBeFocused();
  expect(world.pinterest.ledger.acceptedCount).toBe(before + 1);
  // The same form once more is the same event. Its answer is here before the question has faded out.
  await fadeSlowly(page);
  await button(page, sendTexts.send.liveDots).click();
  await confirm.click();
  await expect(result(page, sendTexts.result.liveAccepted)).toBeFocused();
  expect(world.pinterest.ledger.acceptedCount).toBe(before + 1);
  await label(page, "value").fill("5.00");
  await button(page, sendTexts.send.liveDots).click();
  await confirm.click();
  await expect(result(page, sendTexts.result.liveAccepted)).toBeFocused();
  expect(world.pinterest.ledger.acceptedCount).toBe(before + 2);
  expect(world.pinterest.ledger.duplicates).toBe(0);
});

test("a field says what is wrong once it is left, and the body follows what is typed", async ({
  page,
}) => {
  await openConnected(page);
  await expect(page.getByText(sendTexts.help.identity, { exact: true })).toBeVisible();
  await label(page, "value").fill("72.39");
  await expect(previewOf(page)).toContainText('"value": "72.39"');
  await label(page, "email").fill("nobody");
  await expect(page.getByText(sendTexts.preview.faulty)).toBeVisible();
  await expect(page.getByText(sendTexts.faults.email)).toBeHidden();
  await label(page, "phone").focus();
  await expect(page.getByText(sendTexts.faults.email)).toBeVisible();
  await label(page, "email").fill(CANARY);
  await expect(page.getByText(sendTexts.faults.email)).toBeHidden();
  await expect(page.getByText(sendTexts.help.identityMet)).toBeVisible();
  await page.getByText(sendTexts.fields.isAlreadyHashed).click();
  await expect(page.getByText(sendTexts.faults.hash)).toBeVisible();
  await button(page, sendTexts.check).click();
  await expect(result(page, sendTexts.checked.faults)).toBeFocused();
  await page.getByText(sendTexts.fields.isAlreadyHashed).click();
  await label(page, "eventTime").fill("2030-01-01T10:00");
  await button(page, sendTexts.check).click();
  await expect(page.getByText(sendTexts.faults.future)).toBeVisible();
  await label(page, "eventTime").fill("2026-01-01T10:00");
  await expect(page.getByText(/^Older than 7 days/)).toBeVisible();
  expect(await page.locator("main input:not([autocomplete=off])[type=text]").count()).toBe(0);
});

test("a request without an answer loses nothing of the form", async ({ page }) => {
  await openConnected(page);
  await label(page, "email").fill(CANARY);
  await expect(page.getByText(sendTexts.help.identityMet)).toBeVisible();
  await page.route("**/app/send**", (route) => route.abort());
  await button(page, sendTexts.send.demo).click();
  await expect(result(page, sendTexts.result.failed)).toBeFocused();
  await expect(label(page, "email")).toHaveValue(CANARY);
  await page.unroute("**/app/send**");
  await button(page, sendTexts.send.demo).click();
  await expect(result(page, sendTexts.result.demoAccepted)).toBeFocused();
  complaints.splice(0);
});

const BAD_ROWS = 38;

function manyRows(total: number): string {
  const rows = Array.from({ length: total }, (_, index) =>
    index % 10 === 1 && index < BAD_ROWS * 10
      ? `not-an-address,${index},EUR,many-${index}`
      : `person.${index}@example.com,${index},EUR,many-${index}`,
  );
  return ["email,value,currency,orderId", ...rows].join("\n");
}

test("a file with 38 bad rows lists them by their row in the file, and gives them back", {
  tag: "@S3",
}, async ({ page }) => {
  await openConnected(page, "/send?tab=many");
  await choose(page, manyRows(1_000));
  await expect(result(page, "962 ready, 38 need changes")).toBeFocused();
  const numbers = page.getByRole("table").getByRole("rowheader");
  await expect(numbers).toHaveText(
    Array.from({ length: BAD_ROWS }, (_, index) => String(index * 10 + 3)),
  );
  const downloading = page.waitForEvent("download");
  await button(page, "Download the 38").click();
  const file = await downloading;
  expect(file.suggestedFilename()).toBe("events-to-change.csv");
});

test("the run of a file reaches its end, and its totals add up", { tag: "@S4" }, async ({
  page,
}) => {
  await openConnected(page, "/send?tab=many");
  await chooseMode(page, "live");
  await choose(page, manyRows(1_000));
  await button(page, "Send the 962 live…").click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("38 rows that need changes are left out.");
  const before = world.pinterest.ledger.acceptedCount;
  await dialog
    .getByRole("button", { name: "Send 962 live events" })
    .dblclick({ noWaitAfter: true });
  await expect(page).toHaveURL(/\/app\/send\/runs\/\d+/);
  await eventually(() => world.pinterest.ledger.acceptedCount === before + 962 || undefined);
  await expect(page.getByRole("progressbar")).toHaveAttribute("aria-valuenow", "100", {
    timeout: 60_000,
  });
  const { rows } = await world.db.pool.query("select count(*)::int as runs from run");
  expect(rows).toEqual([{ runs: 1 }]);
});

test("the dry run of an order is the body that was sent for it", { tag: "@S5" }, async ({
  page,
}) => {
  const id = ORDER_ID + 1;
  const landingSite = "/collections/plates?epik=dj0yJnU9Y2FuYXJ5";
  const order = { ...orderBody({ id, landingSite }), name: "#1043" };
  world.shopify.records.putOrder(SHOP, order);
  await world.shopify.deliver("orders/create", SHOP, order);
  const eventId = `order-${id}-checkout`;
  await eventually(
    async () => {
      const { rows } = await world.db.pool.query(
        "select 1 from event where event_id = $1 and state = 'accepted'",
        [eventId],
      );
      return rows[0];
    },
    { deadlineMs: 60_000 },
  );
  await openConnected(page, "/send?tab=order");
  await showOrder(page, "#1043");
  await expect(result(page, "Order #1043")).toBeFocused();
  const body = page.getByRole("region", { name: sendOrderTexts.bodyLabel });
  const shown = JSON.parse((await body.innerText()) || "null");
  expect(shown.data).toEqual([world.pinterest.ledger.find(AD_ACCOUNT, eventId)?.event]);
  await chooseMode(page, "live");
  await expect(page.getByText(sendOrderTexts.live.accepted)).toBeVisible();
  await expect(button(page, sendOrderTexts.send.live)).toBeDisabled();
  const till = { ...orderBody({ id: ORDER_ID + 2, sourceName: "pos" }), name: "#1044" };
  world.shopify.records.putOrder(SHOP, till);
  await showOrder(page, "#1044");
  await expect(page.getByText("IP address: it would be that of your staff")).toBeVisible();
  await takePicture(page, "send-order-left-out");
  await showOrder(page, "#9999");
  await expect(page.getByText(/Shopify has no order #9999/)).toBeVisible();
});

test("an email that was typed is in no address, not in the database, and not in the log", {
  tag: "@S6",
}, async ({ page }) => {
  await openConnected(page);
  await label(page, "email").fill(CANARY);
  for (const name of ["test", "live"] as const) {
    await chooseMode(page, name);
    await button(page, name === "test" ? sendTexts.send.test : sendTexts.send.liveDots).click();
    if (name === "live") {
      await page.getByRole("dialog").getByRole("button", { name: sendTexts.ask.confirm }).click();
    }
    await expect(page.getByRole("heading", { level: 2, name: /^(Test|Accepted)/ })).toBeFocused();
  }
  const kept = await page.evaluate(() =>
    JSON.stringify([{ ...localStorage }, { ...sessionStorage }]),
  );
  const places = {
    addresses: addresses.join("\n"),
    log: world.app.output(),
    kept,
    db: await dump(),
  };
  expect(places.db).toContain("events.send");
  for (const [place, text] of Object.entries(places)) {
    expect(text.includes(CANARY) || text.includes(encodeURIComponent(CANARY)), place).toBe(false);
  }
});

for (const tab of ["one", "many", "order"] as const) {
  test(`the tab "${sendTexts.tabs[tab]}" is for everybody and for every width`, async ({
    page,
  }) => {
    await openConnected(page);
    await inspectPage(page, world, `/send?tab=${tab}`, `send-${tab}`);
  });
}

test("orders without an event are looked for, dry and then to send them", async ({ page }) => {
  const lost = {
    ...orderBody({ id: ORDER_ID + 9, createdAt: new Date(Date.now() - 3_600_000) }),
    name: "#2077",
  };
  // Else an order of an hour ago is of the day before the install, in the first hour of the store's day.
  await world.db.pool.query(
    "update shop set installed_at = installed_at - interval '2 hours' where id = $1",
    [world.shop.id],
  );
  await openConnected(page, "/send?tab=missing");
  await expect(page.getByText(sendMissingTexts.runs.none)).toBeVisible();
  await inspectPage(page, world, "/send?tab=missing", "send-missing-none");
  world.shopify.records.putOrder(SHOP, lost);
  await openPage(page, world, "/send?tab=missing");
  await button(page, sendMissingTexts.start.dry).dblclick();
  await expect(page).toHaveURL(/\/app\/send\/runs\/\d+/);
  const row = page.getByRole("row").filter({ hasText: "#2077" });
  await untilSeen(page, row.getByText(runTexts.outcomes.planned));
  await inspectPage(page, world, pathOf(page), "run-orders-dry");
  const sentBefore = world.pinterest.ledger.acceptedCount;
  await openPage(page, world, "/send?tab=missing");
  await page.locator("label[for=way-send]").click();
  await button(page, sendMissingTexts.start.send).click();
  await expect(page).toHaveURL(/\/app\/send\/runs\/\d+/);
  await untilSeen(page, row.getByText(runTexts.outcomes.accepted));
  expect(world.pinterest.ledger.acceptedCount).toBe(sentBefore + 1);
  await inspectPage(page, world, pathOf(page), "run-orders-sent");
  await inspectPage(page, world, "/send?tab=missing", "send-missing-runs");
  const { rows } = await world.db.pool.query("select 1 from run where kind = 'reconcile'");
  expect(rows).toHaveLength(2);
});

/** Looks again until the run has got there. */
async function untilSeen(page: Page, what: Locator): Promise<void> {
  await expect(async () => {
    await button(page, "Refresh").click();
    await expect(what).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 60_000 });
}

test("a check that Shopify does not allow says so, and one that runs is stopped", async ({
  page,
}) => {
  const { rows } = await world.db.pool.query<{ path: string }>(
    `insert into run (shop_id, kind, state, total, choice, actor, created_at, progress)
      select $1, 'reconcile', s.state, 0, '{"since":"2026-11-24T00:00:00Z"}', 'user:1', now() + interval '8 days',
        jsonb_build_object('orders', 120, 'expected', 400, 'failure', s.failure)
      from (values ('failed', 'denied'), ('running', null)) s (state, failure)
      returning '/send/runs/' || id as path`,
    [world.shop.id],
  );
  const [failed = "", running = ""] = rows.map(({ path }) => path);
  await openPage(page, world, failed);
  await expect(page.getByRole("alert")).toContainText("does not let Pinrelay read your orders");
  await inspectPage(page, world, failed, "run-orders-failed");
  await openPage(page, world, running);
  await expect(page.getByRole("progressbar")).toHaveAttribute("aria-valuenow", "30");
  await inspectPage(page, world, running, "run-orders-running");
  await button(page, "Stop").click();
  await button(page.getByRole("dialog"), runTexts.orders.stopping.confirm).click();
  await expect(button(page, "Stop")).toHaveCount(0);
});
