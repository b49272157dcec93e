import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { exportRun } from "#app/admin/runs/export-run.server.ts";
import { readAllRunItems, readRun } from "#app/admin/runs/read-run.server.ts";
import { KIND_SQL } from "#app/audit/read-audit-log.server.ts";
import { createLogger } from "#app/platform/logger.server.ts";
import { createQueue, type Queue } from "#app/platform/queue.server.ts";
import { processRun, registerRunWorker } from "#app/runs/register-run-worker.server.ts";
import { startReplayRun, startSendRun } from "#app/runs/start-run.server.ts";
import { stopRun } from "#app/runs/stop-run.server.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import {
  makeShop,
  miscounts,
  purchase,
  strangeKeyring,
  testKeyring,
} from "#test/support/outbox-fixture.ts";
import { eventually } from "#test/support/poll.ts";
import { type Listed, listEvents } from "./listed-events.ts";

const keyring = testKeyring();
const log = createLogger("silent");
const ACTOR = "user:548380009";
let db: TestDatabase;
let queues: Queue[] = [];
beforeAll(async () => {
  db = await openTestDatabase();
});
afterEach(async () => {
  await Promise.all(queues.map((queue) => queue.stop()));
  queues = [];
});
afterAll(() => db.close());

type Shop = Awaited<ReturnType<typeof makeShop>>;

/** A process that asks for runs and does not work on them. */
function openSender() {
  const queue = createQueue({ db, log }, { pollSeconds: 0.5 });
  queues.push(queue);
  return { db, keyring, queue, nowMs: Date.now };
}

async function startWorker() {
  const worker = openSender();
  await worker.queue.start();
  await registerRunWorker(worker);
}

/** So many refused events of an hour ago, by row id. */
async function refuse(shop: Shop, count: number, changes: Partial<Listed> = {}): Promise<bigint[]> {
  const eventTime = Math.floor(Date.now() / 1_000) - 3_600;
  const events = Array.from({ length: count }, (_, index) => ({
    eventId: `refused-${index}`,
    state: "rejected",
    reason: "currency is missing",
    eventTime,
    ...changes,
  }));
  await listEvents(db, shop, events, keyring);
  return rowsOf(shop, "rejected");
}

async function rowsOf(shop: Shop, state: string): Promise<bigint[]> {
  const { rows } = await db.pool.query<{ id: bigint }>(
    "select id from event where shop_id = $1 and state = $2 order by id",
    [shop.id, state],
  );
  return rows.map(({ id }) => id);
}

async function idsOf(shop: Shop): Promise<string[]> {
  const { rows } = await db.pool.query<{ line: string }>(
    "select id || ' ' || event_id as line from event where shop_id = $1 order by id",
    [shop.id],
  );
  return rows.map(({ line }) => line);
}

function settle(shop: Shop, state: string, reason: string | null, limit: number): Promise<unknown> {
  return db.pool.query(
    `update event set state = $2, reason = $3, settled_at = now()
      where id in (select id from event where shop_id = $1 and state = 'pending' order by id limit $4)`,
    [shop.id, state, reason, limit],
  );
}

async function audited(shop: Shop): Promise<string[]> {
  const { rows } = await db.pool.query<{ action: string }>(
    "select action from audit_entry where shop_id = $1 and actor = $2 order by id",
    [shop.id, ACTOR],
  );
  return rows.map(({ action }) => action);
}

/** What the activity calls the entry. */
async function kindOf(shop: Shop, action: string): Promise<string | undefined> {
  const { rows } = await db.pool.query<{ kind: string }>(
    `select ${KIND_SQL.sql} as kind from audit_entry a where a.shop_id = $1 and a.action = $2`,
    [shop.id, action],
  );
  return rows[0]?.kind;
}

const replayOf = (rows: readonly bigint[], token: string | null = null) => ({
  rows,
  query: "tab=action",
  leftOut: { accepted: 1 },
  token,
});

