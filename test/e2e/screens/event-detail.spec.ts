import { expect, type Page, test } from "@playwright/test";
import { actionBars, actionLabels, eventDetailTexts } from "#app/admin/event/texts.ts";
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
import { seedEvents } from "#test/support/seed-events.ts";

let world: World;
const complaints = watchComplaints();

// Also after a test that failed, which ends the process and its world.
test.beforeAll(async () => {
  world = await openWorld();
  await world.connect();
  await deliver(ACCEPTED);
  await stands(ACCEPTED, "accepted");
});
test.afterAll(() => world?.close());
test.afterEach(() => world.pinterest.heal());

const ACCEPTED = 7_001;
const REFUSED = 7_002;
const RETRIED = 7_003;
const SKIPPED = 7_004;
const REBUILT = 7_005;
const SHOWN = 7_006;

/** Only to end a test that hangs. */
const PATIENCE = { deadlineMs: 120_000 };

const idOf = (order: number) => `order-${order}-checkout`;
const pathOf = (order: number) => `/events/${idOf(order)}`;
const HIDDEN_CLICK = "dj0yJnU9SECRETCLICK";

/** A shopper's order, as Shopify tells it and keeps it. */
async function deliver(id: number, changes: object = {}): Promise<void> {
  const landingSite = `/products/linen?epik=${HIDDEN_CLICK}`;
  const order = { ...orderBody({ id, landingSite, ...changes }), name: `#${id}` };
  world.shopify.records.putOrder(SHOP, order);
  // As Shopify does: again, until it is taken.
  const isTaken = async () =>
    (await world.shopify.deliver("orders/create", SHOP, order)).status === 200;
  await eventually(isTaken, PATIENCE);
}

const stands = (order: number, state: string) =>
  eventually(async () => {
    const { rows } = await world.db.pool.query("select state from event where event_id = $1", [
      idOf(order),
    ]);
    return rows[0]?.state === state;
  }, PATIENCE);

const takenBy = (order: number) =>
  world.pinterest.ledger.accepted.find(({ eventId }) => eventId === idOf(order));

const refuse = (order: number) =>
  world.pinterest.fail({
    kind: "poison",
    eventId: idOf(order),
    as: "fail_event",
    message: "custom_data.currency is missing",
  });

/** The steps of "What happened", one text each. */
const steps = (page: Page) => page.locator(".event-timeline > li");

const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

async function auditCount(action: string): Promise<number> {
  const { rows } = await world.db.pool.query(
    "select count(*)::integer as n from audit_entry where action = $1 and shop_id = $2",
    [action, world.shop.id],
  );
  return rows[0]?.n;
}

test("the JSON is the body that Pinterest received, once what is masked is shown", {
  tag: "@D1",
}, async ({ page }) => {
  await openPage(page, world, pathOf(ACCEPTED));
  await button(page, eventDetailTexts.json).click();
  const json = page.getByRole("region", { name: eventDetailTexts.jsonLabel });
  await expect(json).toContainText("•••");
  expect(await page.content()).not.toContain(HIDDEN_CLICK);

  await button(page, eventDetailTexts.show).click();
  await expect(json).toContainText(HIDDEN_CLICK);
  expect(await json.innerText()).toBe(JSON.stringify(takenBy(ACCEPTED)?.event));
});

