import { expect, test } from "@playwright/test";
import { shellTexts } from "#app/admin/shell/texts.ts";
import { openPage, openWorld, type World, watchComplaints } from "#test/e2e/world/admin-world.ts";
import { seedEvents } from "#test/support/seed-events.ts";

/** Each page, its title, and the item of the menu that stays marked while it is open. */
const PAGES = [
  { path: "", title: "Home", nav: "/app" },
  { path: "/events", title: "Events", nav: "/app/events" },
  { path: "/quality", title: "Event quality", nav: "/app/quality" },
  { path: "/quality/duplicates", title: "Duplicate check", nav: "/app/quality" },
  { path: "/tags", title: "Tags", nav: "/app/tags" },
  { path: "/tags/new", title: "Create tag", nav: "/app/tags" },
  { path: "/send", title: "Send events", nav: "/app/send" },
  { path: "/settings", title: "Settings", nav: "/app/settings" },
  { path: "/settings/connection", title: "Pinterest connection", nav: "/app/settings" },
  { path: "/settings/activity", title: "Activity", nav: "/app/settings" },
  { path: "/settings/privacy", title: "Privacy", nav: "/app/settings" },
  { path: "/help", title: "Help", nav: "/app/help" },
] as const;

/** Addresses outside the admin that a page may lead to. */
const OUTSIDE =
  /^https:\/\/([a-z]+\.)*(pinterest\.com|shopify\.com|shopify\.dev|shopify\.engineering)\//;
const CLAIMS = /\b(increase|boost|guarantee|recover \d+|more sales|magic|oops|sorry)\b|!(?=\s|$)/i;

let world: World;
const complaints = watchComplaints();

test.beforeAll(async () => {
  world = await openWorld();
});
test.afterAll(() => world?.close());

for (const { path, title, nav } of PAGES) {
  test(`/app${path} keeps to what holds on every page`, async ({ page }) => {
    await openPage(page, world, path);
    await expect(page).toHaveTitle(`${title} · Pinrelay`);
    await expect(page.getByRole("heading", { level: 1 })).toHaveCount(1);
    await expect(page.locator("main#main")).toHaveCount(1);
    expect(await page.locator("main .Polaris-Banner").count()).toBeLessThanOrEqual(1);
    const primary = page.locator(
      "main .Polaris-Button--variantPrimary:not([role=dialog] *):visible",
    );
    expect(await primary.count(), "one button a page is the main one").toBeLessThanOrEqual(1);
    await expect(page.locator("[role=dialog]:visible"), "no dialog opens by itself").toHaveCount(0);
    await expect(page.locator("[aria-invalid=true]"), "a fresh form shows no error").toHaveCount(0);
    const isSubPage = path.split("/").length > 2;
    if (isSubPage) await expect(page.locator(`main a[href="${nav}"]`).first()).toBeVisible();
    expect(await foreignLinks(page)).toEqual([]);
    expect((await page.locator("main").innerText()).match(CLAIMS)).toBeNull();
  });
}

