import { afterAll, beforeAll, expect, test } from "vitest";
import { buildReport } from "#app/admin/help/build-report.server.ts";
import { listHelpEntries } from "#app/admin/help/list-help-entries.server.ts";
import { describeEmbedChecks, readChecks } from "#app/admin/help/read-checks.server.ts";
import { describeBrowser } from "#app/admin/shell/describe-browser.server.ts";
import { createFormatter } from "#app/admin/shell/formatter.server.ts";
import { readStatusAndProblems } from "#app/admin/shell/read-status.server.ts";
import { NOTICES } from "#app/events/notices/notices.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { makeShop, TOKEN, testKeyring } from "#test/support/outbox-fixture.ts";
import { seedEvents } from "#test/support/seed-events.ts";

const format = createFormatter({ locale: "en-US", timeZone: "UTC", now: new Date() });
const config = {
  SCOPES: ["read_orders"],
  PINTEREST_API_URL: "https://api.pinterest.com/v5",
  PINRELAY_BILLING_CURRENCY: "USD",
  PINRELAY_BILLING_TRIAL_DAYS: 0,
};
const HOUR_MS = 3_600_000;

let db: TestDatabase;

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

type Shop = Awaited<ReturnType<typeof makeShop>>;
const newShop = (options = {}) => makeShop({ db, keyring: testKeyring() }, options);

async function checksOf(shop: Shop) {
  const read = await readStatusAndProblems({ db, config }, { shop, format });
  const { problems } = read;
  const store = { domain: shop.domain, apiKey: "help-key" };
  const browser = describeBrowser(read.browser, store, format);
  const rows = await readChecks({ db }, shop, { problems, browser, format });
  return {
    problems,
    embed: describeEmbedChecks(browser),
    rows: Object.fromEntries(rows.map((row) => [row.id, row])),
  };
}

test("a shop that is not connected is told so, and nothing is red", async () => {
  const { rows } = await checksOf(await newShop({ adAccountId: null }));
  expect(Object.keys(rows)).toHaveLength(12);
  expect(rows.connection).toMatchObject({ result: "unknown", fix: { label: "Connect" } });
  expect(Object.values(rows).filter(({ result }) => result === "problem")).toEqual([]);
});

test.each([
  ["connection", "update connection set state = 'paused', pause_reason = 'unauthorized'", "E01"],
  ["role", "update connection set state = 'paused', pause_reason = 'forbidden'", "E02"],
  ["connection", "update connection set state = 'paused', pause_reason = 'merchant'", "E09"],
  [
    "connection",
    "insert into shop_billing (shop_id, state, ends_at) select shop_id, 'declined', now() + interval '2 days' from connection",
    "E45",
  ],
  ["scopes", "update shop set scopes = 'read_products'", "E21"],
  ["pixel", "update shop set web_pixel_fault = 'no_extension'", "E18"],
])(
  "%s: the fault turns that row red, with the problem's own words (%s)",
  async (check, sql, id) => {
    const shop = await newShop();
    const column = sql.includes("update shop") ? "id" : "shop_id";
    await db.pool.query(`${sql} where ${column} = $1`, [shop.id]);
    const { problems, rows } = await checksOf(shop);
    const problem = problems.find((known) => known.id === id);
    expect(problem).toBeDefined();
    expect(rows[check]).toMatchObject({
      result: "problem",
      text: problem?.title,
      detail: `${problem?.cause} ${problem?.nextStep}`,
    });
  },
);

test("a problem whose next step is on this page has no link to it", async () => {
  const shop = await newShop();
  const at = new Date(Date.now() - HOUR_MS);
  const reason = "Additional properties are not allowed ('category_name' was unexpected)";
  await seedEvents(db, shop, [{ state: "rejected", reason, at }]);
  const { rows } = await checksOf(shop);
  expect(rows.quality).toMatchObject({ result: "problem", fix: null });
});

test("a healthy shop's rows say what shows it", async () => {
  const shop = await newShop();
  await db.pool.query(
    `update shop set last_webhook_at = now(), product_ids_confirmed_at = now(),
        web_pixel_id = 'gid://shopify/WebPixel/1', last_pixel_at = now() - interval '5 minutes',
        last_embed_at = now() where id = $1`,
    [shop.id],
  );
  await seedEvents(db, shop, [{}, {}, { keyBits: 0 }]);
  const { rows, embed } = await checksOf(shop);
  expect(rows.connection?.text).toBe(`Connected to ad account ${shop.adAccountId}.`);
  expect(rows.customerData).toMatchObject({
    result: "ok",
    text: "2 of the last 3 purchases came with an email, a phone or a name.",
  });
  expect(rows.webhooks?.result).toBe("ok");
  expect(rows.productIds?.result).toBe("ok");
  expect(rows.clock?.result).toBe("ok");
  expect(rows.queue).toMatchObject({ result: "ok", text: "Nothing waits." });
  expect(rows.pixel).toMatchObject({
    result: "ok",
    text: expect.stringMatching(/^On, last event \d min ago\.$/),
  });
  expect(embed.asking).toBeNull();
  expect(embed.active).toMatchObject({ result: "ok", text: "On, last event just now." });
  expect(embed.off).toMatchObject({
    result: "problem",
    text: "Click IDs are not captured on landing",
    fix: { label: "Open theme editor" },
  });
});

test("every known problem can be found, none with an empty blank", () => {
  const entries = listHelpEntries();
  const ids = new Set(entries.map(({ id }) => id));
  expect(Object.values(NOTICES).filter(({ id }) => !ids.has(id))).toEqual([]);
  expect(ids.size).toBe(entries.length);
  const texts = entries.flatMap(({ title, paragraphs }) => [title, ...paragraphs]);
  expect(texts.filter((text) => /undefined|\{\w*\}/.test(text))).toEqual([]);
});

test("the report has this shop's counts and reasons, no other shop's, and no token", async () => {
  const [shop, other] = [await newShop(), await newShop()];
  const at = new Date(Date.now() - HOUR_MS);
  await seedEvents(db, shop, [{ state: "rejected", reason: "currency is missing", at }, { at }]);
  await seedEvents(db, other, [{ state: "rejected", reason: "a word of the other", at }]);
  const { rows } = await checksOf(shop);
  const report = await buildReport({ db, config }, shop, {
    checks: Object.values(rows),
    now: new Date(),
  });
  expect(report).toMatch(/accepted +1/);
  expect(report).toMatch(/rejected +1/);
  expect(report).toContain("1  currency is missing");
  expect(report).toContain(`ad account ${shop.adAccountId}`);
  expect(report).toContain("web pixel     none\n");
  // What Shopify is asked for when the page is open has no answer yet, and no fault.
  expect(report).not.toMatch(/did not (answer|say)/);
  expect(report).not.toContain("a word of the other");
  expect(report).not.toContain(other.domain);
  expect(report).not.toContain(TOKEN);
});
