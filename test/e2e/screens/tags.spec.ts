import { expect, type Page, test } from "@playwright/test";
import {
  inspectPage,
  openPage,
  openWorld,
  setEmbed,
  type World,
  watchComplaints,
} from "#test/e2e/world/admin-world.ts";
import { AD_ACCOUNT, SHOP } from "#test/e2e/world/local-stack.ts";

let world: World;
watchComplaints();

test.describe.configure({ mode: "serial" });

test.beforeAll(async () => {
  world = await openWorld();
  await world.connect();
});

test.afterAll(async () => {
  await world?.close();
});

const row = (page: Page, name: string) => page.getByRole("row").filter({ hasText: name });

/** A snippet that would be seen if it ran. */
const SNIPPET = `<script type=text/javascript>
  window.snippetRan = true; pintrk('load', '2614221885475'); pintrk('page');
</script><noscript><img src="https://ct.pinterest.com/v3/?tid=2614221885475" /></noscript>`;

const TAGS = [
  {
    id: "2614221885475",
    name: "Acme main",
    status: "ACTIVE",
    enhanced_match_status: "VALIDATION_COMPLETE",
    code_snippet: SNIPPET,
    last_fired_time_ms: Date.now() - 240_000,
    configs: { aem_enabled: true, aem_ph_enabled: false },
  },
  {
    id: "2613000000001",
    name: "Paused tag",
    status: "PAUSED",
    enhanced_match_status: "NOT_VALIDATED",
  },
  {
    id: "2613000000002",
    name: "Archived tag",
    status: "ARCHIVED",
    enhanced_match_status: "VALIDATING_IN_PROGRESS",
  },
  { id: "2613000000003", name: "Draft tag", status: "DRAFT", enhanced_match_status: "UNKNOWN" },
  {
    id: "2613000000004",
    name: "Deleted tag",
    status: "DELETED_DRAFT",
    enhanced_match_status: null,
  },
  {
    id: "2613000000005",
    name: "Tag of tomorrow",
    status: "HIBERNATING",
    enhanced_match_status: "DREAMING",
  },
];

const ageCache = (interval: string) =>
  world.db.pool.query("update tag_cache set fetched_at = now() - $2::interval where shop_id = $1", [
    world.shop.id,
    interval,
  ]);

test("with a pasted token no request is made, and the page says what it takes", {
  tag: "@T4",
}, async ({ page }) => {
  for (const path of ["/tags", "/tags/new", "/tags/2614221885475"]) {
    await openPage(page, world, path);
    await expect(page.getByText("Not available with a pasted token")).toBeVisible();
    await expect(page.getByRole("link", { name: "Sign in with Pinterest" })).toHaveAttribute(
      "href",
      /\/app\/settings\/connection/,
    );
  }
  await expect(page.getByRole("button", { name: "Create tag" })).toHaveCount(0);
  expect(world.pinterest.calls).toEqual([]);
  await inspectPage(page, world, "/tags", "tags-pasted");
});

test("each word of Pinterest has its label, and one that nobody knows is shown as it is", {
  tag: "@T1",
}, async ({ page }) => {
  await world.db.pool.query("update connection set kind = 'sign_in' where shop_id = $1", [
    world.shop.id,
  ]);
  const known = world.pinterest.directory.tags(AD_ACCOUNT);
  known.splice(
    0,
    known.length,
    ...TAGS.map((tag) => ({ ...tag, ad_account_id: AD_ACCOUNT, version: "3" })),
  );
  await openPage(page, world, "/tags");
  const labels = [
    ["Acme main", "Active", "Checked"],
    ["Paused tag", "Paused", "Not checked"],
    ["Archived tag", "Archived", "Checking"],
    ["Draft tag", "Draft", "Not known"],
    ["Deleted tag", "Deleted draft", "Not known"],
    ["Tag of tomorrow", "HIBERNATING", "DREAMING"],
  ] as const;
  for (const [name, status, match] of labels) {
    await expect(row(page, name).getByText(status, { exact: true })).toBeVisible();
    await expect(row(page, name).getByText(match, { exact: true })).toBeVisible();
  }
  await expect(row(page, "Acme main").getByText(/^\d+ min ago$/)).toBeVisible();
  await expect(row(page, "Paused tag").getByText("Never", { exact: true })).toBeVisible();
  await expect(page.getByText(/From Pinterest (just now|\d+ (s|min) ago)/)).toBeVisible();
  await expect(page.getByText("Acme main fires on a website")).toBeVisible();
  await inspectPage(page, world, "/tags", "tags");
});

