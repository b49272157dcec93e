import { expect, type Page, test } from "@playwright/test";
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
});

test.afterAll(async () => {
  await world?.close();
});

const PATH = "/quality/duplicates";
const sign = (page: Page, name: string) => page.getByRole("row").filter({ hasText: name });
const verdict = (page: Page, label: string) =>
  page
    .locator(".Polaris-Page-Header, header, .Polaris-Page")
    .first()
    .getByText(label, { exact: true })
    .first();

async function tell(scores: unknown[], tags: unknown[]): Promise<void> {
  await world.db.pool.query(
    `insert into quality_snapshot (shop_id, lookback, ad_account_id, scores) values ($1, '14d', $2, $3)
      on conflict (shop_id, lookback) do update set scores = excluded.scores`,
    [world.shop.id, AD_ACCOUNT, JSON.stringify(scores)],
  );
  await world.db.pool.query(
    `insert into tag_cache (shop_id, ad_account_id, tags) values ($1, $2, $3)
      on conflict (shop_id) do update set tags = excluded.tags`,
    [world.shop.id, AD_ACCOUNT, JSON.stringify(tags)],
  );
}

function score(ingestion: string, components: object = {}) {
  return {
    overall_status: "GOOD",
    source_platform: "WEB",
    ingestion_source: ingestion,
    lookback_period: "14d",
    quality_components: components,
  };
}

test("without a signal the page says that it can't tell, and why", { tag: "@X3" }, async ({
  page,
}) => {
  for (const isConnected of [false, true]) {
    if (isConnected) await world.connect();
    await openPage(page, world, PATH);
    await expect(verdict(page, "Can't tell")).toBeVisible();
    const words = page
      .getByRole("table", { name: "Signs" })
      .getByText("Can't tell", { exact: true });
    await expect(words).toHaveCount(5);
    await expect(page.getByText(/all good/i)).toHaveCount(0);
    await expect(page.getByText("This takes a sign-in with Pinterest.").first()).toBeVisible();
    await expect(page.getByText("Pinterest accepted no purchases in 14 days.")).toBeVisible();
    await expect(page.getByText(/^Web pixel: On, no event yet/)).toBeVisible();
    await expect(page.getByText(/^Theme embed: (?!Asking)/)).toBeVisible();
  }
  await inspectPage(page, world, PATH, "duplicates-unknown");
});

test("each sign has the word that the facts give it", { tag: "@X1" }, async ({ page }) => {
  await world.db.pool.query("update connection set kind = 'sign_in' where shop_id = $1", [
    world.shop.id,
  ]);
  const overlap = (share: number) => ({
    external_event_id: { checkout: { coverage: 100, overlap: share } },
  });
  const firing = { id: "2614221885475", name: "Old tag", last_fired_time_ms: Date.now() - 60_000 };
  const expectWord = async (name: string, word: string) =>
    expect(sign(page, name).getByText(word, { exact: true })).toBeVisible();

  await tell([score("CONVERSIONS_API", overlap(0))], [{ ...firing, last_fired_time_ms: null }]);
  await openPage(page, world, PATH);
  await expectWord("from a tag as well as ours", "Not seen");
  await expectWord("Overlap of event IDs", "Not seen");
  await expectWord("A tag fires", "Not seen");
  await expectWord("script in the store's pages", "Can't tell");
  await expectWord("cookie without our tag", "Can't tell");
  await expect(verdict(page, "Can't tell")).toBeVisible();

  await tell(
    [score("CONVERSIONS_API")],
    [{ ...firing, last_fired_time_ms: Date.now() - 20 * 86_400_000 }],
  );
  await openPage(page, world, PATH);
  await expectWord("Overlap of event IDs", "Can't tell");
  await expectWord("A tag fires", "Not seen");

  await tell([score("CONVERSIONS_API", overlap(88)), score("TAG")], [firing]);
  await openPage(page, world, PATH);
  await expectWord("from a tag as well as ours", "Seen");
  await expectWord("Overlap of event IDs", "88.0% recognized as the same event");
  await expectWord("A tag fires", "Seen");
  await expect(sign(page, "A tag fires")).toContainText(
    "Old tag (tag 2614221885475) last fired 1 min ago.",
  );
  await expect(verdict(page, "Another sender seen")).toBeVisible();

  await world.db.pool.query("update shop set store_tag_id = $2 where id = $1", [
    world.shop.id,
    firing.id,
  ]);
  await openPage(page, world, PATH);
  await expectWord("A tag fires", "Not seen");
});

