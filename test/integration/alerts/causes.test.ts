import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { CAUSE_IDS, CAUSES } from "#app/alerts/causes.server.ts";
import { beginAlert } from "#app/alerts/change-alerts.server.ts";
import {
  alertsOf,
  DAY_MS,
  HOUR_MS,
  MINUTE_MS,
  openAlerts,
  setCount,
} from "#test/support/alert-fixture.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { makeShop, testKeyring } from "#test/support/outbox-fixture.ts";

const keyring = testKeyring();
let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

let alerts: ReturnType<typeof openAlerts>;
let shop: Awaited<ReturnType<typeof makeShop>>;
beforeEach(async () => {
  await db.pool.query("update shop set state = 'uninstalled'");
  alerts = openAlerts(db);
  shop = await makeShop({ db, keyring });
  await change("update shop set installed_at = $2 where id = $1", alerts.ago(60 * DAY_MS));
});

const change = (sql: string, ...values: unknown[]) =>
  db.pool.query(sql, [shop.id.toString(), ...values]);
const count = (counted: Parameters<typeof setCount>[2]) => setCount(db, shop.id, counted);
/** Which alerts there were, and how each stands. */
const states = async () =>
  (await alertsOf(db, shop.id)).map(([cause, state]) => `${cause} ${state}`);

/** The same number of orders in each hour of the five weeks until now. */
async function seedRhythm(perHour: number): Promise<void> {
  await change(
    `insert into count_bucket (shop_id, bucket, kind, source, state, n)
      select $1, date_bin('15 minutes', $2, timestamptz 'epoch') - (h || ' hours')::interval, 'checkout', 'web', 'accepted', $3
      from generate_series(1, 36 * 24) h`,
    alerts.now(),
    perHour,
  );
}

/** From now on hours pass, each with so many orders. */
async function pass(hours: number, orders: number): Promise<void> {
  for (let hour = 0; hour < hours; hour++) {
    if (orders > 0) await count({ at: alerts.now(), n: orders });
    alerts.move(HOUR_MS);
    await alerts.check();
  }
}

describe("orders", () => {
  test("that stop are an alert once the hours of earlier weeks make it unlikely, until they come again", async () => {
    await seedRhythm(4);
    await pass(3, 4);
    expect(await states()).toEqual([]);

    await pass(2, 0);
    expect(await states()).toEqual([]);
    await pass(2, 0);
    await pass(4, 0);
    const dropped = expect.arrayContaining([
      ["orders_dropped", "open", expect.objectContaining({ n: 0, usual: 12, hours: 3 })],
    ]);
    expect(await alertsOf(db, shop.id)).toEqual(dropped);

    await pass(1, 3);
    expect(await states()).toEqual(["orders_dropped open"]);
    await pass(2, 4);
    expect(await states()).toEqual(["orders_dropped ended"]);
    await pass(5, 4);
    expect(await states()).toEqual(["orders_dropped ended"]);
  });

  test("that fall to less than a third are one too; a slow shop is told by its day", async () => {
    await seedRhythm(1);
    await pass(20, 0);
    expect(await states()).toEqual(["orders_dropped open"]);
    const [[, , facts] = []] = await alertsOf(db, shop.id);
    expect(facts).toMatchObject({ usual: 24, hours: 24 });
    await pass(12, 1);
    expect(await states()).toEqual(["orders_dropped open"]);
    await pass(8, 1);
    expect(await states()).toEqual(["orders_dropped ended"]);
  });

  test("of a shop of two weeks have no rhythm, and neither has one unusual week", async () => {
    await seedRhythm(10);
    await change("update shop set installed_at = $2 where id = $1", alerts.ago(15 * DAY_MS));
    await pass(6, 0);
    expect(await states()).toEqual([]);

    await change("update shop set installed_at = $2 where id = $1", alerts.ago(60 * DAY_MS));
    // Last week was a sale.
    await change(
      "update count_bucket set n = 100 where shop_id = $1 and bucket > $2",
      alerts.ago(8 * DAY_MS),
    );
    await pass(12, 10);
    expect(await states()).toEqual([]);
  });

  test("sent by hand, and browsers' page views, are none", async () => {
    await seedRhythm(10);
    for (let hour = 0; hour < 6; hour++) {
      await count({ at: alerts.now(), source: "task", n: 10 });
      await count({ at: alerts.now(), kind: "page_visit", n: 1_000 });
      await pass(1, 0);
    }
    expect(await states()).toEqual(["orders_dropped open"]);
  });
});

