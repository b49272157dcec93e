import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tidyAlerts } from "#app/alerts/change-alerts.server.ts";
import { skipGuests } from "#app/outbox/append/skip-guests.server.ts";
import { dropOldRows } from "#app/outbox/drop-old-rows.server.ts";
import { keepNoLonger } from "#app/privacy/schedule-privacy.server.ts";
import { dropUnusedSignIns } from "#app/shops/connection/renew-sign-ins.server.ts";
import { beginSignIn } from "#app/shops/connection/sign-in-attempt.server.ts";
import { forgetSenders } from "#app/shops/record-storefront.server.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { makeShop, testKeyring } from "#test/support/outbox-fixture.ts";

let db: TestDatabase;
const keyring = testKeyring();
type Shop = Awaited<ReturnType<typeof makeShop>>;

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

/** What is kept for a while: the rows of a table, or what a column of theirs holds. */
interface Kept {
  table: string;
  /** The column by whose time it goes. */
  age: string;
  /** An interval of Postgres. */
  keeps: string;
  /** The other columns, as SQL; `$1` is the shop's id, `$2` its domain, `n` 1 or 2. */
  row: Record<string, string>;
  /** The column that is emptied where the row stays. */
  content?: string;
  /** SQL: it is of the shop `s`, where no column of it names one. */
  ofShop?: string;
  isOneOfShop?: boolean;
}

const perHour = { settings_version: "1", id_source: "'order'", source: "'web'" };
const OPEN = { shop_id: "$1" };

/** A new table that says how long its rows are kept needs a line. */
const KEPT: Kept[] = [
  {
    table: "audit_entry",
    age: "created_at",
    keeps: "365 days",
    row: { ...OPEN, actor: "'a'", action: "'b'" },
  },
  ...[
    { keeps: "2 years", state: "'done'" },
    { keeps: "30 days", state: "'disputed'", content: "body" },
    // Pinterest was to be asked, and could not be.
    { keeps: "30 days", state: "'done'", content: "body" },
  ].map(({ state, ...kept }) => ({
    ...kept,
    table: "compliance_request",
    age: "received_at",
    row: { shop_domain: "$2", topic: "'shop/redact'", webhook_id: "'w' || n", state, body: "'b'" },
  })),
  {
    table: "compliance_request",
    age: "done_at",
    keeps: "30 days",
    row: {
      shop_domain: "$2",
      topic: "'customers/data_request'",
      webhook_id: "'a' || n",
      state: "'done'",
      answer: "'a'",
    },
    content: "answer",
  },
  {
    table: "redacted_source",
    age: "redacted_at",
    keeps: "90 days",
    row: { ...OPEN, digest: "convert_to(n::text, 'UTF8')" },
  },
  {
    table: "receipt",
    age: "received_on",
    keeps: "30 days",
    row: { ...OPEN, topic: "'t'", webhook_id: "'w' || n", outcome: "'stored'" },
  },
  {
    table: "event",
    age: "created_at",
    keeps: "90 days",
    row: {
      ...OPEN,
      ...perHour,
      lane: "0",
      kind: "'checkout'",
      source_key: "'k' || n",
      event_id: "'e' || n",
      state: "'accepted'",
      event_time: "1700000000",
    },
  },
  {
    table: "visit",
    age: "seen_at",
    keeps: "30 days",
    row: {
      ...OPEN,
      visit_key: "'order:' || n",
      told_at: "now()",
      is_refused: "false",
      body: "'b'",
    },
  },
  {
    table: "second_sender",
    age: "last_seen_at",
    keeps: "30 days",
    row: { ...OPEN, kind: "'tag'", tag_id: "n::text" },
  },
  {
    table: "customer_trace",
    age: "received_at",
    keeps: "6 hours",
    row: { ...OPEN, customer_key: "'c' || n", signup: "''", happened_at: "now()" },
  },
  {
    table: "event_payload",
    age: "drop_on",
    keeps: "0 days",
    row: { ...OPEN, event_ref: "-n", body: "'b'" },
  },
  {
    table: "attempt",
    age: "made_on",
    keeps: "90 days",
    row: {
      ...OPEN,
      ad_account_id: "'1'",
      started_at: "now()",
      duration_ms: "1",
      outcome: "'o'",
      events: "1",
    },
  },
  {
    table: "count_bucket",
    age: "bucket",
    keeps: "90 days",
    row: { ...OPEN, kind: "'checkout'", source: "'web'", state: "'accepted'", n: "0" },
  },
  {
    table: "sign_in_attempt",
    age: "expires_at",
    keeps: "0 days",
    row: { ...OPEN, nonce_hash: "$2 || n", actor: "'a'" },
  },
  {
    table: "run",
    age: "created_at",
    keeps: "90 days",
    row: { ...OPEN, kind: "'replay'", state: "'done'", total: "0", actor: "'a'" },
  },
  {
    table: "alert",
    age: "ended_at",
    keeps: "90 days",
    row: { ...OPEN, cause: "'c'", facts: "'{}'", noticed_at: "now()", begun_at: "now()" },
  },
  {
    table: "alert_test",
    age: "free_at",
    keeps: "0 days",
    row: { digest: "$2 || n" },
    ofShop: "k.digest like s.domain || '%'",
  },
  {
    table: "pinterest_sign_in",
    age: "token_expires_at",
    keeps: "0 days",
    row: { ...OPEN, token: "'t'", scopes: "''" },
    isOneOfShop: true,
  },
];

