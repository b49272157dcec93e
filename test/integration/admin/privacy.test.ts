import { afterAll, beforeAll, expect, test } from "vitest";
import { readPrivacy } from "#app/admin/privacy/read-privacy.server.ts";
import { createFormatter } from "#app/admin/shell/formatter.server.ts";
import { readAnswer } from "#app/privacy/answer-data-request.server.ts";
import { answerIdentity } from "#app/privacy/privacy-request.server.ts";
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
  const { rows } = await db.pool.query<{ id: bigint }>(
    `insert into compliance_request (shop_domain, topic, webhook_id, state, body, received_at)
      values ($1, $2, $3, $4, 'sealed', $5) returning id`,
    [shop.domain, topic, `w-${webhooks}`, state, at],
  );
  return rows[0]?.id ?? 0n;
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
      state: "In progress",
      tone: "none",
      removed: "Nothing yet",
    },
    { what: "Customer data", due: { iso: "2026-10-31T12:00:00.000Z" }, state: "Overdue" },
  ]);
});

test("a request that is not done after twenty days says in red in how many days it is due", async () => {
  const shop = await newShop();
  await receive(shop, "customers/redact", "2026-11-04T13:00:00Z");
  await receive(shop, "customers/redact", "2026-11-04T11:00:00Z");
  const { requests } = await readPrivacy({ db }, shop, format);
  expect(requests).toMatchObject([
    { state: "In progress", tone: "none" },
    { state: "Due in 9 days", tone: "critical" },
  ]);
});

test("what is done says when, and what was removed or why nothing was", async () => {
  const shop = await newShop();
  const end = async (topic: string, change: string) => {
    const id = await receive(shop, topic, "2026-11-20T12:00:00Z");
    await db.pool.query(`update compliance_request set ${change} where id = $1`, [id.toString()]);
  };
  const done = "state = 'done', body = null, done_at = '2026-11-20T12:01:00Z', removed =";
  await end("shop/redact", "waits_for = 'installed'");
  await end("shop/redact", "state = 'needless'");
  await end("customers/redact", `${done} '{}'`);
  await end("customers/redact", `${done} '{"events": 2, "payloads": 1, "visits": 3, "traces": 1}'`);
  const { requests } = await readPrivacy({ db }, shop, format);
  expect(requests.map(({ state, removed }) => `${state}: ${removed}`)).toEqual([
    "Done Nov 20: 2 events, 1 body, 3 visits",
    "Done Nov 20: Nothing was kept",
    "Not needed: Nothing: the app was installed again",
    "In progress: Nothing yet: the app is still installed",
  ]);
});

test("an answer is read by its shop alone, and each time noted first", async () => {
  const services = { db, keyring: testKeyring() };
  const [shop, other] = [await makeShop(services), await makeShop(services)];
  const requestId = await receive(shop, "customers/data_request", "2026-11-20T12:00:00Z");
  const identity = answerIdentity(shop.domain, requestId);
  const sealed = await services.keyring.encrypt(db.pool, shop.id, "{}", identity);
  await db.pool.query("update compliance_request set answer = $2 where id = $1", [
    requestId.toString(),
    sealed,
  ]);
  const [row] = (await readPrivacy({ db }, shop, format)).requests;
  expect(row?.answer?.fileName).toBe(`pinrelay-customer-data-${requestId}.json`);
  const asked = { requestId, actor: "user:7" };
  expect(await readAnswer(services, other, asked)).toBeNull();
  expect((await readAnswer(services, shop, asked))?.toString()).toBe("{}");
  const { rows } = await db.pool.query(
    "select shop_id, actor, after from audit_entry where action = 'privacy.download'",
  );
  expect(rows).toEqual([
    { shop_id: shop.id, actor: "user:7", after: { request: String(requestId) } },
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