describe("a run that sends again", () => {
  test("puts back what was refused under the ids it has, and follows it to its outcome", async () => {
    const shop = await makeShop({ db, keyring });
    const owner = { shop, actor: ACTOR };
    const rows = await refuse(shop, 3);
    await listEvents(db, shop, [
      { eventId: "accepted-1", eventTime: Math.floor(Date.now() / 1_000) },
    ]);
    const before = await idsOf(shop);
    await startWorker();
    const taken = [...rows, ...(await rowsOf(shop, "accepted"))];
    const runId = (await startReplayRun(openSender(), owner, replayOf(taken))) as bigint;
    const run = await eventually(async () => {
      const report = await readRun({ db }, shop, runId);
      return report?.canStop === false ? report : null;
    });
    expect(run).toMatchObject({
      kind: "replay",
      total: 3,
      query: "tab=action",
      leftOut: { accepted: 1 },
      totals: { accepted: 0, rejected: 0, waiting: 3, left: 0, stopped: 0 },
      isFinished: false,
    });
    expect(await rowsOf(shop, "pending")).toEqual(rows);
    await settle(shop, "accepted", null, 2);
    await settle(shop, "rejected", "still no currency", 1);
    const end = await readRun({ db }, shop, runId);
    expect(end).toMatchObject({
      totals: { accepted: 2, rejected: 1, waiting: 0, left: 0, stopped: 0 },
      isFinished: true,
    });
    expect(end?.items.at(-1)).toMatchObject({ outcome: "rejected", why: "still no currency" });
    expect(await idsOf(shop)).toEqual(before);
    expect(await audited(shop)).toEqual(["run.start", "events.replay"]);
  });

  test("leaves an event that Pinterest accepted meanwhile, and says so", async () => {
    const shop = await makeShop({ db, keyring });
    const rows = await refuse(shop, 2);
    const runId = (await startReplayRun(
      openSender(),
      { shop, actor: ACTOR },
      replayOf(rows),
    )) as bigint;
    await db.pool.query("update event set state = 'accepted' where id = $1", [rows[0]]);
    await processRun({ db, keyring, nowMs: Date.now }, runId, Number.POSITIVE_INFINITY);
    const run = await readRun({ db }, shop, runId);
    expect(run?.totals).toEqual({ accepted: 0, rejected: 0, waiting: 1, left: 1, stopped: 0 });
    expect(run?.items[0]).toMatchObject({
      outcome: "left",
      why: expect.stringContaining("accepted"),
    });
  });

  test("asked for twice by a double click, is one run; with nothing to send, none", async () => {
    const shop = await makeShop({ db, keyring });
    const owner = { shop, actor: ACTOR };
    const rows = await refuse(shop, 2);
    const sender = openSender();
    const ids = await Promise.all(
      [1, 2, 3].map(() => startReplayRun(sender, owner, replayOf(rows, "click-1"))),
    );
    expect(new Set(ids).size).toBe(1);
    const { rows: items } = await db.pool.query("select 1 from run_item where run_id = $1", [
      ids[0],
    ]);
    expect(items).toHaveLength(2);
    expect(await startReplayRun(sender, owner, replayOf([]))).toBeNull();
    const stranger = await makeShop({ db, keyring });
    const theft = { shop: stranger, actor: ACTOR };
    expect(await startReplayRun(sender, theft, replayOf(rows))).toBeNull();
  });

  test("stopped between two thousands, keeps the rest as it was", async () => {
    const shop = await makeShop({ db, keyring });
    const owner = { shop, actor: ACTOR };
    const rows = await refuse(shop, 2_500);
    const runId = (await startReplayRun(openSender(), owner, replayOf(rows))) as bigint;
    const services = { db, keyring, nowMs: () => 1 };
    expect(await processRun(services, runId, 0)).toBe("more");
    const stranger = await makeShop({ db, keyring });
    expect(await stopRun({ db }, { shop: stranger, actor: ACTOR }, runId)).toBe(false);
    expect(await stopRun({ db }, owner, runId)).toBe(true);
    expect(await stopRun({ db }, owner, runId)).toBe(true);
    expect(await processRun(services, runId, 9)).toBe("done");
    const run = await readRun({ db }, shop, runId, { page: 1 });
    expect(run?.totals).toEqual({
      accepted: 0,
      rejected: 0,
      waiting: 1_000,
      left: 0,
      stopped: 1_500,
    });
    expect(run?.items[0]?.place).toBe(50);
    expect(await rowsOf(shop, "rejected")).toHaveLength(1_500);
    expect(await audited(shop)).toEqual(["run.start", "events.replay", "run.stop"]);
    expect(await kindOf(shop, "run.stop")).toBe("send_again");
    expect(await readRun({ db }, stranger, runId)).toBeNull();
  });

  test("goes on where a killed process left it, each event once", async () => {
    const shop = await makeShop({ db, keyring });
    const rows = await refuse(shop, 3_200);
    const runId = (await startReplayRun(
      openSender(),
      { shop, actor: ACTOR },
      replayOf(rows),
    )) as bigint;
    const services = { db, keyring, nowMs: () => 1 };
    await processRun(services, runId, 0);
    // The second thousand is done, and its process is killed before it could commit.
    const killed = processRun({ ...services, db: killedBeforeCommit(db) }, runId, 0);
    await expect(killed).rejects.toThrow("killed");
    expect(await rowsOf(shop, "pending")).toHaveLength(1_000);
    await Promise.all([startWorker(), startWorker()]);
    await eventually(async () => (await readRun({ db }, shop, runId))?.canStop === false);
    expect(await rowsOf(shop, "pending")).toHaveLength(3_200);
    const { rows: entries } = await db.pool.query<{ replayed: number; left: number }>(
      `select (after->>'replayed')::int as replayed, (after->>'left')::int as "left" from audit_entry
        where shop_id = $1 and action = 'events.replay' order by id`,
      [shop.id],
    );
    expect(entries.map(({ replayed }) => replayed)).toEqual([1_000, 1_000, 1_000, 200]);
    expect(entries.every(({ left }) => left === 0)).toBe(true);
    expect(await miscounts(db)).toEqual(
      expect.not.arrayContaining([expect.objectContaining({ shop_id: shop.id })]),
    );
  });
});