/** The columns that hold a day. */
const DAYS = new Set(["received_on", "made_on", "drop_on"]);

/** Tables whose rows are as old as the uninstall of their shop, and go two days after it. */
const OF_GONE_SHOPS: Record<string, string> = {
  connection:
    "insert into connection (shop_id, ad_account_id, state, token) values ($1, '1', 'active', 't')",
  shop_api_key:
    "insert into shop_api_key (shop_id, key_hash) values ($1, 'hash-' || $1::bigint::text)",
  shopify_session:
    "insert into shopify_session (id, shop_domain, content) select 's' || id, domain, 'c' from shop where id = $1",
};

/** Whose rows go with a row of another table here, by its name. */
const WITH_ANOTHER: Record<string, string> = { alert_message: "alert" };

/** Returns how many rows the nightly job says to have deleted, by table. */
async function runAllJobs(shop: Shop): Promise<Map<string, number>> {
  const deleted = new Map<string, number>();
  await dropOldRows({ db }, (table, rows) => deleted.set(table, (deleted.get(table) ?? 0) + rows));
  await skipGuests({ db });
  await keepNoLonger({ db });
  await tidyAlerts({ db }, new Date());
  await forgetSenders(db.pool);
  await dropUnusedSignIns({ db });
  const config = {
    PINTEREST_OAUTH_URL: "https://pinterest.example/oauth/",
    PINTEREST_CLIENT_ID: "1",
    SHOPIFY_APP_URL: "https://app.example",
  };
  await beginSignIn({ db, keyring, config, nowMs: Date.now }, shop, "test");
  return deleted;
}

async function countIn(table: string, { id, domain }: Shop): Promise<number> {
  const { rows } = await db.pool.query<{ n: number }>(
    `select count(*)::integer as n from ${table} k
      where coalesce(to_jsonb(k) ->> 'shop_id', to_jsonb(k) ->> 'shop_domain') in ($1, $2)`,
    [String(id), domain],
  );
  return rows[0]?.n ?? 0;
}

/** Stores a row that goes in a minute, or went a minute ago; by the day, with the day or the day before. */
async function store(
  { table, age, keeps, row }: Kept,
  shop: Shop,
  { n, isOver }: { n: number; isOver: boolean },
) {
  const at = DAYS.has(age)
    ? `current_date - interval '${keeps}' - interval '${isOver ? 1 : 0} days'`
    : `now() - interval '${keeps}' - interval '${isOver ? 1 : -1} minutes'`;
  const columns = { ...row, [age]: at };
  await db.pool.query(
    `insert into ${table} (${Object.keys(columns).join(", ")}) select ${Object.values(columns).join(", ")}
      from (select $1::bigint as shop, $2::text as domain, $3::integer as n) made`,
    [shop.id.toString(), shop.domain, n],
  );
}

