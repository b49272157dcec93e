import { afterAll, beforeAll, expect, test } from "vitest";
import { changeRetention } from "#app/admin/privacy/change-retention.server.ts";
import { readEventDetail } from "#app/commands/show-event.server.ts";
import type { RowShop } from "#app/outbox/append/intake-row.server.ts";
import { shortenChangedShops, shortenPayloads } from "#app/outbox/payload-retention.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { changeSettings } from "#app/shops/settings/change-settings.server.ts";
import { auditOf } from "#test/integration/shops/shop-fixture.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import {
  commitEvents,
  makeShop,
  miscounts,
  purchase,
  testKeyring,
} from "#test/support/outbox-fixture.ts";

let db: TestDatabase;
let keyring: Keyring;
type Shop = RowShop & { domain: string };

beforeAll(async () => {
  db = await openTestDatabase();
  keyring = testKeyring();
});
afterAll(() => db.close());

/** Orders of so many days ago, accepted unless they still wait. */
async function orders(shop: Shop, ages: number[], waiting: number[] = []): Promise<void> {
  const id = (age: number) => `${age}`;
  await commitEvents(
    { db, keyring },
    shop,
    [...ages, ...waiting].map((age) => purchase(id(age))),
  );
  await db.pool.query(
    "update event set created_at = now() - make_interval(days => order_id::integer) where shop_id = $1",
    [shop.id],
  );
  await db.pool.query(
    `with settled as (update event set state = 'accepted' where shop_id = $1
        and order_id = any($2::text[]) returning kind, source, event_time)
      insert into count_bucket (shop_id, bucket, kind, source, state, n)
        select $1, to_timestamp(event_time - event_time % 900), kind, source, s.state, s.by * count(*)
        from settled, (values ('accepted', 1), ('pending', -1)) s (state, by) group by 2, 3, 4, 5, s.by
      on conflict (shop_id, bucket, kind, source, state, reason) do update set n = count_bucket.n + excluded.n`,
    [shop.id, ages.map(id)],
  );
}

async function bodiesOf(shop: Shop, ages: number[]): Promise<Record<number, string>> {
  const found: Record<number, string> = {};
  for (const age of ages) {
    const detail = await readEventDetail({ db, keyring }, shop.id, `order-${age}-checkout`);
    found[age] = `${detail?.payload_status} until ${daysFromToday(detail?.payload_kept_until)}`;
  }
  return found;
}

function daysFromToday(day: string | null | undefined): number {
  const today = Date.parse(new Date().toISOString().slice(0, 10));
  return Math.round((Date.parse(day ?? "") - today) / 86_400_000);
}

const lower = (shop: Shop, days: unknown) =>
  changeRetention({ db }, { shop, days, actor: "user:7" });

test("lowering deletes older bodies now, and younger ones on their new day", async () => {
  const shop = await makeShop({ db, keyring });
  await orders(shop, [0, 2, 4, 6]);
  expect(await lower(shop, 3)).toEqual({ ok: true, isChanged: true, deleted: 2, moved: 2 });
  expect(await bodiesOf(shop, [0, 2, 4, 6])).toEqual({
    0: "kept until 4",
    2: "kept until 2",
    4: "dropped until 0",
    6: "dropped until 0",
  });
  expect((await auditOf(db, shop.domain)).slice(-2)).toMatchObject([
    { action: "settings.change", before: { payload_days: 9 }, after: { payload_days: 3 } },
    { action: "payloads.delete", actor: "user:7", after: { older_than_days: 3, deleted: 2 } },
  ]);
  expect(await miscounts(db)).toEqual([]);
});

test("an event that still waits keeps its body, however old", async () => {
  const shop = await makeShop({ db, keyring });
  await orders(shop, [5], [6]);
  expect(await lower(shop, 1)).toMatchObject({ deleted: 1 });
  expect(await bodiesOf(shop, [5, 6])).toMatchObject({ 5: "dropped until 0", 6: "kept until 10" });
});

test("raising changes no body that is there, and deletes nothing", async () => {
  const shop = await makeShop({ db, keyring });
  await orders(shop, [0, 8]);
  expect(await lower(shop, 30)).toEqual({ ok: true, isChanged: true, deleted: 0, moved: 0 });
  expect(await bodiesOf(shop, [0, 8])).toEqual({ 0: "kept until 10", 8: "kept until 10" });
});

test("the same number of days again changes nothing and notes nothing", async () => {
  const shop = await makeShop({ db, keyring });
  const before = (await auditOf(db, shop.domain)).length;
  expect(await lower(shop, 9)).toMatchObject({ isChanged: false });
  expect((await auditOf(db, shop.domain)).length).toBe(before);
});

test.each([0, 31, 1.5, "", "many", null])(
  "%j days are refused, and nothing is deleted",
  async (days) => {
    const shop = await makeShop({ db, keyring });
    await orders(shop, [6]);
    expect(await lower(shop, days)).toEqual({ ok: false });
    expect(await bodiesOf(shop, [6])).toMatchObject({ 6: "kept until 10" });
  },
);

test("what a process did not live to finish, or the command line lowered, is done by the nightly job", async () => {
  const shop = await makeShop({ db, keyring });
  await orders(shop, [0, 4, 6], [5]);
  await changeSettings({ db }, { domain: shop.domain, changes: { payload_days: 3 }, actor: "cli" });
  expect(await shortenChangedShops({ db })).toBe(2);
  expect(await bodiesOf(shop, [0, 4, 5, 6])).toEqual({
    0: "kept until 4",
    4: "dropped until 0",
    5: "kept until 10",
    6: "dropped until 0",
  });
  expect(await shortenChangedShops({ db })).toBe(0);
});

test("a page of a large shop holds its rows no longer than a page takes", async () => {
  const shop = await makeShop({ db, keyring });
  await db.pool.query(
    `insert into event (lane, shop_id, kind, source_key, event_id, id_source, source, state, event_time,
        settings_version, payload_drop_on, created_at)
      select 1, $1, 'checkout', i::text, 'o' || i, 'order', 'web', 'skipped', extract(epoch from now())::bigint - i,
        1, current_date + 10, now() - interval '5 days' from generate_series(1, 2500) i`,
    [shop.id.toString()],
  );
  const locked: number[] = [];
  const paged: Pick<TestDatabase, "transaction"> = {
    transaction: (work, options) =>
      db.transaction(async (client) => {
        const result = await work(client);
        const { rows } = await client.query(
          "select count(*)::integer as n from event where xmax = pg_current_xact_id()::xid or xmin = pg_current_xact_id()::xid",
        );
        locked.push(rows[0].n);
        return result;
      }, options),
  };
  await shortenPayloads({ db: paged }, shop.id, 3);
  expect(locked).toEqual([1_000, 1_000, 500]);
  await db.pool.query("delete from event where shop_id = $1", [shop.id]);
});

test("another shop's bodies stay", async () => {
  const [shop, other] = [await makeShop({ db, keyring }), await makeShop({ db, keyring })];
  await orders(shop, [6]);
  await orders(other, [6]);
  await lower(shop, 1);
  expect(await bodiesOf(other, [6])).toMatchObject({ 6: "kept until 10" });
});