test("the code is Pinterest's to the letter, shown as text and never run", { tag: "@T2" }, async ({
  page,
}) => {
  await openPage(page, world, "/tags/2614221885475");
  const code = page.getByRole("region", { name: "Code", exact: true });
  await expect(code).toBeVisible();
  expect(await code.textContent()).toBe(SNIPPET);
  expect(await page.evaluate(() => "snippetRan" in window)).toBe(false);
  await expect(page.locator("img[src*='ct.pinterest.com']")).toHaveCount(0);
  await inspectPage(page, world, "/tags/2614221885475", "tag-detail");
});

test("the tag of the store is chosen, can be undone, and Shopify says whether its embed is on", async ({
  page,
}) => {
  await openPage(page, world, "/tags/2614221885475");
  await page.getByRole("button", { name: "Use on this store" }).click();
  await expect(page.getByText("2614221885475 is the tag of this store")).toBeVisible();
  await expect(page.getByRole("button", { name: "Stop using on this store" })).toBeVisible();
  expect(world.shopify.metafieldOf(SHOP, "settings.tag_id")).toBe("2614221885475");
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByRole("button", { name: "Use on this store" })).toBeVisible();
  expect(world.shopify.metafieldOf(SHOP, "settings.tag_id")).toBeUndefined();
  await page.getByRole("button", { name: "Use on this store" }).click();
  await expect(page.getByRole("button", { name: "Stop using on this store" })).toBeEnabled();

  await openPage(page, world, "/tags");
  await expect(row(page, "Acme main").getByText("Theme embed: not deployed")).toBeVisible();
  await expect(page.getByText("fires on a website")).toHaveCount(0);
  const states = [
    ["active", "Theme embed: on"],
    ["available", "Theme embed: off"],
    ["unavailable", "Theme embed: your theme can't take it"],
  ] as const;
  for (const [status, text] of states) {
    await setEmbed(page, status);
    await openPage(page, world, "/tags");
    await expect(row(page, "Acme main").getByText(text)).toBeVisible();
  }
  await setEmbed(page, "available");
  await openPage(page, world, "/tags/2614221885475");
  await expect(page.getByRole("link", { name: /^Open theme editor/ })).toHaveAttribute(
    "href",
    `https://${SHOP}/admin/themes/current/editor?context=apps&activateAppId=sandbox-key/pinrelay-tag`,
  );
});

test("a double click makes one tag", { tag: "@T3" }, async ({ page }) => {
  await openPage(page, world, "/tags/new");
  await page.getByRole("button", { name: "Create tag" }).click();
  await expect(page.getByText("Enter a name of 1 to 100 characters")).toBeVisible();
  await page.getByLabel("Name", { exact: true }).first().fill("Made once");
  await page.getByRole("checkbox", { name: "Phone" }).check();
  await page.getByRole("button", { name: "Create tag" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText("Pinterest lets no app rename or delete a tag.")).toBeVisible();
  world.pinterest.fail({ kind: "latency", ms: 300, endpoint: "accounts" });
  await dialog.getByRole("button", { name: "Create tag" }).evaluate((button: HTMLButtonElement) => {
    button.click();
    button.click();
  });
  await expect(page.getByRole("heading", { level: 1, name: "Made once" })).toBeVisible();
  world.pinterest.heal();
  const posts = world.pinterest.calls.filter(({ method }) => method === "POST");
  expect(posts).toEqual([
    { method: "POST", path: `/v5/ad_accounts/${AD_ACCOUNT}/conversion_tags` },
  ]);
  await inspectPage(page, world, "/tags/new", "tag-new");
});

test("while Pinterest is down the tags of before are shown with their age", async ({ page }) => {
  await openPage(page, world, "/tags");
  await ageCache("40 minutes");
  world.pinterest.fail({ kind: "status", status: 503, endpoint: "accounts" });
  await openPage(page, world, "/tags");
  await expect(page.getByText("Pinterest is not answering")).toBeVisible();
  await expect(page.getByText(/From Pinterest 4\d min ago/)).toBeVisible();
  await expect(row(page, "Acme main")).toBeVisible();
  world.pinterest.heal();
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByText("Pinterest is not answering")).toHaveCount(0);
});

test("a sign-in without a role is told so", async ({ page }) => {
  await world.db.pool.query("delete from tag_cache where shop_id = $1", [world.shop.id]);
  world.pinterest.fail({ kind: "status", status: 403, endpoint: "accounts" });
  await openPage(page, world, "/tags");
  await expect(
    page.getByText("This Pinterest user can't see tags of the ad account"),
  ).toBeVisible();
  await inspectPage(page, world, "/tags", "tags-forbidden");
  world.pinterest.heal();
});
