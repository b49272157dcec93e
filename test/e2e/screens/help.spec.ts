import { expect, type Page, test } from "@playwright/test";
import {
  inspectPage,
  openPage,
  openWorld,
  setEmbed,
  type World,
  watchComplaints,
} from "#test/e2e/world/admin-world.ts";
import { AD_ACCOUNT } from "#test/e2e/world/local-stack.ts";
import { personalCanaries } from "#test/sandbox/personal-canaries.ts";
import { orderBody } from "#test/sandbox/sample-orders.ts";
import { seedEvents } from "#test/support/seed-events.ts";

const PATH = "/help";
const HOUR_MS = 3_600_000;

let world: World;

test.describe.configure({ mode: "serial" });
test.beforeAll(async () => {
  world = await openWorld();
  await world.connect();
});
test.afterAll(async () => {
  await world?.close();
});
watchComplaints();

const rowOf = (page: Page, name: string) => page.getByRole("region", { name, exact: true });
const SCOPES = "read_orders,read_customers,read_products,write_pixels,read_customer_events";
const CONNECTION = "Pinterest accepts our connection";

async function pause(reason: string | null): Promise<void> {
  await world.db.pool.query(
    `update connection set state = $1, pause_reason = $2, paused_at = now() where shop_id = $3`,
    [reason === null ? "active" : "paused", reason, world.shop.id],
  );
}

/** As the merchant's approval would, and its webhook. */
async function grant(scopes: string): Promise<void> {
  world.shopify.listScopes(scopes);
  await world.db.pool.query("update shop set scopes = $1 where id = $2", [scopes, world.shop.id]);
}

test("twelve checks stand there, each with a word and a reason", async ({ page }) => {
  await openPage(page, world, PATH);
  await expect(page.locator("section[aria-labelledby^=check-]")).toHaveCount(12);
  await expect(rowOf(page, CONNECTION)).toContainText(`OK: Connected to ad account ${AD_ACCOUNT}`);
  await expect(rowOf(page, "Permissions in Shopify")).toContainText(
    "OK: Everything that Pinrelay needs was approved.",
  );
  await expect(rowOf(page, "Clocks")).toContainText("OK: Pinrelay's clocks agree");
  await expect(rowOf(page, "Browser data")).toContainText("Not known: On, no event yet.");
  await expect(rowOf(page, "Click IDs on landing")).toContainText(
    "Not known: Pinrelay's operator has not deployed it.",
  );
  await inspectPage(page, world, PATH, "help-checks");
});

for (const [reason, name] of [
  ["unauthorized", CONNECTION],
  ["forbidden", "The Pinterest user may send events"],
  ["merchant", CONNECTION],
] as const) {
  test(`a connection paused as ${reason} turns its row red, in the banner's words`, {
    tag: "@P1",
  }, async ({ page }) => {
    await pause(reason);
    await openPage(page, world, PATH);
    const banner = page.locator(".Polaris-Banner");
    const title = await banner.getByRole("heading").textContent();
    await expect(rowOf(page, name)).toContainText(`Problem: ${title}`);
    await pause(null);
  });
}

test("events that wait too long turn their row red, in the banner's words", { tag: "@P1" }, async ({
  page,
}) => {
  await pause(null);
  const at = new Date(Date.now() - 2 * HOUR_MS);
  const nextAt = new Date(Date.now() + 5 * HOUR_MS);
  const shop = { ...world.shop, adAccountId: AD_ACCOUNT };
  await seedEvents(world.db, shop, [{ state: "pending", at, nextAt, attempts: 2, orderId: "77" }]);
  await openPage(page, world, PATH);
  const title = await page.locator(".Polaris-Banner").getByRole("heading").textContent();
  expect(title).toMatch(/minutes behind/);
  await expect(rowOf(page, "Events on their way")).toContainText(`Problem: ${title}`);
  await inspectPage(page, world, PATH, "help-problem");
  await world.db.pool.query("delete from event where order_id = '77'");
  await world.db.pool.query("delete from count_bucket where state = 'pending'");
});

test("permissions that Shopify does not list any more turn their row red", { tag: "@P1" }, async ({
  page,
}) => {
  await grant("read_orders");
  await openPage(page, world, PATH);
  const title = await page.locator(".Polaris-Banner").getByRole("heading").textContent();
  expect(title).toBe("Shopify permission is missing");
  await expect(rowOf(page, "Permissions in Shopify")).toContainText(`Problem: ${title}`);
  await grant(SCOPES);
});

