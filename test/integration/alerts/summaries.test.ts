import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { queueMessages } from "#app/alerts/alert-messages.server.ts";
import { CAUSES } from "#app/alerts/causes.server.ts";
import { addSummary, beginAlert } from "#app/alerts/change-alerts.server.ts";
import { summariseDays } from "#app/alerts/summarise-days.server.ts";
import { alertsOf, setCount } from "#test/support/alert-fixture.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { makeShop, testKeyring } from "#test/support/outbox-fixture.ts";
import { eventually } from "#test/support/poll.ts";
import { openQueues } from "#test/support/queue-fixture.ts";

const keyring = testKeyring();
let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
const { log, openQueue } = openQueues();
afterAll(() => db.close());

let shop: Awaited<ReturnType<typeof makeShop>>;
beforeEach(async () => {
  await db.pool.query("update shop set state = 'uninstalled'");
  shop = await makeShop({ db, keyring });
  await db.pool.query(
    `update shop set time_zone = 'Europe/Berlin', settings = '{"alert_daily":"on"}' where id = $1`,
    [shop.id.toString()],
  );
});

const summariseAt = (iso: string) =>
  summariseDays({ db, log, mail: null, nowMs: () => Date.parse(iso) });
/** What each summary told: since when, and of how many events. */
const told = async () =>
  (await alertsOf(db, shop.id)).map(([, , facts]) => {
    const { since, all } = facts as { since?: string; all?: number };
    return [since, all];
  });

/** Holds the shop's row, as a change of its settings does, until it is called. */
async function holdShop(): Promise<() => Promise<void>> {
  const client = await db.pool.connect();
  await client.query("begin");
  await client.query("select from shop where id = $1 for no key update", [shop.id.toString()]);
  return async () => {
    await client.query("commit");
    client.release();
  };
}

test("a summary is of the whole day before, also where a day has 23 or 25 hours", async () => {
  for (const at of [
    "2026-10-23T21:45:00Z", // Oct 23
    "2026-10-24T21:45:00Z", // Oct 24, the last quarter of an hour
    "2026-10-24T22:00:00Z", // Oct 25, the first of 25 hours
    "2026-10-25T22:45:00Z", // and the last
    "2027-03-26T22:45:00Z", // Mar 26
    "2027-03-27T22:45:00Z", // Mar 27, the last
    "2027-03-27T23:00:00Z", // Mar 28, the first of 23 hours
    "2027-03-28T21:45:00Z", // and the last
    "2027-03-28T22:00:00Z", // Mar 29
  ]) {
    await setCount(db, shop.id, { at: new Date(at), n: 1 });
  }
  for (const at of [
    "2026-10-25T07:00:00Z",
    "2026-10-26T07:00:00Z",
    "2027-03-28T05:59:00Z", // 7:59
    "2027-03-28T06:00:00Z",
    "2027-03-29T06:00:00Z",
  ]) {
    await summariseAt(at);
  }
  expect(await told()).toEqual([
    ["2026-10-23T22:00:00.000Z", 1],
    ["2026-10-24T22:00:00.000Z", 2],
    ["2027-03-26T23:00:00.000Z", 1],
    ["2027-03-27T23:00:00.000Z", 2],
  ]);
});

test("a shop that is told late is told at 8 the next morning, and one that was told is left alone until then", async () => {
  await summariseAt("2026-12-01T22:00:00Z"); // 23:00
  await summariseAt("2026-12-02T06:55:00Z"); // 7:55
  expect(await told()).toHaveLength(1);
  await summariseAt("2026-12-02T07:00:00Z");
  expect(await told()).toHaveLength(2);
  const letGo = await holdShop();
  await summariseAt("2026-12-02T22:55:00Z");
  await letGo();
  expect(await told()).toHaveLength(2);
});

test("two that summarise a day at once tell it once", async () => {
  const now = new Date("2026-12-01T07:00:00Z");
  const dayBegan = new Date("2026-11-30T23:00:00Z");
  const letGo = await holdShop();
  const both = [1, 2].map(() =>
    addSummary(
      { db },
      { shopId: shop.id, cause: "daily_summary", now },
      { dayBegan, facts: {}, hasMail: false },
    ),
  );
  await eventually(async () => {
    const { rows } = await db.pool.query(
      "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
    );
    return rows.length === 2;
  });
  await letGo();
  expect((await Promise.all(both)).toSorted()).toEqual([false, true]);
  expect(await told()).toHaveLength(1);
});

test("what is broken is sent before the summaries that came first, also before those that are queued", async () => {
  await db.pool.query(
    'update shop set settings = settings || \'{"alert_webhook_url":["https://a.example/"]}\' where id = $1',
    [shop.id.toString()],
  );
  const queue = openQueue(db);
  const begin = async (cause: "connection_paused" | "privacy_late") => {
    const change = { shopId: shop.id, cause, now: new Date("2026-12-01T07:01:00Z") };
    await beginAlert({ db }, change, { rule: CAUSES[cause], facts: {}, hasMail: false });
  };
  await summariseAt("2026-12-01T07:00:00Z");
  await begin("connection_paused");
  await queueMessages({ db, queue });
  await begin("privacy_late");
  await queueMessages({ db, queue });
  // As the queue gives them out.
  const { rows } = await db.pool.query(
    `select a.cause from pgboss.job j join alert_message m on m.id = (j.data->>'messageId')::bigint
      join alert a on a.id = m.alert_id
      where j.name = 'send-alert' and m.shop_id = $1 order by j.priority desc, j.created_on`,
    [shop.id.toString()],
  );
  expect(rows.map(({ cause }) => cause)).toEqual([
    "connection_paused",
    "privacy_late",
    "daily_summary",
  ]);
});