test("the copied curl is a test request and holds no token", { tag: "@D2" }, async ({
  page,
  context,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await openPage(page, world, pathOf(ACCEPTED));
  await button(page, eventDetailTexts.copyCurl).click();
  await expect(button(page, "Copied")).toBeVisible();
  const curl = await page.evaluate(() => navigator.clipboard.readText());
  expect(curl).toContain(`/ad_accounts/${AD_ACCOUNT}/events?test=true'`);
  expect(curl).toContain("$PINTEREST_TOKEN");
  expect(curl).not.toContain("pina_");
  expect(curl).not.toContain(HIDDEN_CLICK);
  expect(curl).toContain("•••");
});

test("an accepted event can't be sent again, and the reason is text", { tag: "@D3" }, async ({
  page,
}) => {
  await openPage(page, world, pathOf(ACCEPTED));
  for (const label of Object.values(actionLabels)) {
    await expect(button(page, label)).toHaveCount(0);
  }
  await expect(page.getByText(actionBars.accepted)).toBeVisible();
  await expect(steps(page).last()).toHaveText("No further attempt (accepted is final)");
});

test("Show adds one row to the activity, and shows for this view alone", { tag: "@D4" }, async ({
  page,
}) => {
  const before = await auditCount("event.reveal");
  await openPage(page, world, pathOf(ACCEPTED));
  await button(page, eventDetailTexts.show).dblclick();
  await expect(page.getByText(HIDDEN_CLICK)).toBeVisible();
  expect(await auditCount("event.reveal")).toBe(before + 1);
  await openPage(page, world, pathOf(ACCEPTED));
  await expect(page.getByText(HIDDEN_CLICK)).toHaveCount(0);
  await expect(button(page, eventDetailTexts.show)).toBeVisible();
  expect(await auditCount("event.reveal")).toBe(before + 1);
});

test("attempts stand in their order, with a next time only while one is due", {
  tag: "@D5",
}, async ({ page }) => {
  world.pinterest.fail({ kind: "status", status: 500, times: 1 });
  await deliver(RETRIED);
  await eventually(async () => {
    const { rows } = await world.db.pool.query(
      "select from event where event_id = $1 and attempts = 1",
      [idOf(RETRIED)],
    );
    return rows.length === 1;
  }, PATIENCE);
  // Far enough that the worker does not come first.
  await world.db.pool.query(
    "update event set next_at = now() + interval '1 hour' where event_id = $1",
    [idOf(RETRIED)],
  );
  await world.db.pool.query("update due_account set not_before = '-infinity'");
  await openPage(page, world, pathOf(RETRIED));
  await expect(steps(page).last()).toContainText("Next attempt");
  await expect(steps(page).last().locator("time")).toHaveCount(1);

  await button(page, actionLabels.sendNow).click();
  await stands(RETRIED, "accepted");
  await openPage(page, world, pathOf(RETRIED));
  await expect(steps(page).filter({ hasText: /Attempt \d/ })).toHaveText([
    /Attempt 1: HTTP 500/,
    /Attempt 2: HTTP 200/,
  ]);
  await expect(page.getByText("Sent ahead of time by you")).toBeVisible();
  await expect(page.getByText("Next attempt")).toHaveCount(0);
  expect(await auditCount("event.send_now")).toBe(1);
});

test("every key that was left out has its reason, every other its origin", { tag: "@D6" }, async ({
  page,
}) => {
  await openPage(page, world, pathOf(ACCEPTED));
  const rows = await page
    .getByRole("row")
    .evaluateAll((found) =>
      found.slice(1).map((row) => [...row.children].map((cell) => cell.textContent ?? "")),
    );
  const keys = rows.filter(([head]) =>
    /(em|ph|fn|zp|external_id|click_id|client_\w+)$/.test(head ?? ""),
  );
  expect(keys.length).toBeGreaterThanOrEqual(7);
  for (const [head, treatment, value, origin] of keys) {
    expect((treatment === "left out" ? value : origin)?.trim(), head).toMatch(/[a-z]{3}/);
  }
});

test("a refused event says what it means, is rebuilt after a look at the difference, and counts once", async ({
  page,
}) => {
  refuse(REBUILT);
  await deliver(REBUILT);
  await stands(REBUILT, "rejected");
  await openPage(page, world, pathOf(REBUILT));
  await expect(page.getByText('Pinterest: "custom_data.currency is missing"')).toBeVisible();
  await expect(page.getByText("Means: the value has no currency")).toBeVisible();
  world.pinterest.heal();
  await world.db.pool.query(
    `update shop set settings = settings || '{"value_basis":"total"}' where id = $1`,
    [world.shop.id],
  );

  await button(page, actionLabels.rebuild).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText(eventDetailTexts.dialog.keptBrowser)).toBeVisible();
  await expect(dialog.getByRole("rowheader")).toHaveText([/Value/]);
  const value = await dialog.getByRole("cell").last().innerText();
  await takePicture(page, "event-rebuild-1280", false);
  await dialog.getByRole("button", { name: eventDetailTexts.dialog.send }).dblclick();
  await expect(dialog).toHaveCount(0);
  await stands(REBUILT, "accepted");
  const custom = takenBy(REBUILT)?.event?.custom_data as { value?: string };
  expect(custom.value).toBe(value);
  expect(takenBy(REBUILT)?.count).toBe(1);
  expect(await auditCount("event.rebuild")).toBe(1);
});

test("a refused event is sent again with one click, and says so", async ({ page }) => {
  refuse(REFUSED);
  await deliver(REFUSED);
  await stands(REFUSED, "rejected");
  world.pinterest.heal();
  await openPage(page, world, pathOf(REFUSED));
  await button(page, actionLabels.sendAgain).click();
  await stands(REFUSED, "accepted");
  expect(takenBy(REFUSED)?.count).toBe(1);
});

test("another shop's event, and one that is none, are not found", async ({ page }) => {
  const { rows } = await world.db.pool.query<{ id: bigint }>(
    `insert into shop (domain, lane, state, pixel_key) values ('other.myshopify.com', 3, 'installed', 'px') returning id`,
  );
  await seedEvents(world.db, { id: rows[0]?.id ?? 0n, lane: 3 }, [{ eventId: "theirs" }]);
  for (const eventId of ["theirs", "order-1-nothing"]) {
    const response = await page.goto(world.shopify.frameUrl(SHOP, `/events/${eventId}`));
    expect(String(response?.status())).toBe("404");
    await expect(page.getByRole("heading", { name: "This page does not exist" })).toBeVisible();
  }
  // The browser writes each 404 of a page into its console.
  complaints.length = 0;
});

test("each state of the page is readable by all, at every width", async ({ page }) => {
  await deliver(SKIPPED, { test: true });
  await stands(SKIPPED, "skipped");
  await seedEvents(world.db, world.shop, [
    { eventId: "order-7100-checkout", state: "rejected", reason: "value is not a number" },
  ]);
  await inspectPage(page, world, pathOf(ACCEPTED), "event-accepted");
  await inspectPage(page, world, pathOf(SKIPPED), "event-not-sent");
  await inspectPage(page, world, pathOf(7_100), "event-body-gone");
  refuse(SHOWN);
  await deliver(SHOWN);
  await stands(SHOWN, "rejected");
  await inspectPage(page, world, pathOf(SHOWN), "event-refused");
});
