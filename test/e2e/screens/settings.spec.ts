import { expect, type Page, test } from "@playwright/test";
import { changeSettings } from "#app/shops/settings/change-settings.server.ts";
import { readSettings } from "#app/shops/settings/read-settings.server.ts";
import {
  inspectPage,
  openPage,
  openWorld,
  takePicture,
  type World,
  watchComplaints,
} from "#test/e2e/world/admin-world.ts";
import { findLayoutFaults } from "#test/e2e/world/layout-faults.ts";
import { SHOP } from "#test/e2e/world/local-stack.ts";
import { startLocalServer } from "#test/sandbox/local-server.ts";
import { checkoutBody } from "#test/sandbox/sample-checkouts.ts";
import { customerBody } from "#test/sandbox/sample-customers.ts";
import { orderBody } from "#test/sandbox/sample-orders.ts";
import { shopNamed } from "#test/support/outbox-fixture.ts";
import { eventually } from "#test/support/poll.ts";
import { seedEvents } from "#test/support/seed-events.ts";

let world: World;
watchComplaints();

test.beforeAll(async () => {
  world = await openWorld();
});
test.afterAll(() => world?.close());

const saveBar = (page: Page) => page.locator("#settings-save-bar");
const save = (page: Page) => saveBar(page).getByRole("button", { name: "Save" });
const hold = (page: Page) => page.getByLabel("Hold time (seconds)");

test("the links at the top lead to each section by keyboard, and the next Tab is in it", async ({
  page,
}) => {
  await openPage(page, world, "/settings");
  for (const width of [1280, 375]) {
    await page.setViewportSize({ width, height: 800 });
    const links = page.getByRole("navigation", { name: "On this page" }).getByRole("link");
    await expect(links).toHaveCount(7);
    await links.filter({ hasText: "Timing and cleanup" }).focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { name: "Timing and cleanup" })).toBeInViewport();
    await page.keyboard.press("Tab");
    await expect(hold(page)).toBeFocused();
    await page.evaluate(() => window.scrollTo(0, 0));
  }
});

async function settingsOf(): Promise<{ settings: Record<string, unknown>; version: number }> {
  return readSettings({ db: world.db }, await shopNamed(world.db, SHOP));
}

/** Clicks Save, and waits for it to be done. */
async function saveAll(page: Page): Promise<void> {
  await save(page).click();
  await expect(saveBar(page)).toBeHidden();
  // Each save says so, and the last toast may still be there.
  await expect(page.getByRole("status").filter({ hasText: "Settings saved" }).last()).toBeVisible();
}

test("the save bar comes with a change, and goes with Discard, which puts the values back", {
  tag: "@W1",
}, async ({ page }) => {
  await openPage(page, world, "/settings");
  await expect(saveBar(page)).toBeHidden();
  await hold(page).fill("45");
  await page.getByLabel("Sign-up", { exact: true }).uncheck();
  await expect(saveBar(page)).toBeVisible();
  await saveBar(page).getByRole("button", { name: "Discard" }).click();
  await expect(saveBar(page)).toBeHidden();
  await expect(hold(page)).toHaveValue("30");
  await expect(page.getByLabel("Sign-up", { exact: true })).toBeChecked();
  await hold(page).fill("45");
  await expect(saveBar(page)).toBeVisible();
  await hold(page).fill("30");
  await expect(saveBar(page)).toBeHidden();
  expect((await settingsOf()).version).toBe(1);
});

