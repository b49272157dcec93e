import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { quantile } from "#test/bench/quantile.ts";
import { orderBody } from "#test/sandbox/sample-orders.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { type IntakeServer, startIntakeServer } from "#test/support/intake-server.ts";
import { makeShop, miscounts, readStates, testKeyring } from "#test/support/outbox-fixture.ts";
import { eventually } from "#test/support/poll.ts";

type Shop = Awaited<ReturnType<typeof makeShop>>;

/**
 * How long all rows of one shop are held while its neighbours are timed. As in the field:
 * HELD_SECONDS=30 npx vitest run --project integration test/integration/intake/held-rows.test.ts
 */
const HELD_SECONDS = Number(process.env.HELD_SECONDS ?? 2);

const keyring = testKeyring();
let db: TestDatabase;
let intake: IntakeServer;
let held: Shop;
let neighbour: Shop;

beforeAll(async () => {
  db = await openTestDatabase();
  intake = await startIntakeServer({ db, keyring });
});
afterAll(async () => {
  await intake.close();
  await db.close();
});
beforeEach(async () => {
  [held, neighbour] = [await makeShop({ db, keyring }), await makeShop({ db, keyring })];
});

let orders = 5_000;

function order(changes: object = {}): Record<string, unknown> {
  orders += 1;
  const now = new Date();
  const body = orderBody({ id: String(orders), country: "US", createdAt: now, processedAt: now });
  return { ...body, ...changes };
}

async function take({ domain }: Shop, body = order(), topic = "orders/create"): Promise<number> {
  return (await intake.deliver(topic, domain, body)).status;
}

/** Another client that holds what the statements lock until `work` is done. */
async function whileHeld(
  sql: string,
  work: () => Promise<void>,
  more: readonly string[] = [],
): Promise<void> {
  const other = new pg.Client({ connectionString: db.url });
  await other.connect();
  await other.query("begin");
  for (const statement of [sql, ...more]) {
    const { rowCount } = await other.query(statement);
    expect(rowCount).toBeGreaterThan(0);
  }
  try {
    await work();
  } finally {
    await other.query("rollback");
    await other.end();
  }
}

interface Timed {
  statuses: number[];
  p99Ms: number;
}

/** Three clients of a neighbour, one webhook after the other, while the held shop's come in as well. */
async function timeNeighbours(): Promise<Timed> {
  const until = Date.now() + HELD_SECONDS * 1_000;
  const statuses: number[] = [];
  const timesMs: number[] = [];
  const neighbours = [1, 2, 3].map(async () => {
    while (Date.now() < until) {
      const startedAt = performance.now();
      statuses.push(await take(neighbour));
      timesMs.push(performance.now() - startedAt);
    }
  });
  const others = (async () => {
    while (Date.now() < until) await take(held);
  })();
  await Promise.all([...neighbours, others]);
  return { statuses, p99Ms: quantile(Float64Array.from(timesMs), 0.99) };
}