test("rejections that rise are an alert until Pinterest accepts nearly all, or rejects none for hours", async () => {
  await count({ at: alerts.now(), n: 190 });
  await count({ at: alerts.now(), state: "rejected", n: 9 });
  await alerts.check();
  expect(await states()).toEqual([]);
  await count({ at: alerts.now(), state: "rejected", n: 20 });
  await alerts.check();
  await alerts.check();
  expect(await alertsOf(db, shop.id)).toEqual([
    ["events_rejected", "open", { n: 20, all: 210, hours: 1 }],
  ]);

  alerts.move(90 * MINUTE_MS);
  await count({ at: alerts.now(), n: 50 });
  await count({ at: alerts.now(), state: "rejected", n: 2 });
  await alerts.check();
  expect(await states()).toEqual(["events_rejected open"]);
  await count({ at: alerts.now(), n: 200 });
  await alerts.check();
  expect(await states()).toEqual(["events_rejected ended"]);

  // It rests: at the edge it would come and go.
  await count({ at: alerts.now(), state: "rejected", n: 60 });
  await alerts.check();
  expect(await states()).toEqual(["events_rejected ended"]);
  alerts.move(61 * MINUTE_MS);
  await count({ at: alerts.now(), state: "rejected", n: 60 });
  await alerts.check();
  expect(await states()).toEqual(["events_rejected ended", "events_rejected open"]);
  alerts.move(4 * HOUR_MS);
  await alerts.check();
  expect(await states()).toEqual(["events_rejected ended", "events_rejected ended"]);
});

test("a small shop is told of rejections by its day", async () => {
  await count({ at: alerts.now(), state: "rejected", n: 3 });
  await alerts.check();
  expect(await alertsOf(db, shop.id)).toEqual([
    ["events_rejected", "open", { n: 3, all: 3, hours: 24 }],
  ]);
});

test("events near the hour are an alert when two checks see them, and over when none waits", async () => {
  const at = alerts.ago(20 * MINUTE_MS);
  await count({ at, state: "pending", n: 3 });
  await alerts.check();
  expect(await states()).toEqual([]);
  alerts.move(30 * MINUTE_MS);
  await alerts.check();
  expect(await states()).toEqual(["sending_late noticed"]);
  alerts.move(5 * MINUTE_MS);
  await alerts.check();
  expect(await states()).toEqual(["sending_late open"]);
  alerts.move(4 * DAY_MS);
  await alerts.check();
  expect(await states()).toEqual(["sending_late open"]);
  await count({ at, state: "pending", n: 0 });
  await alerts.check();
  expect(await states()).toEqual(["sending_late ended"]);
});

test("what a person has just put back is no delay, and a pause is an alert of its own", async () => {
  const at = alerts.ago(HOUR_MS);
  await count({ at, state: "pending", n: 3 });
  await alerts.check();
  await count({ at, state: "pending", n: 0 });
  await alerts.check();
  expect(await alertsOf(db, shop.id)).toEqual([]);

  await count({ at, state: "pending", n: 3 });
  await count({ at, source: "task", state: "pending", n: 3 });
  await change(
    "update connection set state = 'paused', pause_reason = 'merchant' where shop_id = $1",
  );
  for (let n = 0; n < 3; n++) await alerts.check();
  expect(await alertsOf(db, shop.id)).toEqual([]);

  await change("update connection set pause_reason = 'forbidden' where shop_id = $1");
  for (let n = 0; n < 3; n++) await alerts.check();
  expect(await alertsOf(db, shop.id)).toEqual([
    ["connection_paused", "open", { reason: "forbidden", account: shop.adAccountId, detail: "" }],
  ]);
  await change("update connection set state = 'active', pause_reason = null where shop_id = $1");
  await count({ at, state: "pending", n: 0 });
  await alerts.check();
  expect(await states()).toEqual(["connection_paused ended"]);
});