function killedBeforeCommit(real: TestDatabase): Pick<TestDatabase, "pool" | "transaction"> {
  return {
    pool: real.pool,
    transaction: (work) =>
      real.transaction(async (client) => {
        await work(client);
        throw new Error("killed");
      }),
  };
}

describe("a run that sends a file", () => {
  test("gives each row to the outbox once and keeps nothing of it", async () => {
    const shop = await makeShop({ db, keyring });
    const owner = { shop, actor: ACTOR };
    const rows = [1, 2, 4].map((place) => ({
      place,
      mapped: purchase(`9${place}`, { source: "task" }),
    }));
    const left = [{ place: 0, eventName: "checkout", why: "eventTime is too old" }];
    const runId = (await startSendRun(openSender(), owner, rows, left, "events.csv")) as bigint;
    const sealed = async () => {
      const { rows: items } = await db.pool.query<{ body: Buffer | null }>(
        "select body from run_item where run_id = $1 order by place",
        [runId],
      );
      return items.map(({ body }) => body);
    };
    expect((await sealed()).map((body) => body !== null)).toEqual([false, true, true, true]);
    expect(Buffer.concat((await sealed()).flatMap((body) => body ?? [])).includes('"em"')).toBe(
      false,
    );
    await startWorker();
    await eventually(async () => (await readRun({ db }, shop, runId))?.canStop === false);
    expect(await sealed()).toEqual([null, null, null, null]);
    expect(await rowsOf(shop, "pending")).toHaveLength(3);
    expect(await readRun({ db }, shop, runId)).toMatchObject({
      kind: "send",
      fileName: "events.csv",
      total: 4,
      totals: { accepted: 0, rejected: 0, waiting: 3, left: 1, stopped: 0 },
    });
  });

  test("of large events is worked through a few at a time", async () => {
    const shop = await makeShop({ db, keyring });
    const rows = Array.from({ length: 150 }, (_, place) => {
      const mapped = purchase(`5${place}`, { source: "task" });
      return { place, mapped: { ...mapped, notes: "x".repeat(60_000) } };
    });
    const owner = { shop, actor: ACTOR };
    const runId = (await startSendRun(openSender(), owner, rows, [], "large.json")) as bigint;
    let transactions = 0;
    const counting: Pick<TestDatabase, "pool" | "transaction"> = {
      pool: db.pool,
      transaction(work) {
        transactions += 1;
        return db.transaction(work);
      },
    };
    await processRun({ db: counting, keyring, nowMs: Date.now }, runId, Infinity);
    // Nine megabytes by four, and one look that finds nothing left.
    expect(transactions).toBe(4);
    expect(await rowsOf(shop, "pending")).toHaveLength(150);
    expect(await readRun({ db }, shop, runId)).toMatchObject({ canStop: false });
  });

  test("an event that the store has already under the browser's id is followed under that", async () => {
    const shop = await makeShop({ db, keyring });
    await startSendRun(
      openSender(),
      { shop, actor: ACTOR },
      [{ place: 0, mapped: purchase("7", { eventId: "sh-browser" }) }],
      [],
      "a.json",
    );
    const runId = (await startSendRun(
      openSender(),
      { shop, actor: ACTOR },
      [{ place: 0, mapped: purchase("7") }],
      [],
      "b.json",
    )) as bigint;
    await processRun({ db, keyring, nowMs: Date.now }, runId - 1n, Number.POSITIVE_INFINITY);
    await processRun({ db, keyring, nowMs: Date.now }, runId, Number.POSITIVE_INFINITY);
    const items: unknown[] = [];
    for await (const some of readAllRunItems({ db }, shop, runId)) items.push(...some);
    expect(items).toEqual([
      {
        place: 0,
        eventId: "sh-browser",
        eventName: "checkout",
        outcome: "waiting",
        eventState: "pending",
        why: null,
      },
    ]);
    expect(await rowsOf(shop, "pending")).toHaveLength(1);
  });

  test("a row that the store had left out on purpose stays out", async () => {
    const shop = await makeShop({ db, keyring });
    await listEvents(db, shop, [
      {
        eventId: "order-8-checkout",
        state: "skipped",
        reason: "consent_refused",
        eventTime: Math.floor(Date.now() / 1_000),
      },
    ]);
    await db.pool.query("update event set source_key = '8' where shop_id = $1", [shop.id]);
    const runId = (await startSendRun(
      openSender(),
      { shop, actor: ACTOR },
      [{ place: 0, mapped: purchase("8") }],
      [],
      "c.json",
    )) as bigint;
    await processRun({ db, keyring, nowMs: Date.now }, runId, Number.POSITIVE_INFINITY);
    const run = await readRun({ db }, shop, runId);
    expect(run).toMatchObject({ totals: { left: 1 }, isFinished: true });
    expect(run?.items[0]?.why).toBe("consent_refused");
  });

  test("a row whose key is gone is left out, and its page and its file say why", async () => {
    const shop = await makeShop({ db, keyring });
    const rows = [{ place: 0, mapped: purchase("9") }];
    const owner = { shop, actor: ACTOR };
    const runId = (await startSendRun(openSender(), owner, rows, [], "d.json")) as bigint;
    const otherKey = { db, keyring: strangeKeyring(), nowMs: Date.now };
    await processRun(otherKey, runId, Number.POSITIVE_INFINITY);
    const run = await readRun({ db }, shop, runId);
    expect(run?.items.map(({ outcome, why }) => [outcome, why])).toEqual([
      ["left", "content_locked"],
    ]);
    const lines: string[] = [];
    for await (const line of exportRun({ db }, shop, runId)) lines.push(line);
    expect(lines.join("")).toContain("the key it was encrypted with is gone");
  });
});