/** Links that lead neither into the app nor to a page of Shopify or Pinterest. */
async function foreignLinks(page: import("@playwright/test").Page): Promise<string[]> {
  const targets = await page
    .locator("main a[href]")
    .evaluateAll((links) => links.map((link) => link.getAttribute("href") ?? ""));
  return targets.filter(
    (target) =>
      !/^(\/app(\/|\?|$)|#|\?|shopify:|mailto:)/.test(target) &&
      !OUTSIDE.test(target) &&
      !target.startsWith(world.pinterest.url.replace("/v5", "")),
  );
}

test("App Bridge comes first in each document, and only the shop's own admin may frame it", async ({
  page,
}) => {
  for (const { path } of PAGES) {
    const response = await page.goto(world.shopify.frameUrl(world.shop.domain, path));
    const html = (await response?.text()) ?? "";
    const firstScript = /<script\b[^>]*>/.exec(html)?.[0] ?? "";
    expect([path, firstScript]).toEqual([path, expect.stringContaining("app-bridge.js")]);
    expect(firstScript).not.toMatch(/\b(async|defer)\b/);
    const policy = response?.headers()["content-security-policy"] ?? "";
    expect(policy).toContain(`frame-ancestors https://${world.shop.domain} `);
  }
});

test("a script that something put into a page does not run, and the browser says so", async ({
  page,
}) => {
  await openPage(page, world);
  await page.evaluate(async () => {
    const add = (name: "script" | "img", given: Record<string, string>) =>
      document.body.append(Object.assign(document.createElement(name), given));
    add("script", { textContent: "document.title = 'taken'" });
    add("script", { src: "https://evil.example/x.js" });
    document.body.setAttribute("onclick", "document.title = 'taken'");
    document.body.click();
    add("img", { src: "https://evil.example/x.png" });
    await fetch("https://evil.example/").catch(() => {});
  });
  await expect(page).toHaveTitle("Home · Pinrelay");
  // What every other test of a page would fail over.
  const blocked = [
    /inline script violates/,
    /Loading the script 'https:\/\/evil/,
    /inline event handler violates/,
    /Connecting to 'https:\/\/evil/,
    /Loading the image 'https:\/\/evil/,
  ];
  for (const pattern of blocked) {
    await expect.poll(() => complaints.some((text) => pattern.test(text))).toBe(true);
  }
  complaints.length = 0;
});

test("the menu has six items, and a new page is read from its title on", async ({ page }) => {
  await openPage(page, world);
  const items = page.locator("ui-nav-menu a:not([rel=home])");
  await expect(items).toHaveText(Object.values(shellTexts.nav).slice(1));
  await page.locator("ui-nav-menu a", { hasText: "Settings" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Settings" })).toBeFocused();
});

test("without billing there is no page for it", async ({ page }) => {
  await page.goto(world.shopify.frameUrl(world.shop.domain, "/settings/billing"));
  await expect(page.getByRole("heading", { name: "This page does not exist" })).toBeVisible();
  complaints.splice(0, complaints.length, ...complaints.filter((line) => !line.includes("404")));
  await openPage(page, world, "/settings");
  await expect(page.getByRole("link", { name: "Plan", exact: true })).toHaveCount(0);
});

/** Numbers and times, on the page that has most of them. */
test.describe("a store that has sent events", () => {
  test.beforeAll(async () => {
    const yesterday = new Date(Date.now() - 24 * 60 * 60 * 1_000);
    await seedEvents(world.db, world.shop, [
      { at: yesterday, value: "1234.50", currency: "EUR" },
      { at: yesterday, value: "12400", currency: "JPY" },
      { at: yesterday, state: "skipped", reason: "cancelled" },
      { at: yesterday, state: "rejected", reason: "no" },
      { state: "pending" },
    ]);
  });

  test("the table says the numbers of the bars", { tag: "@N1" }, async ({ page }) => {
    await openPage(page, world);
    const bars = page.locator(".chart-wide rect[data-count]");
    const drawn = await bars.evaluateAll((rects) =>
      rects.map((rect) => ({ ...(rect as SVGElement).dataset }) as Record<string, string>),
    );
    expect(drawn.length).toBeGreaterThan(4);
    await page.getByRole("button", { name: "Show as table" }).click();
    const table = page.getByRole("region", { name: "Orders by day" });
    const headings = await table.getByRole("columnheader").allInnerTexts();
    expect(headings).toEqual([
      "Day",
      "Orders in Shopify",
      "Accepted",
      "Not sent",
      "Waiting",
      "Problem",
      "Missing",
    ]);
    const rows = await table
      .locator("tbody tr")
      .evaluateAll((lines) =>
        lines.map((line) => [...line.children].map((cell) => cell.textContent ?? "")),
      );
    expect(rows).toHaveLength(7);
    expect(await table.getByRole("rowheader").count()).toBe(7);
    const columns = ["orders", "accepted", "notSent", "waiting", "problem"];
    for (const [place, series] of columns.entries()) {
      const inBars = drawn.filter((bar) => bar.series === series).map((bar) => Number(bar.count));
      const inTable = rows.map((row) => Number(row[place + 1])).filter((n) => n > 0);
      expect(inTable.toSorted(), series).toEqual(inBars.toSorted());
    }
  });

  for (const locale of ["en", "de-DE", "ja", "ar-EG", "no-such-locale"]) {
    test(`the page in ${locale} is the same in the browser as from the server`, {
      tag: "@N5",
    }, async ({ page }) => {
      await openPage(page, world, `?locale=${locale}`);
      await expect(page.locator(".home-sentence")).toBeVisible();
      const amount = page.getByText(/1[.,٬]?234[.,]50|١٬٢٣٤/);
      await expect(amount.first()).toBeVisible();
    });
  }
});