test("events that run out within a day are an alert, of a paused shop too, until the old ones are gone", async () => {
  await change(
    "update connection set state = 'paused', pause_reason = 'merchant' where shop_id = $1",
  );
  const at = alerts.ago(5.5 * DAY_MS);
  await count({ at, state: "pending", n: 7 });
  await count({ at: alerts.ago(DAY_MS), state: "pending", n: 50 });
  await count({ at: alerts.ago(4 * DAY_MS), state: "pending", n: 9 });
  await alerts.check();
  expect(await alertsOf(db, shop.id)).toEqual([]);
  alerts.move(12 * HOUR_MS);
  await alerts.check();
  await alerts.check();
  const [[cause, state, facts] = []] = await alertsOf(db, shop.id);
  expect([cause, state, facts]).toEqual([
    "events_expiring",
    "open",
    { n: 7, until: expect.any(String) },
  ]);
  await count({ at, state: "pending", n: 0 });
  await alerts.check();
  expect(await states()).toEqual(["events_expiring open"]);
  await count({ at: alerts.ago(4.5 * DAY_MS), state: "pending", n: 0 });
  await alerts.check();
  expect(await states()).toEqual(["events_expiring ended"]);
});

test("a sign-in that ends is an alert a week before, and over when it was renewed for more", async () => {
  const ends = (days: number) =>
    change(
      "update connection set kind = 'sign_in', refresh_expires_at = $2 where shop_id = $1",
      alerts.ago(-days * DAY_MS),
    );
  await ends(7.5);
  await alerts.check();
  expect(await states()).toEqual([]);
  await ends(6.5);
  await alerts.check();
  await alerts.check();
  expect(await states()).toEqual(["sign_in_ending open"]);
  await ends(7.5);
  await alerts.check();
  expect(await states()).toEqual(["sign_in_ending open"]);
  await ends(60);
  await alerts.check();
  expect(await states()).toEqual(["sign_in_ending ended"]);
});

test("another sender is an alert until it was not seen for seven days; the store's own tag is none", async () => {
  const see = (tag: string, sharesIds: boolean | null) =>
    change(
      `insert into second_sender (shop_id, kind, tag_id, shares_ids, last_seen_at) values ($1, 'tag', $2, $3, $4)
        on conflict (shop_id, kind, tag_id) do update set shares_ids = excluded.shares_ids`,
      tag,
      sharesIds,
      alerts.now(),
    );
  await change("update shop set store_tag_id = '261' where id = $1");
  await see("261", false);
  await see("262", true);
  await alerts.check();
  expect(await states()).toEqual([]);
  await see("263", false);
  await alerts.check();
  expect(await alertsOf(db, shop.id)).toEqual([
    ["second_sender", "open", { tag: "263", reason: "differs" }],
  ]);
  alerts.move(8 * DAY_MS);
  await alerts.check();
  expect(await states()).toEqual(["second_sender ended"]);
});

test("a comparison that failed for two days is an alert until one succeeds", async () => {
  await change(
    "insert into order_sweep (shop_id, next_at, result, swept_at) values ($1, now(), 'denied', $2)",
    alerts.ago(DAY_MS),
  );
  await alerts.check();
  expect(await states()).toEqual([]);
  alerts.move(30 * HOUR_MS);
  await alerts.check();
  expect(await states()).toEqual(["orders_unchecked open"]);
  await change(
    "update order_sweep set result = 'done', swept_at = $2 where shop_id = $1",
    alerts.now(),
  );
  await alerts.check();
  expect(await states()).toEqual(["orders_unchecked ended"]);
});

