import type { PoolClient } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FIND_LATE_FORMS } from "#app/outbox/append/join-late-forms.server.ts";
import { FIND_PAGE_VISITS } from "#app/outbox/append/join-page-visits.server.ts";
import { FIND_GUESTS, RECENT_SIGN_UPS } from "#app/outbox/append/skip-guests.server.ts";
import { ORPHANS } from "#app/outbox/assign-account.server.ts";
import type { Lease } from "#app/outbox/drain/claim-accounts.server.ts";
import { READ_DUE_EVENTS, readDueEvents } from "#app/outbox/drain/read-due-events.server.ts";
import { RELEASE_ACCOUNT } from "#app/outbox/drain/release-account.server.ts";
import { planByIndex } from "#app/outbox/drain/sending-shops.server.ts";
import { settleBatch } from "#app/outbox/drain/settle-batch.server.ts";
import { isRedactedSql } from "#app/outbox/redact/redacted-sources.server.ts";
import { BATCH_BYTES } from "#app/outbox/schedule-accounts.server.ts";
import { pauseConnection } from "#app/shops/connection/pause-connection.server.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { makeShop, testKeyring } from "#test/support/outbox-fixture.ts";

/**
 * What a claim reads must not grow with the backlog. To see it for a million due events:
 * DUE_EVENTS=1000000 npx vitest run --project integration test/integration/outbox/claim-plan.test.ts
 */
const DUE_EVENTS = Number(process.env.DUE_EVENTS ?? 10_000);
const IDLE_ACCOUNTS = DUE_EVENTS >= 1_000_000 ? 100_000 : 5_000;

let db: TestDatabase;
const keyring = testKeyring();
type TestShop = Awaited<ReturnType<typeof makeShop>>;

beforeAll(async () => {
  db = await openTestDatabase();
  // Postgres must not look at the tables in between: a worker cannot count on it.
  await db.pool.query("alter table event set (autovacuum_enabled = false)");
});
afterAll(() => db.close());

/** Due events with payloads of so many bytes (0: without), written as no process of ours would: at once. */
async function addDue(shop: TestShop, count: number, bytes: number): Promise<void> {
  await db.pool.query(
    `with written as (insert into event (lane, shop_id, kind, source_key, event_id, id_source, source,
        state, event_time, settings_version, ad_account_id, payload_drop_on, next_at)
      select $1, $2, 'checkout', gen_random_uuid(), 'e' || i, 'order', 'web', 'pending',
        extract(epoch from now())::bigint - 60, 1, $3, current_date + 10, now() - interval '1 hour' + i * interval '1 ms'
      from generate_series(1, $4::integer) i returning id, shop_id)
    insert into event_payload (drop_on, event_ref, shop_id, body)
      select current_date + 10, id, shop_id, decode(repeat('00', $5::integer), 'hex') from written where $5 > 0`,
    [shop.lane, shop.id.toString(), shop.adAccountId, count, bytes],
  );
}

async function leaseOf(shop: TestShop): Promise<Lease> {
  const { rows } = await db.pool.query(
    `insert into due_account (lane, ad_account_id, next_at, lease_until) values (1, $1, now(), now() + interval '1 hour')
      on conflict (lane, ad_account_id) do update set lease_until = excluded.lease_until
      returning fence`,
    [shop.adAccountId],
  );
  return {
    lane: 1,
    adAccountId: shop.adAccountId,
    fence: rows[0].fence,
    allowance: 1,
    failures: 0,
    batchLimit: 1_000,
    accepted: 0,
    rejected: 0,
    isTakenOver: false,
  };
}

interface PlanNode {
  "Node Type": string;
  "Relation Name"?: string;
  "Index Name"?: string;
  "Index Cond"?: string;
  "Actual Rows": number;
  "Actual Loops": number;
  "Rows Removed by Filter"?: number;
  "Shared Hit Blocks": number;
  "Shared Read Blocks": number;
  Plans?: PlanNode[];
}

/**
 * The plan that a worker's prepared statement has, run once, flat; the first node is the whole.
 * `prepare`: what the statement's own transaction says to the planner first.
 */
function explain(
  text: string,
  parameters: string | null,
  prepare: (client: PoolClient) => Promise<unknown> = planByIndex,
): Promise<PlanNode[]> {
  return db.transaction(async (client) => {
    await prepare(client);
    await client.query(`set local plan_cache_mode = force_generic_plan; prepare claim as ${text}`);
    const { rows } = await client.query(
      `explain (analyze, buffers, format json) execute claim${parameters === null ? "" : `(${parameters})`}`,
    );
    await client.query("deallocate claim");
    const flat = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(flat)];
    return flat(rows[0]["QUERY PLAN"][0].Plan);
  });
}