test("a page with unsaved changes is left only when the question is answered so", {
  tag: "@W2",
}, async ({ page }) => {
  await openPage(page, world, "/settings");
  await hold(page).fill("45");
  await expect(saveBar(page)).toBeVisible();
  const answers = ["stay", "leave"];
  page.on("dialog", (dialog) => (answers.shift() === "leave" ? dialog.accept() : dialog.dismiss()));
  await page.getByRole("link", { name: "Activity" }).click();
  await expect.poll(() => answers).toEqual(["leave"]);
  await expect(hold(page)).toHaveValue("45");
  await page.getByRole("link", { name: "Activity" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Activity" })).toBeVisible();
  expect(answers).toEqual([]);
  expect((await settingsOf()).settings.hold_seconds).toBe(30);
});

test("a hold of 601 seconds says what is allowed, beneath its field, and loses nothing", {
  tag: "@W3",
}, async ({ page }) => {
  await openPage(page, world, "/settings");
  await page.getByLabel("Sign-up", { exact: true }).uncheck();
  for (const wrong of ["601", "", "soon"]) {
    await hold(page).fill(wrong);
    await save(page).click();
    await expect(page.getByText("Enter a whole number from 0 to 600")).toBeVisible();
    await expect(hold(page)).toHaveAttribute("aria-invalid", "true");
    await expect(hold(page)).toHaveValue(wrong);
    await expect(hold(page)).toBeFocused();
  }
  await expect(page.getByLabel("Sign-up", { exact: true })).not.toBeChecked();
  expect((await settingsOf()).version).toBe(1);
  await hold(page).fill("600");
  await expect(page.getByText("Enter a whole number from 0 to 600")).toBeHidden();
  await saveAll(page);
  expect((await settingsOf()).settings).toMatchObject({
    hold_seconds: 600,
    "events.signup": "off",
  });
  await page.getByLabel("Sign-up", { exact: true }).check();
  await hold(page).fill("0");
  await saveAll(page);
});

test("the id that the template shows is the id in the next event", { tag: "@W4" }, async ({
  page,
}) => {
  await world.connect();
  await openPage(page, world, "/settings");
  await page.locator("label", { hasText: /^Template$/ }).click();
  await page.getByLabel("Template for product IDs").fill("pin_{country}_{product}-{variant}");
  const shirt = page.locator("dl.settings-products > div").filter({ hasText: "Linen shirt, M" });
  await expect(shirt.locator("dd")).toHaveText("pin_US_7009110022011-41327143321713");
  // Where one is seen, so is the other.
  await shirt.scrollIntoViewIfNeeded();
  for (const aid of [shirt, page.getByLabel("Template for product IDs")]) {
    await expect(aid).toBeInViewport();
  }
  const shown = await shirt.locator("dd").innerText();
  await page.getByLabel("Paste one item ID").fill("41327143354481");
  await page.getByRole("button", { name: "Check", exact: true }).click();
  await expect(page.getByText("Matches Variant ID: Linen shirt, L.")).toBeVisible();
  await page.getByLabel("Paste one item ID").fill("no-such-thing");
  await page.getByRole("button", { name: "Check", exact: true }).click();
  await expect(page.getByText("No product of your store has this ID. Tried: ")).toBeVisible();
  await saveAll(page);

  const order = orderBody({ id: 6_204_411_576_430, lineCount: 1 });
  const [line] = order.line_items;
  Object.assign(line ?? {}, { product_id: 7_009_110_022_011, variant_id: 41_327_143_321_713 });
  expect((await world.shopify.deliver("orders/create", SHOP, order)).status).toBe(200);
  const sent = await eventually(() =>
    world.pinterest.ledger.accepted.find(({ eventName }) => eventName === "checkout"),
  );
  expect(sent.event).toMatchObject({ custom_data: { content_ids: [shown] } });
});

test("changes made on an old version overwrite nothing, and both can be reviewed", {
  tag: "@W5",
}, async ({ page }) => {
  const mine = { domain: SHOP, changes: { hold_seconds: 20 }, actor: "cli" };
  await changeSettings({ db: world.db }, mine);
  await openPage(page, world, "/settings");
  await hold(page).fill("90");
  const others = { domain: SHOP, changes: { hold_seconds: 45, value_basis: "total" } };
  await changeSettings({ db: world.db }, { ...others, actor: "user:777" });
  const { version } = await settingsOf();
  await save(page).click();
  await expect(page.getByRole("alert")).toContainText("User 777 saved other changes at");
  await expect(page.getByText("Hold time: 20 s → 45 s")).toBeVisible();
  expect(await settingsOf()).toMatchObject({ version, settings: { hold_seconds: 45 } });
  await page.getByRole("button", { name: "Review both" }).click();
  await expect(hold(page)).toHaveValue("90");
  await expect(page.getByLabel("Total", { exact: true })).toBeChecked();
  await saveAll(page);
  expect((await settingsOf()).settings).toMatchObject({ hold_seconds: 90, value_basis: "total" });
});

const SWITCHES = {
  "Checkout started": "initiate_checkout",
  "Payment info added": "add_payment_info",
  "Sign-up": "signup",
  "Page view": "page_visit",
  "Category view": "view_category",
  Search: "search",
  "Added to cart": "add_to_cart",
};

test("each switch changes the setting of its own kind of event, and no other", {
  tag: "@W6",
}, async ({ page }) => {
  await openPage(page, world, "/settings");
  for (const [label, kind] of Object.entries(SWITCHES)) {
    const { settings: before } = await settingsOf();
    await page.getByLabel(label, { exact: true }).uncheck();
    await saveAll(page);
    expect((await settingsOf()).settings).toEqual({ ...before, [`events.${kind}`]: "off" });
    await page.getByLabel(label, { exact: true }).check();
    await saveAll(page);
  }
});

test("a kind that is off is not sent, and the others are", { tag: "@W6" }, async ({ page }) => {
  await openPage(page, world, "/settings");
  await page.getByLabel("Sign-up", { exact: true }).uncheck();
  await saveAll(page);
  const at = new Date();
  await world.shopify.deliver("customers/create", SHOP, customerBody({ id: 8_801, createdAt: at }));
  await world.shopify.deliver(
    "checkouts/create",
    SHOP,
    checkoutBody({ token: "c1-switch", seed: 9_901, createdAt: at }),
  );
  const states = async () => {
    const { rows } = await world.db.pool.query<{ kind: string; reason: string | null }>(
      "select kind, reason from event where kind <> 'checkout' order by kind",
    );
    return rows;
  };
  expect(await states()).toEqual([
    { kind: "initiate_checkout", reason: null },
    { kind: "signup", reason: "event_off" },
  ]);
});

test("requiring consent no longer is asked about once, and only then saved", async ({ page }) => {
  await openPage(page, world, "/settings");
  const inGermany = page
    .getByRole("table", { name: "What is sent of a shopper who …" })
    .getByRole("row")
    .filter({ hasText: "Germany (DE)" });
  await expect(inGermany.getByRole("cell")).toHaveText([
    ...["Sent", "Nothing is sent", "Nothing is sent", "Sent as limited data"],
  ]);
  await page.getByLabel("European Union and EEA").selectOption("respect");
  await expect(inGermany.getByRole("cell")).toHaveText([
    ...["Sent", "Nothing is sent", "Sent", "Sent as limited data"],
  ]);
  await save(page).click();
  const question = page.getByRole("dialog");
  await expect(question).toContainText("your decision as the merchant");
  await expect(question.getByRole("link", { name: /Customer privacy settings/ })).toHaveAttribute(
    "href",
    "shopify://admin/settings/customer-privacy",
  );
  await question.getByRole("button", { name: "Cancel" }).click();
  expect((await settingsOf()).settings["consent.EU"]).toBe("require");
  await save(page).click();
  await question.getByRole("button", { name: "Save" }).click();
  await expect(saveBar(page)).toBeHidden();
  expect((await settingsOf()).settings["consent.EU"]).toBe("respect");
});

test("a country gets a rule of its own, and addresses for alerts are kept", async ({ page }) => {
  await openPage(page, world, "/settings");
  await page.getByLabel("Country code").fill("b");
  await page.getByRole("button", { name: "Add a country" }).click();
  await expect(page.getByText("Enter a country code of two letters")).toBeVisible();
  await page.getByLabel("Country code").fill("br");
  await page.getByRole("button", { name: "Add a country" }).click();
  await page.getByLabel("Email addresses").fill("ann@acme.example\nnobody");
  await save(page).click();
  await expect(page.getByText("Enter email addresses, one on each line")).toBeVisible();
  await page.getByLabel("Email addresses").fill("ann@acme.example\n\n bob@acme.example");
  await saveAll(page);
  expect((await settingsOf()).settings).toMatchObject({
    "consent.BR": "require",
    alert_emails: ["ann@acme.example", "bob@acme.example"],
  });
});

test("a test alert goes to the saved addresses, and the page says of each whether it came", async ({
  page,
}) => {
  const bodies: string[] = [];
  const receiver = await startLocalServer(({ url, body }) => {
    bodies.push(body.toString("utf8"));
    return { status: url.pathname === "/broken" ? 500 : 204 };
  });
  const send = page.getByRole("button", { name: "Send a test alert" });
  try {
    await openPage(page, world, "/settings");
    await expect(page.getByText("Email is not set up")).toBeVisible();
    await page.getByLabel("Webhook addresses").fill(`${receiver.url}/hook\n${receiver.url}/broken`);
    await expect(send).toBeDisabled();
    await expect(page.getByText("Save your changes first.")).toBeVisible();
    await saveAll(page);
    await send.click();
    await expect(page.getByText(/^127\.0\.0\.1:\d+ took the test alert\.$/)).toBeVisible();
    await expect(page.getByText(/The alert did not reach 127\.0\.0\.1/)).toBeVisible();
    await expect(page.getByText(/answered 500; it has to answer 2xx/)).toBeVisible();
    expect(bodies.map((body) => JSON.parse(body).type)).toEqual(["alert.test", "alert.test"]);
    for (const width of [1280, 375]) {
      await page.setViewportSize({ width, height: 900 });
      await send.scrollIntoViewIfNeeded();
      await takePicture(page, `settings-alerts-${width}`, false);
      expect(await findLayoutFaults(page), `at ${width} px`).toEqual([]);
    }
    for (let more = 0; more < 2; more++) await send.click();
    await send.click();
    await expect(page.getByText("One moment")).toBeVisible();
  } finally {
    await receiver.close();
  }
});

test("the page shows what each setting is about, on every width", async ({ page }) => {
  const order = orderBody({ id: 6_204_411_576_440 });
  world.shopify.records.putOrder(SHOP, order);
  await seedEvents(world.db, world.shop, [
    ...Array.from({ length: 12 }, () => ({ kind: "page_visit" })),
    { consent: "unknown:consent.GB", state: "skipped", reason: "consent_unknown" },
    { source: "pos" },
    { source: "subscription_contract" },
    { state: "pending" },
    { state: "pending" },
  ]);
  await openPage(page, world, "/settings");
  await expect(page.getByText(`Order ${order.name} would send`)).toBeVisible();
  await expect(page.getByText(/\d waiting events keep the old rules/)).toBeVisible();
  await expect(page.getByText("Last 7 days: 12")).toBeVisible();
  await expect(page.getByText(/^With these rules 1 of the last \d+ orders/)).toBeVisible();
  await page.getByLabel("United Kingdom").selectOption("respect");
  await expect(page.getByText(/^With these rules 0 of the last \d+ orders/)).toBeVisible();
  await expect(page.getByLabel("Subscription")).toHaveValue("");
  await inspectPage(page, world, "/settings", "settings");
  await openPage(page, world, "/settings");
  await hold(page).fill("601");
  await save(page).click();
  await expect(page.getByText("Enter a whole number from 0 to 600")).toBeVisible();
  for (const width of [1280, 375]) {
    await page.setViewportSize({ width, height: 900 });
    await takePicture(page, `settings-dirty-${width}`);
  }
});