test("a shop that Shopify's access was not renewed for is told two weeks before it ends", async () => {
  await db.pool.query(
    "insert into shopify_session (id, shop_domain, content, updated_at) values ($1, $2, '', $3)",
    [`offline_${shop.domain}`, shop.domain, alerts.ago(75 * DAY_MS)],
  );
  await alerts.check();
  expect(await states()).toEqual([]);
  alerts.move(2 * DAY_MS);
  await alerts.check({ hasAppKey: true });
  expect(await states()).toEqual([]);
  await alerts.check();
  expect(await states()).toEqual(["shopify_access_ending open"]);
  await db.pool.query("update shopify_session set updated_at = $2 where shop_domain = $1", [
    shop.domain,
    alerts.now(),
  ]);
  await alerts.check();
  expect(await states()).toEqual(["shopify_access_ending ended"]);
});

test("a privacy request that is not done after 20 days is an alert until it is", async () => {
  await db.pool.query(
    `insert into compliance_request (shop_domain, topic, webhook_id, state, received_at)
      values ($1, 'customers/redact', 'w1', 'recorded', $2)`,
    [shop.domain, alerts.ago(19 * DAY_MS)],
  );
  await alerts.check();
  expect(await states()).toEqual([]);
  alerts.move(2 * DAY_MS);
  await alerts.check();
  expect(await states()).toEqual(["privacy_late open"]);
  await db.pool.query("update compliance_request set state = 'done' where shop_domain = $1", [
    shop.domain,
  ]);
  await alerts.check();
  expect(await states()).toEqual(["privacy_late ended"]);
});

test("one shop's fault stops no other's alerts, and three checks at once begin and tell once", async () => {
  await change("update shop set settings = $2 where id = $1", {
    alert_webhook_url: ["https://example.com/"],
  });
  const broken = await makeShop({ db, keyring });
  await db.pool.query(
    "update connection set state = 'paused', pause_reason = 'unauthorized' where shop_id = any($1)",
    [[shop.id.toString(), broken.id.toString()]],
  );
  await db.pool.query(
    `alter table alert add constraint planted check (shop_id <> ${broken.id}) not valid`,
  );
  try {
    await Promise.all([alerts.check(), alerts.check(), alerts.check()]);
  } finally {
    await db.pool.query("alter table alert drop constraint planted");
  }
  expect(await states()).toEqual(["connection_paused open"]);
  // One that read before the others wrote.
  const late = { shopId: shop.id, cause: "connection_paused", now: alerts.now() };
  const begin = { rule: CAUSES.connection_paused, facts: {}, hasMail: false };
  expect(await beginAlert({ db }, late, begin)).toBe(false);
  const { rows } = await change("select phase from alert_message where shop_id = $1");
  expect(rows).toEqual([{ phase: "begun" }]);
});

test("a shop that leaves has no alert that lasts", async () => {
  await change("update connection set state = 'paused', pause_reason = 'x' where shop_id = $1");
  await alerts.check();
  await change("update shop set state = 'uninstalled' where id = $1");
  await alerts.check();
  expect(await states()).toEqual(["connection_paused ended"]);
});

test("an alert that ended is deleted after 90 days, one that lasts is not", async () => {
  await change(
    `insert into alert (shop_id, cause, facts, noticed_at, begun_at, ended_at) values
      ($1, 'privacy_late', '{}', $2, $2, $2), ($1, 'second_sender', '{}', $3, $3, $3)`,
    alerts.ago(91 * DAY_MS),
    alerts.ago(89 * DAY_MS),
  );
  await alerts.check();
  expect(await states()).toEqual(["second_sender ended"]);
});

test("each cause has a test of its begin and end here", () => {
  expect(CAUSE_IDS.toSorted()).toEqual([
    "connection_paused",
    // In messages.test: it is not judged.
    "daily_summary",
    "events_expiring",
    "events_rejected",
    "orders_dropped",
    "orders_unchecked",
    "privacy_late",
    "second_sender",
    "sending_late",
    "shopify_access_ending",
    "sign_in_ending",
  ]);
});
