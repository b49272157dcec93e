import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestDatabase } from "#test/support/database.ts";
import type { SeededEvent } from "#test/support/seed-events.ts";
import { type HomeShop, type HomeWorld, openHomeWorld } from "./home-world.ts";

const HOUR_MS = 60 * 60_000;
const EDITOR = (domain: string) =>
  `https://${domain}/admin/themes/current/editor?context=apps&activateAppId=home-key/pinrelay-tag`;

let world: HomeWorld;

beforeAll(async () => {
  world = openHomeWorld(await openTestDatabase());
});
afterAll(() => world.db.close());

const ago = (hours: number) => new Date(Date.now() - hours * HOUR_MS);

interface PixelRow {
  id?: string | null;
  fault?: string | null;
  at?: Date | null;
  heard?: Date | null;
  embed?: Date | null;
}

async function openShop(row: PixelRow, events: SeededEvent[] = []): Promise<HomeShop> {
  const shop = await world.openShop();
  const { id = "gid://shopify/WebPixel/1", fault = null, at = ago(48), heard = null } = row;
  await world.db.pool.query(
    `update shop set web_pixel_id = $2, web_pixel_fault = $3, web_pixel_at = $4,
        web_pixel_checked_at = now(), last_pixel_at = $5, last_embed_at = $6 where id = $1`,
    [shop.id, id, fault, at, heard, row.embed ?? null],
  );
  await world.seed(shop, events);
  return shop;
}

async function addSender(shop: HomeShop, sender: [string, string, boolean | null, Date]) {
  await world.db.pool.query(
    `insert into second_sender (shop_id, kind, tag_id, shares_ids, last_seen_at)
      values ($1, $2, $3, $4, $5)`,
    [shop.id, ...sender],
  );
}

async function homeOf(shop: HomeShop) {
  const { page } = await world.read(shop);
  const pixelCheck = page.checks.find(({ id }) => id === "pixel");
  return { ...page, problems: page.attention.problems, pixelCheck };
}

const orders = (n: number, at: Date): SeededEvent[] =>
  Array.from({ length: n }, () => ({ at, source: "web" }));

