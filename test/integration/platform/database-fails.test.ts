import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Delivery, runDelivery } from "#app/delivery/run-delivery.server.ts";
import { createSerializer } from "#app/intake/serializer.server.ts";
import { storeWebhooks } from "#app/intake/store-webhooks.server.ts";
import { createWaker } from "#app/outbox/schedule-accounts.server.ts";
import { writePathAnswers } from "#app/platform/check-database.server.ts";
import { type Database, openDatabase } from "#app/platform/db.server.ts";
import { createLogger } from "#app/platform/logger.server.ts";
import { connectionsOn, createPool } from "#app/platform/pool.server.ts";
import { type LocalPinterest, startLocalPinterest } from "#test/sandbox/local-pinterest.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { openDelivery } from "#test/support/delivery-fixture.ts";
import { type FreezableWay, openFreezableWay } from "#test/support/freezable-way.ts";
import { startIntakeServer } from "#test/support/intake-server.ts";
import {
  commitEvents,
  makeShop,
  purchase,
  readStates,
  testKeyring,
} from "#test/support/outbox-fixture.ts";
import { eventually } from "#test/support/poll.ts";

/**
 * How long the database is away; unset, as briefly as shows it. For as long as a failover may take:
 * AWAY_SECONDS=60 npx vitest run --project integration test/integration/platform/database-fails.test.ts
 */
const AWAY_MS = Number(process.env.AWAY_SECONDS ?? 0) * 1_000;

/**
 * What may pass between the moment the database is back and the first thing that is done again:
 * three times what is promised, since other suites keep the machine busy. The time it took is printed.
 */
const AFTER_DARKNESS = { deadlineMs: 30_000 };
const AFTER_READ_ONLY = { deadlineMs: 30_000 };

const keyring = testKeyring();
let db: TestDatabase;
let shop: Awaited<ReturnType<typeof makeShop>>;
const cleanUp: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  db = await openTestDatabase();
  shop = await makeShop({ db, keyring });
});
afterAll(() => db.close());
afterEach(async () => {
  for (const end of cleanUp.splice(0).toReversed()) await end();
});

/** Stores webhooks as the intake's thread does, over connections of its own. */
function openIntake(url: string): { store(): Promise<unknown>; warmUp(): Promise<unknown> } {
  const pool = createPool({ connectionString: url }, 4);
  cleanUp.push(() => pool.end());
  const log = createLogger("silent");
  const services = {
    db: connectionsOn(pool),
    keyring,
    log,
    waker: createWaker({ db: { pool }, log }),
    nowMs: Date.now,
    serialize: createSerializer(),
  };
  let n = 0;
  return {
    async store() {
      n += 1;
      const headers = { topic: "orders/create", shopDomain: shop.domain, webhookId: `${url}-${n}` };
      const body = Buffer.from(
        JSON.stringify({
          id: Date.now() * 1_000 + n,
          processed_at: new Date().toISOString(),
          currency: "USD",
          subtotal_price: "1.00",
          total_price: "1.00",
          line_items: [],
          source_name: "web",
          email: "a@b.example",
        }),
      );
      return storeWebhooks(services, [{ headers: { ...headers, triggeredAt: null }, body }]);
    },
    warmUp: () => Promise.all([1, 2, 3, 4].map(() => pool.query("select pg_sleep(0.1)"))),
  };
}

async function openWay(): Promise<FreezableWay> {
  const way = await openFreezableWay(db.url);
  cleanUp.push(() => way.close());
  return way;
}

async function open(url: string): Promise<Database> {
  const opened = await openDatabase({ DATABASE_URL: url, DATA_DIR: "unused" });
  cleanUp.push(() => opened.close());
  return opened;
}