const explainRead = ({ adAccountId }: TestShop) => explain(READ_DUE_EVENTS, `'${adAccountId}'`);
const explainRelease = ({ adAccountId }: TestShop) =>
  explain(RELEASE_ACCOUNT, `1, '${adAccountId}', 0, null, null, 500, null, 0, 0`);

const buffersOf = ([whole]: PlanNode[]) =>
  (whole?.["Shared Hit Blocks"] ?? 0) + (whole?.["Shared Read Blocks"] ?? 0);

/** Rows that these nodes looked at, whatever became of them. */
function rowsRead(nodes: PlanNode[]): number {
  return nodes.reduce((sum, node) => {
    const rows = node["Actual Rows"] + (node["Rows Removed by Filter"] ?? 0);
    return sum + rows * node["Actual Loops"];
  }, 0);
}

/** The same of events. */
function eventsRead(plan: PlanNode[]): number {
  const reads = plan.filter((node) => node["Relation Name"] === "event");
  for (const { "Index Name": index } of reads) expect(index).toMatch(/^event_waiting(_shop)?$/);
  return rowsRead(reads);
}

test("a claim and a release read as much of a backlog as they need, however long it is, without ANALYZE", async () => {
  const shop = await makeShop({ db, keyring });
  await leaseOf(shop);
  // Planned over empty tables, as by a worker that starts with a new installation.
  expect(eventsRead(await explainRead(shop))).toBe(0);
  await addDue(shop, 1_500, 200);
  const small = [await explainRead(shop), await explainRelease(shop)] as const;
  await addDue(shop, DUE_EVENTS, 200);
  const large = [await explainRead(shop), await explainRelease(shop)] as const;
  expect(eventsRead(large[0])).toBeLessThanOrEqual(1_010);
  expect(eventsRead(large[1])).toBeLessThanOrEqual(10);
  for (const which of [0, 1] as const) {
    expect(buffersOf(large[which])).toBeLessThan(2 * buffersOf(small[which]) + 100);
  }
  const lease = await leaseOf(shop);
  const timesMs: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const startedAt = performance.now();
    await readDueEvents({ db, keyring }, lease);
    timesMs.push(performance.now() - startedAt);
  }
  console.log(`a batch of 1,000 from ${DUE_EVENTS} due: ${Math.min(...timesMs).toFixed(1)} ms`);
  const { due, locked, mayHaveMore } = await readDueEvents({ db, keyring }, lease);
  // Nobody encrypted what this test wrote.
  expect([due.length, locked.length, mayHaveMore]).toEqual([0, 1_000, true]);
});

test("what waits of a paused shop costs a claim of the same ad account nothing", async () => {
  const adAccountId = "549799000001";
  const [paused, active] = [
    await makeShop({ db, keyring }, { adAccountId }),
    await makeShop({ db, keyring }, { adAccountId }),
  ];
  await addDue(paused, DUE_EVENTS, 0);
  await addDue(active, 5, 10);
  await pauseConnection({ db }, paused.id, "merchant", "test");
  const plan = await explainRead(active);
  expect(eventsRead(plan)).toBeLessThanOrEqual(15);
  const { locked } = await readDueEvents({ db, keyring }, await leaseOf(active));
  expect(locked).toHaveLength(5);
});

test("the search for strays starts from what waits, however many accounts sleep", async () => {
  const shop = await makeShop({ db, keyring });
  await db.pool.query(
    `with made as (insert into shop (domain, lane, state, pixel_key)
        select 'idle-' || i || '.myshopify.com', 1, 'installed', 'idle-' || i from generate_series(1, $1::integer) i
        returning id, domain),
      connected as (insert into connection (shop_id, ad_account_id, state, token)
        select id, domain, 'active', '' from made),
      asleep as (insert into due_account (lane, ad_account_id, next_at) select 1, domain, 'infinity' from made)
      insert into event (lane, shop_id, kind, source_key, event_id, id_source, source, state, event_time,
          settings_version, ad_account_id)
        select 1, id, 'checkout', '1', 'e', 'order', 'web', 'accepted', 1, 1, domain from made`,
    [IDLE_ACCOUNTS],
  );
  await addDue(shop, DUE_EVENTS, 0);
  await leaseOf(shop);
  const plan = await explain(ORPHANS, null);
  expect(eventsRead(plan)).toBeLessThanOrEqual(1_000);
});

