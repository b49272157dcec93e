import { afterAll, beforeAll, expect, test } from "vitest";
import { describePreview } from "#app/admin/settings/describe-preview.server.ts";
import { readSettingsHints } from "#app/admin/settings/read-settings-hints.server.ts";
import { createFormatter } from "#app/admin/shell/formatter.server.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { makeShop, testKeyring } from "#test/support/outbox-fixture.ts";
import { seedEvents } from "#test/support/seed-events.ts";

let db: TestDatabase;

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

const DAY_MS = 24 * 60 * 60 * 1_000;
const format = createFormatter({ locale: "en-US", timeZone: "UTC", now: new Date() });

test("beside the settings stand the shop's own counts: of a week, of a month, of what waits", async () => {
  const shop = await makeShop({ db, keyring: testKeyring() });
  const other = await makeShop({ db, keyring: testKeyring() });
  const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS);
  await seedEvents(db, shop, [
    { at: daysAgo(1) },
    { at: daysAgo(10), source: "pos" },
    { at: daysAgo(40), source: "subscription_contract" },
    { at: daysAgo(1), source: "task" },
    { at: daysAgo(2), kind: "signup" },
    { at: daysAgo(1), state: "pending" },
  ]);
  await seedEvents(db, other, [{ kind: "search" }, { source: "shopify_draft_order" }]);
  const hints = await readSettingsHints({ db }, { shop, format }, ["web", "pos", "other", "4711"]);
  expect(hints.weekCounts).toMatchObject({
    checkout: "Last 7 days: 3",
    signup: "Last 7 days: 1",
    search: "Last 7 days: 0",
  });
  expect(hints.sources).toEqual([
    { name: "web", label: "Online store", count: "2 orders in 30 days" },
    { name: "pos", label: "Point of Sale", count: "1 order in 30 days" },
    { name: "4711", label: "4711", count: "No orders in 30 days" },
    { name: "other", label: "Other apps", count: "" },
  ]);
  expect(hints.appliesTo).toContain("1 waiting event keeps the old rules");
});

test("a preview says what Shopify did not give, and which formats were tried", () => {
  const texts = describePreview(
    {
      order: { state: "unavailable" },
      products: { state: "denied" },
      consent: { orders: 132, refused: 9, unknown: 1 },
      consentCases: [],
      catalogId: { state: "no_match", tried: ["variant", "sku", "x_{product}"] },
    },
    "variant",
  );
  expect(texts).toMatchObject({
    values: {},
    valueNote: expect.stringContaining("Shopify did not answer"),
    productNote: expect.stringContaining("approve the permission"),
    consent:
      "With these rules 9 of the last 132 orders would not be sent. 1 more order can't be checked because its country isn't stored.",
    catalogId: {
      isMatch: false,
      text: "No product of your store has this ID. Tried: Variant ID, SKU, x_{product}.",
    },
  });
});

test("an order that the rules leave out says why beside its value", () => {
  const order = {
    state: "found" as const,
    name: "#1042",
    values: { "total shop": { value: "72.39", currency: "USD" } },
  };
  const rest = {
    products: { state: "none" as const },
    consent: { orders: 0, refused: 0, unknown: 0 },
    consentCases: [],
    catalogId: null,
  };
  const sent = describePreview({ ...rest, order: { ...order, reason: null } }, "sku");
  expect(sent.values).toEqual({ "total shop": "Order #1042 would send 72.39 USD." });
  const left = describePreview({ ...rest, order: { ...order, reason: "zero_total" } }, "sku");
  expect(left.values["total shop"]).toBe(
    "Order #1042 has the value 72.39 USD, but would not be sent: total is zero.",
  );
});