/** The worker's own loop, over a database of its own. */
async function startDelivery(
  far: Database,
): Promise<{ delivery: Delivery; pinterest: LocalPinterest }> {
  const pinterest = await startLocalPinterest();
  const services = openDelivery({ db: far, keyring, pinterestUrl: pinterest.url });
  const delivery = runDelivery(services);
  cleanUp.push(async () => {
    await delivery.stop();
    await services.close();
    await pinterest.close();
  });
  return { delivery, pinterest };
}

const isAccepted = async (orderId: string) => {
  await db.pool.query("update due_account set next_at = now()");
  return (await readStates(db, shop.id)).some(
    (event) => event.event_id === `order-${orderId}-checkout` && event.state === "accepted",
  );
};

/** Goes on with what fails, as traffic does, until the database has been away for its time. */
async function whileAway(awayMs: number, ask: () => Promise<unknown>): Promise<void> {
  const until = Date.now() + awayMs;
  do await expect(ask()).rejects.toThrow();
  while (Date.now() < until);
}

/** `check` comes true within its deadline; how soon is printed. */
async function soonAgain(
  what: string,
  check: () => Promise<unknown>,
  deadline: typeof AFTER_DARKNESS,
): Promise<void> {
  const startedAt = Date.now();
  await eventually(check, deadline);
  console.log(`${what} ${Date.now() - startedAt} ms after the database was back`);
}

test("after the database's host was dark webhooks are stored again, also where an open transaction was cut off", async () => {
  const way = await openWay();
  const intake = openIntake(way.url);
  await intake.warmUp();
  expect(await intake.store()).toEqual(["stored"]);
  const cutOff = createPool({ connectionString: way.url }, 1);
  cleanUp.push(() => cutOff.end());
  const holder = await cutOff.connect();
  await holder.query("begin");
  await holder.query("select from due_account for update");
  way.freeze();
  await whileAway(Math.max(AWAY_MS, 7_000), intake.store);
  way.thaw();
  await soonAgain("stored", intake.store, AFTER_DARKNESS);
  holder.release(true);
});

test("after the database's host was dark events are sent again, by the same process", async () => {
  const way = await openWay();
  const far = await open(way.url);
  await Promise.all(Array.from({ length: 16 }, () => far.pool.query("select pg_sleep(0.1)")));
  const { delivery } = await startDelivery(far);
  await commitEvents({ db, keyring }, shop, [purchase("7001")]);
  await eventually(() => isAccepted("7001"));
  way.freeze();
  await commitEvents({ db, keyring }, shop, [purchase("7002")]);
  const awayMs = Math.max(AWAY_MS, 7_000);
  await eventually(() => delivery.lastClaimAgeMs() > awayMs, { deadlineMs: awayMs + 30_000 });
  way.thaw();
  await soonAgain("sent", () => isAccepted("7002"), AFTER_DARKNESS);
  expect(delivery.lastClaimAgeMs()).toBeLessThan(2_000);
});

test("when a node that only read writes again, webhooks, delivery and readiness go on at once", async () => {
  const setReadOnly = (value: "on" | "off") =>
    db.transaction(async (client) => {
      await client.query("set transaction read write");
      const { rows } = await client.query("select current_database() as name");
      await client.query(
        `alter database ${rows[0].name} set default_transaction_read_only = ${value}`,
      );
    });
  const far = await open(db.url);
  await setReadOnly("on");
  // What was opened before the change still writes.
  for (const { pool } of [far, far.reserved]) {
    await pool.query("select pg_terminate_backend(pg_backend_pid())").catch(() => {});
  }
  const intake = openIntake(db.url);
  const { delivery } = await startDelivery(far);
  await commitEvents({ db, keyring }, shop, [purchase("7003")]);
  await expect(intake.store()).rejects.toMatchObject({ code: "25006" });
  expect(await writePathAnswers(far.reserved.pool, 1_000)).toBe(false);
  await whileAway(AWAY_MS, intake.store);
  await eventually(() => delivery.lastClaimAgeMs() > Math.max(AWAY_MS, 1_000));
  await setReadOnly("off");
  await Promise.all([
    soonAgain("stored", intake.store, AFTER_READ_ONLY),
    soonAgain("sent", () => isAccepted("7003"), AFTER_READ_ONLY),
  ]);
  expect(await writePathAnswers(far.reserved.pool, 1_000)).toBe(true);
});

