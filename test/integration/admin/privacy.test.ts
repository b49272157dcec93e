import { afterAll, beforeAll, expect, test } from "vitest";
import { readPrivacy } from "#app/admin/privacy/read-privacy.server.ts";
import { createFormatter } from "#app/admin/shell/format/formatter.server.ts";
import { changeSettings } from "#app/shops/settings/change-settings.server.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { makeShop, testKeyring } from "#test/support/outbox-fixture.ts";

const NOW = new Date("2026-11-24T12:00:00Z");
const format = createFormatter({ locale: "en-US", timeZone: "America/New_York", now: NOW });

let db: TestDatabase;
let webhooks = 0;

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

const newShop = () => makeShop({ db, keyring: testKeyring() });

async function receive(shop: { domain: string }, topic: string, at: string, state = "recorded") {
  webhooks += 1;
  await db.pool.query(
    `insert into compliance_request (shop_domain, topic, webhook_id, state, body, received_at)
      values ($1, $2, $3, $4, 'sealed', $5)`,
    [shop.domain, topic, `w-${webhooks}`, state, at],
  );
}

test("each request says when it came and that it is due in thirty days, newest first", async () => {
  const shop = await newShop();
  await receive(shop, "customers/data_request", "2026-10-01T12:00:00Z");
  await receive(shop, "shop/redact", "2026-11-20T12:00:00Z");
  const { requests } = await readPrivacy({ db }, shop, format);
  expect(requests).toMatchObject([
    {
      what: "Shop deletion",
      received: { text: "Nov 20, 7:00 AM" },
      due: { iso: "2026-12-20T12:00:00.000Z" },
      isOverdue: false,
    },
    { what: "Customer data", due: { iso: "2026-10-31T12:00:00.000Z" }, isOverdue: true },
  ]);
});

test("another shop's requests, and those that name another shop in their body, are not there", async () => {
  const [shop, other] = [await newShop(), await newShop()];
  await receive(other, "customers/redact", "2026-11-20T12:00:00Z");
  await receive(shop, "customers/redact", "2026-11-20T12:00:00Z", "disputed");
  expect((await readPrivacy({ db }, shop, format)).requests).toEqual([]);
});

test("the warning of each lower number of days names it", async () => {
  const shop = await newShop();
  const change = { domain: shop.domain, changes: { payload_days: 3 }, actor: "test" };
  await changeSettings({ db }, change);
  const { payloadDays, warnings } = await readPrivacy({ db }, shop, format);
  expect(payloadDays).toBe(3);
  expect(warnings).toHaveLength(2);
  expect(warnings[0]).toMatch(/^Bodies older than 1 day are deleted now; this can't be undone\./);
  expect(warnings[1]).toMatch(/^Bodies older than 2 days are deleted now/);
});
