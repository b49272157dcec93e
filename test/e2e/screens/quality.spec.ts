import { readFileSync } from "node:fs";
import { expect, type Locator, type Page, test } from "@playwright/test";
import { MATCH_KEYS, type MatchKey } from "#app/events/match-keys.ts";
import {
  inspectPage,
  openPage,
  openWorld,
  type World,
  watchComplaints,
} from "#test/e2e/world/admin-world.ts";
import { AD_ACCOUNT } from "#test/e2e/world/local-stack.ts";
import { seedEvents } from "#test/support/seed-events.ts";

let world: World;
watchComplaints();

test.describe.configure({ mode: "serial" });

test.beforeAll(async () => {
  world = await openWorld();
  await world.connect();
  await seedEvents(world.db, world.shop, [
    ...purchases(["em", "ph", "fn", "ct", "click_id"], 3),
    ...purchases(["em", "ln", "country", "client_ip_address", "client_user_agent"], 5),
    ...purchases(["em", "external_id"], 2),
    ...purchases([], 4, { state: "skipped" as const, reason: "no_match_key" }),
    ...purchases(["em", "ph"], 6, { at: new Date(Date.now() - 15 * 86_400_000) }),
    { kind: "signup", keyBits: bitsOf(["em"]) },
  ]);
});

test.afterAll(async () => {
  await world?.close();
});

function bitsOf(keys: MatchKey[]): number {
  return keys.reduce((bits, key) => bits | (1 << MATCH_KEYS.indexOf(key)), 0);
}

function purchases(keys: MatchKey[], n: number, more: Parameters<typeof seedEvents>[2][0] = {}) {
  return Array.from({ length: n }, () => ({ keyBits: bitsOf(keys), ...more }));
}

async function storeScores(scores: unknown[], age = "1 hour"): Promise<void> {
  await world.db.pool.query(
    `insert into quality_snapshot (shop_id, lookback, ad_account_id, scores, fetched_at)
      select $1, lookback, $2, $3, now() - $4::interval from unnest(array['1d', '14d']) as lookback
      on conflict (shop_id, lookback) do update set scores = excluded.scores,
        fetched_at = excluded.fetched_at`,
    [world.shop.id, AD_ACCOUNT, JSON.stringify(scores), age],
  );
}

/** The share of an event, by Pinterest's name of it, that carries a key. */
async function cellOf(table: Locator, event: string, key: string): Promise<Locator> {
  const names = await table.getByRole("columnheader").locator(".machine-text").allTextContents();
  const place = names.indexOf(event);
  expect(place, `${event} among ${names}`).toBeGreaterThanOrEqual(0);
  const header = table.page().getByRole("rowheader", { name: key, exact: true });
  return table.getByRole("row").filter({ has: header }).getByRole("cell").nth(place);
}

const own = (page: Page) =>
  page.getByRole("table", { name: "Match keys of what Pinterest accepted from Pinrelay" });

test("with a pasted token the page shows the store's own records alone", { tag: "@Q4" }, async ({
  page,
}) => {
  await openPage(page, world, "/quality");
  await expect(page.getByText("Not available with a pasted token")).toBeVisible();
  await expect(page.getByRole("table")).toHaveCount(1);
  await expect(own(page)).toBeVisible();
  expect(world.pinterest.calls).toEqual([]);
  await inspectPage(page, world, "/quality", "quality-pasted");
});

