import { expect, test } from "@playwright/test";
import { openPage, openWorld, type World, watchComplaints } from "#test/e2e/world/admin-world.ts";
import { seedEvents } from "#test/support/seed-events.ts";

let world: World;
watchComplaints();

test.beforeAll(async () => {
  world = await openWorld();
  const yesterday = new Date(Date.now() - 24 * 60 * 60 * 1_000);
  await seedEvents(world.db, world.shop, [
    { at: yesterday, value: "1234.50", currency: "EUR" },
    { at: yesterday, value: "12400", currency: "JPY" },
    { at: yesterday, state: "skipped", reason: "cancelled" },
    { at: yesterday, state: "rejected", reason: "no" },
    { state: "pending" },
  ]);
});
test.afterAll(() => world?.close());

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