describe("while another transaction holds rows of one shop", () => {
  const holds: [string, (shop: Shop) => string][] = [
    ["its row", ({ id }) => `select from shop where id = ${id} for update`],
    ["its connection", ({ id }) => `select from connection where shop_id = ${id} for update`],
    [
      "its ad account",
      ({ adAccountId }) =>
        `select from due_account where ad_account_id = '${adAccountId}' for update`,
    ],
  ];
  test.each(holds)(
    "%s: its webhooks are stored at once, and its account is awake after",
    async (_, sql) => {
      const [first, second] = [order(), order()];
      expect(await take(held, first)).toBe(200);
      await eventually(async () => {
        const due = "select from due_account where ad_account_id = $1";
        return (await db.pool.query(due, [held.adAccountId])).rowCount === 1;
      });
      await db.pool.query("update due_account set next_at = 'infinity'");
      await whileHeld(sql(held), async () => {
        expect(await Promise.all([take(held, second), take(neighbour)])).toEqual([200, 200]);
      });
      expect(await readStates(db, held.id)).toHaveLength(2);
      await eventually(async () => {
        const due = "select from due_account where ad_account_id = $1 and next_at < 'infinity'";
        return (await db.pool.query(due, [held.adAccountId])).rowCount === 1;
      });
    },
  );

  test("its counters: it alone is refused, again and again, and nothing is counted wrong", async () => {
    const first = order();
    expect(await take(held, first)).toBe(200);
    const sql = `select from count_bucket where shop_id = ${held.id} for update`;
    await whileHeld(sql, async () => {
      const answers = Array.from({ length: 12 }, (_, i) => take(i % 4 === 0 ? held : neighbour));
      expect(await Promise.all(answers)).toEqual(
        Array.from({ length: 12 }, (_, i) => (i % 4 === 0 ? 503 : 200)),
      );
      // Now it is known to be held: nobody waits with it any more.
      const startedAt = performance.now();
      const refused = take(held).then((status) => [status, performance.now() - startedAt]);
      const stored = take(neighbour).then((status) => [status, performance.now() - startedAt]);
      const [[, refusedAfter], [status, storedAfter]] = await Promise.all([refused, stored]);
      expect(status).toBe(200);
      expect(storedAfter).toBeLessThan(refusedAfter as number);
    });
    expect(await take(held, first)).toBe(200);
    expect(await readStates(db, neighbour.id)).toHaveLength(10);
    expect(await miscounts(db)).toEqual([]);
  });

  test("all its rows: its neighbours are answered as soon as without", async () => {
    expect(await take(held)).toBe(200);
    const free = await timeNeighbours();
    const tables = ["connection", "count_bucket", "event", "receipt"];
    const all = tables.map((table) => `select from ${table} where shop_id = ${held.id} for update`);
    const account = `select from due_account where ad_account_id = '${held.adAccountId}' for update`;
    let locked: Timed | undefined;
    await whileHeld(`select from shop where id = ${held.id} for update`, async () => {
      locked = await timeNeighbours();
    }, [...all, account]);
    for (const [when, { statuses, p99Ms }] of Object.entries({ free, locked: locked as Timed })) {
      console.log(`${when}: ${statuses.length} webhooks of neighbours, p99 ${p99Ms.toFixed(0)} ms`);
      expect(new Set(statuses)).toEqual(new Set([200]));
    }
    expect(await take(held)).toBe(200);
    expect(await miscounts(db)).toEqual([]);
  }, 240_000);

  test("an event that is to be taken back: its neighbours are stored, and it is taken back when it can be", async () => {
    const bought = order();
    await take(held, bought);
    const cancelled = { ...bought, cancelled_at: new Date().toISOString() };
    await whileHeld(`select from event where shop_id = ${held.id} for update`, async () => {
      const both = [take(held, cancelled, "orders/cancelled"), take(neighbour)];
      expect(await Promise.all(both)).toEqual([503, 200]);
    });
    expect(await take(held, cancelled, "orders/cancelled")).toBe(200);
    expect(await readStates(db, held.id)).toMatchObject([
      { state: "skipped", reason: "cancelled" },
    ]);
    expect(await miscounts(db)).toEqual([]);
  });
});

describe("what the database refuses", () => {
  test("a deadlock passes: the same again is stored", async () => {
    await db.pool.query("create sequence failures");
    await raise("count_bucket", "nextval('failures') = 1", "40P01");
    expect(await take(held)).toBe(200);
    await calm("count_bucket");
    expect(await readStates(db, held.id)).toHaveLength(1);
    expect(await miscounts(db)).toEqual([]);
  });

  test("an order whose content is refused keeps its id, and its neighbours are stored", async () => {
    await raise("event", "new.value = '13.13'", "22001");
    const refused = order({ subtotal_price: "13.13", taxes_included: false });
    const answers = await Promise.all([take(held), take(held, refused), take(neighbour)]);
    await calm("event");
    expect(answers).toEqual([200, 200, 200]);
    const { rows } = await db.pool.query(
      "select order_id, state, reason from event where shop_id = $1 and order_id = $2",
      [held.id, String(refused.id)],
    );
    expect(rows).toEqual([{ order_id: `${refused.id}`, state: "skipped", reason: "unreadable" }]);
    expect(await miscounts(db)).toEqual([]);
  });

  test.each(["count_bucket", "receipt"])(
    "what fails at the very end, in %s, is 503, and nothing of it is stored",
    async (table) => {
      await raise(table, "true", "53100", "deferrable initially deferred");
      expect(await take(held)).toBe(503);
      await calm(table);
      expect(await readStates(db, held.id)).toEqual([]);
      await raise(table, "true", "53100");
      expect(await take(held)).toBe(503);
      await calm(table);
      expect(await readStates(db, held.id)).toEqual([]);
      expect(await miscounts(db)).toEqual([]);
    },
  );
});

/** From now on a row of the table fails; with `deferred`, at the commit. */
async function raise(table: string, when: string, code: string, deferred = ""): Promise<void> {
  await db.pool.query(`create or replace function fail_${table}() returns trigger language plpgsql as $$
    begin if ${when} then raise exception using errcode = '${code}'; end if; return new; end $$`);
  const timing = deferred === "" ? "create trigger" : "create constraint trigger";
  const at = deferred === "" ? "before insert" : "after insert or update";
  await db.pool.query(
    `${timing} failing ${at} on ${table} ${deferred} for each row execute function fail_${table}()`,
  );
}

async function calm(table: string): Promise<void> {
  await db.pool.query(`drop trigger failing on ${table}`);
}