/** Whether what is left is past its time, for each that is. */
async function listLeft(
  { table, age, keeps, row, content = age, ofShop }: Kept,
  shops: readonly Shop[],
) {
  const edge = DAYS.has(age) ? "current_date" : "now()";
  const mine = ofShop ?? ("shop_id" in row ? "k.shop_id = s.id" : "k.shop_domain = s.domain");
  const { rows } = await db.pool.query<{ is_over: boolean }>(
    `select k.${age} < ${edge} - interval '${keeps}' as is_over from ${table} k join shop s on ${mine}
      where s.id = any($1::bigint[]) and k.${content} is not null order by 1`,
    [shops.map(({ id }) => id.toString())],
  );
  return rows.map((left) => left.is_over);
}

test.each(KEPT.map((kept) => [`${kept.table}.${kept.content ?? kept.age}`, kept] as const))(
  "%s is kept until its time is over, and no longer",
  async (_name, kept) => {
    const [shop, other] = [await makeShop({ db, keyring }), await makeShop({ db, keyring })];
    await db.pool.query(`delete from ${kept.table}`);
    await store(kept, shop, { n: 1, isOver: false });
    await store(kept, kept.isOneOfShop ? other : shop, { n: 2, isOver: true });
    expect(await listLeft(kept, [shop, other])).toEqual([false, true]);
    const deleted = await runAllJobs(await makeShop({ db, keyring }));
    expect(await listLeft(kept, [shop, other])).toEqual([false]);
    if (deleted.has(kept.table))
      expect([kept.table, deleted.get(kept.table)]).toEqual([kept.table, 1]);
  },
);

test.each(Object.entries(OF_GONE_SHOPS))(
  "%s is kept for two days after its shop has left, and no longer",
  async (table, insert) => {
    const shops = [await makeShop({ db, keyring }), await makeShop({ db, keyring })];
    for (const [index, { id }] of shops.entries()) {
      await db.pool.query(`${insert} on conflict do nothing`, [id]);
      await db.pool.query(
        `update shop set state = 'uninstalled',
          uninstalled_at = now() - interval '48 hours' - $2 * interval '1 minute' where id = $1`,
        [id, index === 0 ? -1 : 1],
      );
    }
    await runAllJobs(await makeShop({ db, keyring }));
    const left = await Promise.all(shops.map((shop) => countIn(table, shop)));
    expect(left).toEqual([1, 0]);
  },
);

test("each table of the schema has a case here, goes with its shop, or stays", () => {
  const models = readFileSync("prisma/schema.prisma", "utf8").matchAll(
    /((?:^\/\/\/.*\n)+)^model \w+ \{[\s\S]*?@@map\("(\w+)"\)/gm,
  );
  const timed = [...models].flatMap(([, comment = "", table = ""]) => {
    const said = comment.replaceAll(/\s*\/\/\/\s*/g, " ");
    const end =
      /\b(?:rows?|it|record|partitions)\b[^.]*\b(?:goes|go|stays|stay|dropped)\b[^.]*/i.exec(said);
    const isOfShop = end === null || /with the shop|on the shop's redaction/.test(end[0]);
    return isOfShop || /^(it|rows) stays?\b/i.test(end[0]) ? [] : [table];
  });
  const cases = [
    ...KEPT.map(({ table }) => table),
    ...Object.keys({ ...OF_GONE_SHOPS, ...WITH_ANOTHER }),
  ];
  expect(timed.length).toBeGreaterThan(15);
  expect(timed.filter((table) => !cases.includes(table))).toEqual([]);
  expect(Object.values(WITH_ANOTHER).filter((table) => !cases.includes(table))).toEqual([]);
});