test("tags of the store's pages are listed, and one whose IDs differ stands out", {
  tag: "@X1",
}, async ({ page }) => {
  const { id } = world.shop;
  await world.db.pool.query(
    "update shop set last_pixel_at = now(), last_embed_at = now() where id = $1",
    [id],
  );
  await openPage(page, world, PATH);
  await expect(sign(page, "script in the store's pages")).toContainText(
    "Not seenThe theme embed saw no tag",
  );
  const add = (tagId: string, sharesIds: boolean | null) =>
    world.db.pool.query(
      "insert into second_sender (shop_id, kind, tag_id, shares_ids) values ($1, 'tag', $2, $3)",
      [id, tagId, sharesIds],
    );
  await add("2611111111111", true);
  await add("2622222222222", null);
  await openPage(page, world, PATH);
  await expect(verdict(page, "Another sender seen")).toBeVisible();
  const tags = page.getByRole("table", { name: "Other tags in your store's pages" });
  await expect(tags.getByRole("row").filter({ hasText: "2611111111111" })).toContainText(
    "Same as ours",
  );
  await expect(page.getByRole("alert")).toHaveCount(0);
  await inspectPage(page, world, PATH, "duplicates-same");
  await add("2633333333333", false);
  await openPage(page, world, PATH);
  await expect(verdict(page, "Sales may count twice")).toBeVisible();
  await expect(page.getByRole("alert")).toContainText("Another sender may count your sales twice");
  await expect(page.getByRole("alert")).toContainText("2633333333333");
  await expect(tags.getByRole("row").filter({ hasText: "2633333333333" })).toContainText(
    "Switch off its purchase and checkout events",
  );
  await inspectPage(page, world, PATH, "duplicates-differs");
  await openPage(page, world);
  const row = page.getByRole("listitem").filter({ hasText: "Another sender may count" });
  await expect(row.getByRole("link", { name: "See the duplicate check" })).toHaveAttribute(
    "href",
    "/app/quality/duplicates",
  );
  await world.db.pool.query("delete from second_sender where shop_id = $1", [id]);
});

test("the two shares make 100%, and each link leads to as many events", { tag: "@X2" }, async ({
  page,
}) => {
  const purchases = (idSource: "browser" | "order" | "given", n: number, more: object = {}) =>
    Array.from({ length: n }, () => ({ idSource, ...more }));
  await seedEvents(world.db, world.shop, [
    ...purchases("browser", 29),
    ...purchases("order", 2),
    ...purchases("given", 1),
    ...purchases("browser", 3, { state: "rejected" }),
    ...purchases("order", 4, { at: new Date(Date.now() - 15 * 86_400_000) }),
  ]);
  await openPage(page, world, PATH);
  const links = [
    { text: "93.5% of purchases carry the browser's ID (29)", n: 29 },
    { text: "6.5% of purchases carry an order ID (2)", n: 2 },
    { text: "View these events", n: 1 },
  ];
  for (const { text, n } of links) {
    const href = await page.getByRole("link", { name: text }).getAttribute("href");
    const query = new URL(href ?? "", "https://app.example").searchParams;
    const { rows } = await world.db.pool.query<{ n: bigint }>(
      `select count(*) as n from event where shop_id = $1 and kind = $2 and state = $3 and id_source = $4
        and event_time > extract(epoch from now() - $5::int * interval '1 day')`,
      [
        world.shop.id,
        query.get("kind"),
        query.get("state"),
        query.get("id_source"),
        query.get("days"),
      ],
    );
    expect(Number(rows[0]?.n), text).toBe(n);
  }
  await expect(
    page.getByText("1 more purchase was sent under an ID that was given with it."),
  ).toBeVisible();
  await inspectPage(page, world, PATH, "duplicates");
});