test("the pixel and the theme embed turn their rows red, each with the way to mend it", {
  tag: "@P1",
}, async ({ page }) => {
  await world.db.pool.query(
    "update shop set web_pixel_id = null, web_pixel_fault = 'disconnected' where id = $1",
    [world.shop.id],
  );
  await setEmbed(page, "available");
  await openPage(page, world, PATH);
  const pixel = rowOf(page, "Browser data");
  await expect(pixel).toContainText("Problem: Browser data is off");
  await expect(pixel.getByRole("link", { name: "Turn on" })).toHaveAttribute("href", "/app");
  const embed = rowOf(page, "Click IDs on landing");
  await expect(embed).toContainText("Problem: Click IDs are not captured on landing");
  await expect(embed.getByRole("link", { name: "Open theme editor" })).toHaveAttribute(
    "href",
    /themes\/current\/editor/,
  );
  await inspectPage(page, world, PATH, "help-browser-off");
  await world.db.pool.query(
    `update shop set web_pixel_id = 'gid://shopify/WebPixel/1', web_pixel_fault = null,
        last_pixel_at = now(), last_embed_at = now() where id = $1`,
    [world.shop.id],
  );
  for (const [status, text] of [
    ["active", "OK: On, last event"],
    ["unavailable", "Not known: Your published theme can't take it"],
    ["unknown", "Not known: Shopify did not say"],
  ] as const) {
    await setEmbed(page, status);
    await openPage(page, world, PATH);
    await expect(pixel).toContainText("OK: On, last event");
    await expect(embed).toContainText(text);
  }
});

test("a check that can't run says why, and the others stand", async ({ page }) => {
  world.shopify.listScopes(null);
  await openPage(page, world, PATH);
  await expect(rowOf(page, "Permissions in Shopify")).toContainText(
    "Not known: Shopify did not answer. Run the check again in a minute.",
  );
  world.shopify.listScopes(SCOPES);
  await page.getByRole("button", { name: "Run a check" }).click();
  await expect(rowOf(page, "Permissions in Shopify")).toContainText("OK:");
});

test("what a merchant sees leads to where to look", async ({ page }) => {
  await openPage(page, world, PATH);
  const search = page.getByLabel("What do you see?");
  await search.fill("purchases don't show");
  await expect(
    page.getByRole("heading", { name: "My purchases don't show in Pinterest" }),
  ).toBeVisible();
  await expect(page.getByText("An ad account reports in its own time zone")).toBeVisible();
  await search.fill("no longer accepts");
  await expect(
    page.getByRole("heading", { name: "Pinterest no longer accepts this connection" }),
  ).toBeVisible();
  await expect(page.getByRole("heading", { name: "My purchases don't show" })).toHaveCount(0);
  await search.fill("zebra");
  await expect(page.getByText("Nothing fits these words.")).toBeVisible();
});

test("the report holds versions, counts and errors, and nobody's data or token", {
  tag: "@P2",
}, async ({ page, context }) => {
  const order = orderBody({ id: 6_204_411_576_499 });
  const words = personalCanaries(order).filter((word) => word.length >= 9);
  const { email, browser_ip: address } = order;
  const agent = order.client_details?.user_agent;
  expect(words).toEqual(expect.arrayContaining([email, address, agent]));
  // Pinterest can repeat what it was sent: of names, phones and streets it has hashes at most.
  const message = `Not valid: ${email}, ${address}, ${agent}, Bearer pina_e2e_token`;
  const eventId = "order-6204411576499-checkout";
  world.pinterest.fail({ kind: "poison", eventId, as: "fail_event", message });
  await world.deliverOrder(6_204_411_576_499);
  await expect
    .poll(async () => {
      const { rows } = await world.db.pool.query("select state from event where event_id = $1", [
        eventId,
      ]);
      return rows[0]?.state;
    })
    .toBe("rejected");
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: world.app.url });
  await openPage(page, world, PATH);
  await page.getByRole("button", { name: "Copy report" }).click();
  await expect(page.getByRole("button", { name: "Copied" }).first()).toBeVisible();
  const report = await page.evaluate(() => navigator.clipboard.readText());
  expect(report).toContain("Events of 7 days by state");
  expect(report).toMatch(/rejected +1/);
  expect(report).toContain(`shop          ${world.shop.domain}`);
  const canaries = [...words, "pina_", "shpat_", "sandbox-secret"];
  expect(canaries.filter((word) => report.includes(word))).toEqual([]);
});