test("a claim loads no more bytes than its budget, and comes back for the rest", async () => {
  const shop = await makeShop({ db, keyring });
  await addDue(shop, 50, 100 * 1024);
  const lease = await leaseOf(shop);
  const { locked, mayHaveMore } = await readDueEvents({ db, keyring }, lease);
  expect(locked).toHaveLength(Math.floor(BATCH_BYTES / (100 * 1024)));
  expect(mayHaveMore).toBe(true);
  const release = { mayHaveMore, unusedAllowance: 0, pauseMs: null, failures: 0 };
  await settleBatch({ db }, lease, { attempt: null, settlements: [], release });
  const { rows } = await db.pool.query(
    "select next_at <= now() as is_due from due_account where ad_account_id = $1",
    [shop.adAccountId],
  );
  expect(rows).toEqual([{ is_due: true }]);
});

test("a look at a page reads what has its own keys alone, however many events its shop has", async () => {
  const shop = await makeShop({ db, keyring });
  await addDue(shop, DUE_EVENTS, 0);
  const keys = ["page:a:1", "page:a:0", "page:a:2"];
  const { lane, id } = shop;
  const asked = [{ n: 0, lane, shop_id: String(id), kind: "checkout", keys, event_time: 1 }];
  const asIs = async () => undefined;
  const whileEmpty = async (client: PoolClient) => {
    await client.query("truncate event cascade; analyze event");
    await planByIndex(client);
  };
  for (const prepare of [asIs, whileEmpty]) {
    const plan = await explain(FIND_PAGE_VISITS, `'${JSON.stringify(asked)}'`, prepare);
    const [read, ...others] = plan.filter((node) => node["Relation Name"] === "event");
    expect(others).toEqual([]);
    expect(read).toMatchObject({
      "Index Name": "event_identity",
      "Actual Rows": 0,
      "Actual Loops": 3,
    });
    expect(read?.["Rows Removed by Filter"] ?? 0).toBe(0);
  }
});

test("the job of each minute reads the sign-ups of its time by their index, however many bought", async () => {
  const shop = await makeShop({ db, keyring });
  // Buyers of six hours, and some sign-ups among them.
  await db.pool.query(
    `insert into customer_trace (shop_id, customer_key, signup, happened_at, received_at)
      select $1, 'buyer-' || i, case when i % 50 = 0 then i::text else '' end, at, at
      from generate_series(1, $2::integer) i cross join lateral
        (select now() - make_interval(secs => 21600.0 * i / $2::integer) as at) t`,
    [shop.id.toString(), DUE_EVENTS * 2],
  );
  await db.pool.query("analyze customer_trace");
  const asItIs = async () => {};
  for (const [text, parameters] of [
    [`select * from ${RECENT_SIGN_UPS} t`, "1"],
    [FIND_LATE_FORMS, "0"],
  ] as const) {
    const plan = await explain(text, parameters, asItIs);
    const reads = plan.filter((node) => node["Relation Name"] === "customer_trace");
    expect(reads.length).toBeGreaterThan(0);
    // The buyers of six minutes are a sixtieth, and one in fifty of three quarters of an hour signed up.
    expect(rowsRead(reads)).toBeLessThan(DUE_EVENTS / 10);
  }
});

test("a group of sign-ups is looked through as often as it has people, not as often as it has pairs of them", async () => {
  const { id } = await makeShop({ db, keyring });
  const traces = Array.from({ length: 600 }, (_, n) => ({
    shop_id: String(id),
    customer_key: `grouped-${n}`,
    signup: String(Math.floor(n / 3)),
    happened_at: 1,
  }));
  const plan = await explain(FIND_GUESTS, `'${JSON.stringify(traces)}'`);
  expect(rowsRead(plan.filter((node) => !node.Plans))).toBeLessThan(10 * traces.length);
});

test("whether a source was redacted takes looks into the index alone, however many were", async () => {
  const shop = await makeShop({ db, keyring });
  await db.pool.query(
    "insert into redacted_source (shop_id, digest) select $1, sha256(i::text::bytea) from generate_series(1, 1000) i",
    [shop.id.toString()],
  );
  const asked = Array.from({ length: 5 }, (_, n) => ({ shop_id: String(shop.id), key: `${n}` }));
  const plan = await explain(
    `select ${isRedactedSql("r.shop_id", "'source'", "r.key")} from json_to_recordset($1) as r(shop_id bigint, key text)`,
    `'${JSON.stringify(asked)}'`,
  );
  const reads = plan.filter((node) => node["Relation Name"] === "redacted_source");
  expect(reads).toHaveLength(2);
  for (const read of reads) expect(read["Index Cond"]).toContain("shop_id = r.shop_id");
});
