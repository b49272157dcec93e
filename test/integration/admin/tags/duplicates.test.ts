import { afterAll, beforeAll, expect, test } from "vitest";
import { readDuplicates } from "#app/admin/quality/read-duplicates.server.ts";
import { createFormatter } from "#app/admin/shell/formatter.server.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { makeShop, testKeyring } from "#test/support/outbox-fixture.ts";

const ON = "web_pixel_id = 'gid://shopify/WebPixel/1', last_pixel_at = now()";
const HEARD = `${ON}, last_embed_at = now() - interval '6 days'`;

let db: TestDatabase;

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

type Sender = [kind: "tag" | "cookie", tagId: string, sharesIds: boolean | null];

async function checkOf(columns: string, senders: Sender[] = []) {
  const shop = await makeShop({ db, keyring: testKeyring() });
  await db.pool.query(`update shop set ${columns} where id = $1`, [shop.id]);
  for (const sender of senders) {
    await db.pool.query(
      "insert into second_sender (shop_id, kind, tag_id, shares_ids) values ($1, $2, $3, $4)",
      [shop.id, ...sender],
    );
  }
  const now = new Date(Date.now() + 1_000);
  const format = createFormatter({ locale: "en-US", timeZone: "UTC", now });
  const view = await readDuplicates({ db }, shop.id, format);
  const [page, cookie] = view.signs.slice(-2);
  return { ...view, page, cookie, words: [page?.word, cookie?.word] };
}

test.each([
  ["the pixel is off", "web_pixel_fault = 'disconnected'", "the web pixel, which is off"],
  ["the theme embed was never heard", ON, "the theme embed, which has not reported"],
  [
    "the theme embed was heard long ago",
    `${ON}, last_embed_at = now() - interval '8 days'`,
    "the theme embed, which has not reported",
  ],
])("where %s, nobody can tell what the pages hold, and it reads why", async (_, columns, why) => {
  const { words, page, cookie, senders, verdict } = await checkOf(columns);
  expect(words).toEqual(["Can't tell", "Can't tell"]);
  for (const sign of [page, cookie]) expect(sign?.text).toContain(why);
  expect(senders).toEqual([]);
  expect(verdict.label).toBe("Can't tell");
});

test("where the theme embed looked and found nothing, it is not seen", async () => {
  expect((await checkOf(HEARD)).words).toEqual(["Not seen", "Not seen"]);
});

test("the cookie alone makes another sender likely, and a tag that was seen explains it", async () => {
  const alone = await checkOf(HEARD, [["cookie", "", null]]);
  expect(alone.words).toEqual(["Not seen", "Likely"]);
  expect(alone.verdict.label).toBe("Another sender likely");
  const explained = await checkOf(HEARD, [
    ["cookie", "", null],
    ["tag", "2611111111111", true],
  ]);
  expect(explained.words).toEqual(["Seen", "Seen"]);
  expect(explained.verdict.label).toBe("Another sender seen");
});

test("tags are listed with whether their ids are ours, and those that differ raise an alert", async () => {
  const agreeing: Sender[] = [
    ["tag", "2611111111111", true],
    ["tag", "2622222222222", null],
  ];
  const calm = await checkOf(HEARD, agreeing);
  expect(calm.alert).toBeNull();
  expect(calm.senders.map(({ tag, ids }) => [tag, ids]).toSorted()).toEqual([
    ["2611111111111", "Same as ours"],
    ["2622222222222", "Not seen yet"],
  ]);
  const alarmed = await checkOf(HEARD, [...agreeing, ["tag", "2633333333333", false]]);
  expect(alarmed.page?.text).toMatch(/^Tags (26\d+(, )?){3}, in the last 7 days\.$/);
  expect(alarmed.verdict).toEqual({ label: "Sales may count twice", tone: "warning" });
  expect(alarmed.alert?.title).toBe("Another sender may count your sales twice");
  expect(alarmed.alert?.cause).toContain("2633333333333");
  expect(alarmed.alert?.nextStep).toMatch(/^Switch off its purchase and checkout events/);
});

test("the tag that the store chose here is no other sender", async () => {
  const own = await checkOf(`${HEARD}, store_tag_id = '2611111111111'`, [
    ["tag", "2611111111111", true],
  ]);
  expect(own.words).toEqual(["Not seen", "Not seen"]);
});