test("the store's own coverage equals a recount of its events", { tag: "@Q3" }, async ({
  page,
}) => {
  await openPage(page, world, "/quality");
  const { rows } = await world.db.pool.query<{ key_bits: number }>(
    `select key_bits from event where shop_id = $1 and kind = 'checkout' and state = 'accepted'
      and event_time > extract(epoch from now() - interval '13 days 12 hours')`,
    [world.shop.id],
  );
  const columns: [string, MatchKey[]][] = [
    ["Email", ["em"]],
    ["Phone", ["ph"]],
    ["Name", ["fn", "ln"]],
    ["Place", ["ct", "st", "zp", "country"]],
    ["Click ID", ["click_id"]],
    ["External ID", ["external_id"]],
    ["IP", ["client_ip_address"]],
    ["Browser", ["client_user_agent"]],
  ];
  expect(rows.length).toBe(10);
  for (const [column, keys] of columns) {
    const n = rows.filter(({ key_bits }) => (key_bits & bitsOf(keys)) !== 0).length;
    const percent = n === 10 ? "100%" : n === 0 ? "0%" : `${n * 10}.0%`;
    await expect(await cellOf(own(page), "checkout", column)).toHaveText(percent);
  }
  const headOf = (event: string) => own(page).getByRole("columnheader").filter({ hasText: event });
  await expect(headOf("checkout")).toContainText("10 events");
  await expect(headOf("signup")).toContainText("1 event");
});

test("each score stands under its event, and what is not scored is not 0%", {
  tag: ["@Q1", "@Q2"],
}, async ({ page }) => {
  await world.db.pool.query("update connection set kind = 'sign_in' where shop_id = $1", [
    world.shop.id,
  ]);
  const file = new URL("../../fixtures/pinterest/answers/event-quality.json", import.meta.url);
  const [ours] = JSON.parse(readFileSync(file, "utf8"));
  const tag = {
    ...ours,
    ingestion_source: "TAG",
    overall_status: "GOOD",
    quality_components: { order_value: { checkout: { coverage: 0 } } },
  };
  const odd = {
    ...ours,
    source_platform: "FRIDGE",
    ingestion_source: "MAGNET",
    overall_status: "ODD",
    quality_components: { shoe_size: { dance: { coverage: 50 } } },
  };
  await storeScores([ours, tag, odd]);
  await openPage(page, world, "/quality");
  const web = page.getByRole("table", { name: "Web, sent by us" });
  await expect(await cellOf(web, "checkout", "Email")).toHaveText("98.5%");
  await expect(await cellOf(web, "add_to_cart", "Email")).toHaveText("12.0% Low");
  await expect(await cellOf(web, "checkout", "Event ID (overlap)")).toHaveText(
    "100% (71.2% overlap)",
  );
  for (const column of ["Click ID", "External ID", "IP", "Browser", "Product", "Order", "Value"]) {
    await expect(await cellOf(web, "checkout", column)).toHaveText("–Not scored");
  }
  await expect(
    page.getByText("Added to cart, Email: Low coverage. Few events carry an email."),
  ).toBeVisible();
  const tagTable = page.getByRole("table", { name: "Web, tag" });
  await expect(await cellOf(tagTable, "checkout", "Value")).toHaveText("0% Low");
  const oddTable = page.getByRole("table", { name: "FRIDGE, MAGNET" });
  await expect(await cellOf(oddTable, "dance", "shoe_size")).toHaveText("50.0%");
  await expect(page.getByText("Fair", { exact: true })).toBeVisible();
  await expect(page.getByText("not enough events")).toBeVisible();
  await expect(page.getByText(/^From Pinterest/)).toBeVisible();
  await expect(page.getByText("Click ID: 30.0% of purchases (our own records)")).toBeVisible();
  expect(world.pinterest.calls).toEqual([]);
  await inspectPage(page, world, "/quality", "quality");
  await page.getByRole("button", { name: "1 day" }).click();
  await expect(page.getByRole("button", { name: "1 day" })).toHaveAttribute("aria-pressed", "true");
});

test("scores that are missing are asked for at once, and old ones are said to be old", async ({
  page,
}) => {
  await world.db.pool.query("delete from quality_snapshot");
  await openPage(page, world, "/quality");
  await expect(page.getByText("There is no score yet")).toBeVisible();
  expect(world.pinterest.calls.length).toBe(2);
  await storeScores([], "60 hours");
  world.pinterest.fail({ kind: "status", status: 503, endpoint: "accounts" });
  await openPage(page, world, "/quality");
  await expect(page.getByText("Pinterest is not answering")).toBeVisible();
  await expect(page.getByText("These scores are older than two days.")).toBeVisible();
  await inspectPage(page, world, "/quality", "quality-stale");
  world.pinterest.heal();
});
