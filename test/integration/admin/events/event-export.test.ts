import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, expect, test } from "vitest";
import { countExport, exportEvents } from "#app/admin/events/export-events.server.ts";
import { csvResponse } from "#app/admin/shell/csv.server.ts";
import { parseEventFilter } from "#app/admin/shell/event-filter.ts";
import { createFormatter } from "#app/admin/shell/formatter.server.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { makeShop, testKeyring } from "#test/support/outbox-fixture.ts";
import { seedEvents } from "#test/support/seed-events.ts";

const NOW = new Date("2026-11-24T19:02:00Z");
const format = createFormatter({ locale: "en-US", timeZone: "America/St_Johns", now: NOW });

let db: TestDatabase;
let shop: Awaited<ReturnType<typeof makeShop>>;
beforeAll(async () => {
  db = await openTestDatabase();
  shop = await makeShop({ db, keyring: testKeyring() });
});
afterAll(() => db.close());

const at = new Date("2026-11-24T15:00:00Z");
const filterOf = (query: string) => parseEventFilter(new URLSearchParams(query));

async function exported(query: string, owner = shop): Promise<Record<string, string>[]> {
  const lines = exportEvents({ db }, { shop: owner, format }, filterOf(query));
  return parse(await csvResponse(lines).text(), { columns: true });
}

test("a row tells what the list and the event's page tell, in the shop's time", async () => {
  await seedEvents(db, shop, [
    {
      at,
      eventId: "sh-1",
      idSource: "browser",
      orderId: "6204411576410",
      orderName: "#1042",
      keyBits: 0b1000_0000_0001,
      warning: "external_id is not hashed",
    },
  ]);
  expect(await exported("q=1042")).toEqual([
    {
      event_id: "sh-1",
      id_source: "browser",
      kind: "checkout",
      order: "#1042",
      order_id: "6204411576410",
      happened_at: "2026-11-24T11:30:00-03:30",
      state: "accepted",
      reason: "",
      value: "72.39",
      currency: "USD",
      source: "web",
      ad_account: shop.adAccountId,
      attempts: "1",
      last_answer: "external_id is not hashed",
      keys_sent: "em hashed_maids",
    },
  ]);
});

test("what a spreadsheet would run as a formula is text in the file", async () => {
  const names = ["=1+1", "+1", "-1", "@x", 'quo"te, and comma', "#1"];
  await seedEvents(
    db,
    shop,
    names.map((orderName) => ({ at, orderName, state: "rejected" as const, reason: "=cmd()" })),
  );
  const rows = await exported("tab=action");
  expect(rows.map(({ order }) => order).sort()).toEqual(
    ["'=1+1", "'+1", "'-1", "'@x", 'quo"te, and comma', "#1"].sort(),
  );
  expect(rows.map(({ reason, last_answer }) => [reason, last_answer])).toContainEqual([
    "'=cmd()",
    "'=cmd()",
  ]);
});

test("an event without an outcome tells how its last request ended", async () => {
  const owner = await makeShop({ db, keyring: testKeyring() });
  await seedEvents(db, owner, [{ at, eventId: "late", state: "pending", attempts: 1 }]);
  await db.pool.query(
    `with made as (
        insert into attempt (shop_id, ad_account_id, started_at, duration_ms, outcome, events, message)
        values ($1, '1', now(), 10000, 'unknown', 1, 'no answer within 10 s') returning id)
      update event set attempt_ids = array[made.id] from made where shop_id = $1`,
    [owner.id],
  );
  const rows = await exported("", owner);
  expect(rows).toMatchObject([{ state: "pending", last_answer: "no answer within 10 s" }]);
});

test("a file of many pages has every event once, and needs no more memory than one page", async () => {
  const owner = await makeShop({ db, keyring: testKeyring() });
  const COUNT = 30_000;
  for (let from = 0; from < COUNT; from += 10_000) {
    await seedEvents(
      db,
      owner,
      Array.from({ length: 10_000 }, (_, index) => ({
        at: new Date(at.getTime() - (from + index) * 1_000),
        state: index % 10 === 0 ? ("rejected" as const) : ("accepted" as const),
        kind: "page_visit",
      })),
    );
  }
  expect(await countExport({ db }, { shop: owner, format }, filterOf("tab=accepted"))).toBe(27_000);
  const ids = new Set<string>();
  let longest = 0;
  const lines = exportEvents({ db }, { shop: owner, format }, filterOf("tab=accepted&sort=oldest"));
  for await (const part of lines) {
    longest = Math.max(longest, part.length);
    for (const line of part.split("\r\n")) if (line !== "") ids.add(line.split(",", 1)[0] ?? "");
  }
  expect(ids.size).toBe(27_000 + 1);
  expect(longest).toBeLessThan(300_000);
});

test("what is more than a file may hold is known before it is begun", async () => {
  const owner = await makeShop({ db, keyring: testKeyring() });
  await db.pool.query(
    `insert into count_bucket (shop_id, bucket, kind, source, state, n)
      values ($1, '2026-11-24T15:00:00Z', 'page_visit', 'web', 'accepted', 50001)`,
    [owner.id],
  );
  expect(await countExport({ db }, { shop: owner, format }, filterOf(""))).toBe(50_001);
});