describe("the store's pixel", () => {
  test("that was heard is well, and when it was is said", async () => {
    const shop = await openShop({ heard: ago(2), embed: ago(1) }, orders(9, ago(1)));
    const { browser, pixelCheck, problems } = await homeOf(shop);
    expect(problems).toEqual([]);
    expect(pixelCheck).toMatchObject({ state: "ok", text: "On, last event" });
    expect(pixelCheck?.at?.iso).toBe((await rowOf(shop)).last_pixel_at.toISOString());
    expect(browser.pixel).toMatchObject({ isOn: true, turnOn: null });
    expect(browser.embed.states.active).toMatchObject({ text: "On, last event" });
    expect(browser.embed.states.off).toMatchObject({
      text: "Off on your published theme, last event",
    });
    expect(browser.embed.editorUrl).toBe(EDITOR(shop.domain));
  });

  test("that is new waits for its first event", async () => {
    const { browser, pixelCheck, problems } = await homeOf(await openShop({ at: ago(1) }));
    expect(problems).toEqual([]);
    expect(pixelCheck).toEqual({
      ...{ id: "pixel", name: "Web pixel", state: "waiting", at: null },
      text: "On, no event yet",
    });
    expect(browser.embed.states.active).toEqual({ text: "On, no event yet", at: null });
    expect(browser.embed.states.off).toEqual({ text: "Off on your published theme", at: null });
  });

  test.each([
    ["disconnected", "Off: disconnected in Customer events", "Turn on"],
    ["denied", "Off: a permission is missing in Shopify", "Try again"],
    ["no_extension", "Off: Pinrelay's operator has not deployed it", "Try again"],
    ["rejected", "Off: Shopify refuses its settings", "Try again"],
    ["silent", "Off: Shopify did not answer", "Try again"],
  ])("that is off says why, and offers what helps: %s", async (fault, text, label) => {
    const shop = await openShop({ id: null, fault });
    const { browser, pixelCheck, problems } = await homeOf(shop);
    expect(pixelCheck).toMatchObject({ state: "problem", text });
    expect(browser.pixel).toMatchObject({ isOn: false, turnOn: label });
    const action = { label, intent: "turn-on-pixel" };
    expect(problems).toMatchObject([
      { id: "E18", place: "attention", severity: "warning", action },
    ]);
    expect(JSON.stringify(problems)).not.toMatch(/undefined|\{\w/);
  });

  test("that lacks a permission names which", async () => {
    const { problems } = await homeOf(await openShop({ id: null, fault: "denied" }));
    expect(problems[0]?.cause).toContain("(read_customer_events)");
  });

  test("that is on stays on while Shopify is silent", async () => {
    const { browser, problems } = await homeOf(await openShop({ fault: "silent", heard: ago(1) }));
    expect(problems).toEqual([]);
    expect(browser.pixel.isOn).toBe(true);
  });

  test("that Shopify was not asked for yet is no problem, and can be turned on", async () => {
    const shop = await world.openShop();
    const { browser, problems } = await homeOf(shop);
    expect(problems).toEqual([]);
    expect(browser.pixel).toMatchObject({ text: "Not turned on yet", turnOn: "Turn on" });
  });

  test("that is quiet while orders come is named with the hours, and no sooner", async () => {
    const shop = await openShop({ heard: ago(7.5) }, [
      ...orders(4, ago(6)),
      ...orders(9, ago(8)),
      ...Array.from({ length: 9 }, () => ({ at: ago(2), source: "pos" })),
    ]);
    expect((await homeOf(shop)).problems).toEqual([]);
    await world.seed(shop, orders(1, ago(1)));
    const { problems, pixelCheck } = await homeOf(shop);
    expect(problems).toMatchObject([
      {
        id: "E19",
        title: "No browser data for 7 hours",
        action: { url: "shopify://admin/settings/customer_events" },
      },
    ]);
    expect(pixelCheck).toMatchObject({ state: "problem", text: "On, last event" });
    // One that was turned on a moment ago has had no time to be heard.
    await world.db.pool.query("update shop set web_pixel_at = now() where id = $1", [shop.id]);
    expect((await homeOf(shop)).problems).toEqual([]);
  });
});

describe("another sender in the store's pages", () => {
  test("is a warning where its ids are not ours, a note where that is not known, else nothing", async () => {
    const shop = await openShop({ heard: ago(1) });
    await addSender(shop, ["tag", "2611111111111", true, ago(1)]);
    await addSender(shop, ["cookie", "", null, ago(1)]);
    expect((await homeOf(shop)).problems).toEqual([]);
    await addSender(shop, ["tag", "2622222222222", null, ago(1)]);
    const [seen] = (await homeOf(shop)).problems;
    expect(seen).toMatchObject({ id: "E24", severity: "info", place: "attention" });
    await addSender(shop, ["tag", "2633333333333", false, ago(2)]);
    const { problems } = await homeOf(shop);
    expect(problems).toMatchObject([{ id: "E24", severity: "warning" }]);
    expect(problems[0]?.cause).toContain("2633333333333");
    expect(problems[0]?.action).toMatchObject({ url: "/app/quality/duplicates" });
  });

  test("is forgotten after seven days, and the store's own tag is none", async () => {
    const shop = await openShop({ heard: ago(1) });
    await addSender(shop, ["tag", "2611111111111", false, ago(7 * 24 + 1)]);
    await addSender(shop, ["tag", "2622222222222", false, ago(1)]);
    await world.db.pool.query("update shop set store_tag_id = '2622222222222' where id = $1", [
      shop.id,
    ]);
    expect((await homeOf(shop)).problems).toEqual([]);
  });
});

test("a theme embed that the browser finds off is one row more", async () => {
  const { attention, browser } = await homeOf(await openShop({ heard: ago(1) }));
  expect(attention.titles).toEqual(["Needs attention", "Needs attention (1)"]);
  expect(browser.embed.off).toMatchObject({ id: "E20", severity: "info" });
});

async function rowOf(shop: HomeShop) {
  const { rows } = await world.db.pool.query("select last_pixel_at from shop where id = $1", [
    shop.id,
  ]);
  return rows[0];
}