test("with every connection taken compliance is recorded, answers are settled and the process is ready", async () => {
  await commitEvents({ db, keyring }, shop, [purchase("7004")]);
  const far = await open(db.url);
  const server = await startIntakeServer({ db: far, keyring });
  cleanUp.push(() => server.close());
  const taken: { release(): void }[] = [];
  const pinterest = await startLocalPinterest();
  const services = openDelivery({ db: far, keyring, pinterestUrl: pinterest.url });
  const sendEvents: typeof services.pinterest.sendEvents = async (...given) => {
    const answer = await services.pinterest.sendEvents(...given);
    for (let n = 0; n < 16; n += 1) taken.push(await far.pool.connect());
    return answer;
  };
  await db.pool.query("update due_account set next_at = now()");
  const delivery = runDelivery({ ...services, pinterest: { ...services.pinterest, sendEvents } });
  await eventually(() => taken.length === 16);
  const body = { shop_id: 1, shop_domain: shop.domain };
  expect((await server.deliver("shop/redact", shop.domain, body)).status).toBe(200);
  expect(await writePathAnswers(far.reserved.pool, 1_000)).toBe(true);
  await eventually(() => isAccepted("7004"));
  for (const client of taken) client.release();
  await delivery.stop();
  await services.close();
  await pinterest.close();
});

test("a server without a place for more lets work wait for the connections that it has", async () => {
  await db.pool.query("create role narrow login connection limit 2");
  cleanUp.push(() => db.pool.query("drop role narrow"));
  const pool = createPool({ connectionString: db.url.replace("postgres@", "narrow@") }, 8);
  cleanUp.push(() => pool.end());
  const all = Array.from({ length: 32 }, () => pool.query("select pg_sleep(0.05)"));
  expect((await Promise.allSettled(all)).filter(({ status }) => status === "rejected")).toEqual([]);
  // A try for one more is counted until the server has turned it away.
  await eventually(() => pool.totalCount === 2);
  await db.pool.query("alter role narrow connection limit 8");
  await eventually(async () => {
    await Promise.all(Array.from({ length: 8 }, () => pool.query("select pg_sleep(0.05)")));
    return pool.totalCount > 2;
  });
});

test("a statement that takes too long is ended by the database, and its connection is kept", async () => {
  const far = await open(db.url);
  const pidOf = async () => (await far.pool.query("select pg_backend_pid() as pid")).rows;
  const before = await pidOf();
  const sleep = far.transaction((client) => client.query("select pg_sleep(5)"), {
    statementTimeoutMs: 50,
  });
  await expect(sleep).rejects.toMatchObject({ code: "57014" });
  expect(await pidOf()).toEqual(before);
});

test("a transaction that was left open is not lent to the next one", async () => {
  const far = await open(db.url);
  const client = await far.pool.connect();
  await client.query("begin");
  client.release();
  const { rows } = await far.pool.query(
    "select pg_current_xact_id_if_assigned(), now() = statement_timestamp() as alone",
  );
  expect(rows[0].alone).toBe(true);
});

test("statements see each other's commits, whatever the database's own isolation level is", async () => {
  await db.pool.query(
    `do $$ begin execute format('alter role current_user in database %I set default_transaction_isolation to ''serializable''', current_database()); end $$`,
  );
  const far = await open(`${db.url}&options=-c%20geqo%3Doff`);
  const read =
    "select current_setting('transaction_isolation') as level, current_setting('geqo') as geqo";
  const expected = [{ level: "read committed", geqo: "off" }];
  expect((await far.pool.query(read)).rows).toEqual(expected);
  expect(await far.transaction(async (client) => (await client.query(read)).rows)).toEqual(
    expected,
  );
});
