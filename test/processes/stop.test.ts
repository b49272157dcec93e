import { once } from "node:events";
import http from "node:http";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Database, openDatabase } from "#app/platform/db.server.ts";
import { parseEnv } from "#app/platform/env/env.server.ts";
import { createKeyring } from "#app/platform/keyring.server.ts";
import { judge } from "#test/faults/invariants.ts";
import { type LedgerClient, startLedgerClient } from "#test/faults/ledger-client.ts";
import { observe } from "#test/faults/observation.ts";
import { type Expected, orderTraffic } from "#test/faults/order-traffic.ts";
import { makeSceneShops, type SceneShop } from "#test/faults/scene-shops.ts";
import { type LocalPinterest, startLocalPinterest } from "#test/sandbox/local-pinterest.ts";
import { orderBody } from "#test/sandbox/sample-orders.ts";
import { createRandom } from "#test/sandbox/sample-random.ts";
import { webhookHeaders } from "#test/sandbox/shopify/webhook-signing.ts";
import { type AppProcess, launchApp, startApp } from "#test/support/app-process.ts";
import {
  commitRows,
  intakeRow,
  makeShop,
  miscounts,
  purchase,
} from "#test/support/outbox-fixture.ts";
import { BROWSER, pixelBody, pixelOwner } from "#test/support/pixel-server.ts";
import { eventually } from "#test/support/poll.ts";
import { type DataFolder, makeDataFolder } from "./data-folder.ts";
import { SECRET, sandboxEnv } from "./sandbox-app.ts";
import { untilDrained } from "./until-drained.ts";

/** The app's own limit is 25 s; a supervisor's, before it kills, is 30 s as a rule. */
const STOPPED_DEADLINE_MS = 30_000;

/**
 * How long Pinterest takes for each answer of the turn that is stopped. As slow as is borne:
 * SLOW_SECONDS=9 npx vitest run --project processes test/processes/stop.test.ts
 */
const SLOW_MS = Number(process.env.SLOW_SECONDS ?? 2) * 1_000;

let folder: DataFolder;
let pinterest: LocalPinterest;
let app: AppProcess;
let shops: SceneShop[];
let expected: Map<string, Expected>;
let env: Record<string, string>;
let client: LedgerClient | null;

beforeEach(async () => {
  folder = await makeDataFolder({ isPrepared: true });
  pinterest = await startLocalPinterest({ latencyMs: 100 });
  env = sandboxEnv(pinterest, { DATA_DIR: folder.dataDir });
  client = null;
  expected = new Map();
  app = await startApp(env);
  // Closed again, so that the app is the last one in the database when it leaves.
  shops = await withDatabase((db) => makeSceneShops({ db, env }, 3));
});
afterEach(async () => {
  await client?.close();
  await app.kill("SIGKILL");
  await pinterest.close();
  await folder.remove();
});

async function withDatabase<T>(work: (db: Database) => Promise<T>): Promise<T> {
  const db = await openDatabase({ DATA_DIR: folder.dataDir });
  return work(db).finally(() => db.close());
}

function startLoad(): LedgerClient {
  client = startLedgerClient({
    secret: SECRET,
    urls: [app.url],
    file: path.join(folder.dataDir, "..", "acknowledged"),
    next: orderTraffic(shops, createRandom(1), expected),
    connections: 24,
    pauseMs: 0,
  });
  return client;
}

/** The exit code, once the process is gone; throws when it is not within its limit. */
async function untilStopped(): Promise<number | null> {
  let code: { value: number | null } | undefined;
  void app.ended.then((value) => {
    code = { value };
  });
  return (await eventually(() => code, { deadlineMs: STOPPED_DEADLINE_MS })).value;
}

interface OpenRequest {
  /** Sends the body, and gives the status of the answer. */
  finish(): Promise<number | undefined>;
}

function openWebhook(id: number): Promise<OpenRequest> {
  const body = JSON.stringify(orderBody({ id, lineCount: 1 }));
  const shop = shops[0]?.domain ?? "";
  const headers = webhookHeaders({ topic: "orders/create", shop, secret: SECRET, body });
  return openRequest("/webhooks", headers, body);
}

/** A request whose headers the app has read, and says so, and whose body is still on its way. */
async function openRequest(
  target: string,
  headers: Record<string, string>,
  body: string,
): Promise<OpenRequest> {
  const size = { "content-length": Buffer.byteLength(body), expect: "100-continue" };
  const request = http.request(app.url + target, {
    method: "POST",
    headers: { ...headers, ...size },
  });
  request.flushHeaders();
  await once(request, "continue");
  return {
    async finish() {
      request.end(body);
      const [response] = (await once(request, "response")) as [http.IncomingMessage];
      response.resume();
      return response.statusCode;
    },
  };
}

/** The first body of a browser starts the thread that stores them; a bot's leaves nothing. */
async function startPixelThread(body: string): Promise<void> {
  const headers = { "content-type": "text/plain", "user-agent": "Googlebot/2.1" };
  await eventually(async () => {
    const { status } = await fetch(`${app.url}/pixel`, { method: "POST", headers, body });
    return status === 202;
  });
}

test("under load SIGTERM answers every webhook it was sent, ends with 0, and stops Postgres", async () => {
  const load = startLoad();
  await load.untilMore(200);
  const signalledAt = Date.now();
  process.kill(app.pid, "SIGTERM");
  expect(await untilStopped()).toBe(0);
  expect(await folder.postmasterPid()).toBeNull();

  const tries = load.sent.flatMap((order) => order.tries);
  const before = tries.filter(({ startedAt }) => startedAt < signalledAt);
  const after = tries.filter(({ startedAt }) => startedAt >= signalledAt);
  expect(before.filter(({ status }) => status !== 200)).toEqual([]);
  const proper = [200, 503, null];
  expect(after.filter(({ status }) => !proper.includes(status))).toEqual([]);

  app = await startApp({ ...env, PORT: new URL(app.url).port });
  await load.finish();
  await withDatabase(async (db) => {
    await untilDrained(db);
    const observed = await observe(
      { db, pinterest, deaths: [], apps: [] },
      { shops, expected, client: load },
    );
    expect(judge(observed)).toEqual([]);
  });
});

test("while webhooks and a browser's event are still coming in the app drains: it says so, and then stores them", async () => {
  const owner = await withDatabase((db) => pixelOwner(db, shops[0]?.domain ?? ""));
  const told = pixelBody(owner, "checkout_started", { data: { checkout: { token: "c-1" } } });
  const ofBrowser = { "content-type": "text/plain", "user-agent": BROWSER };
  await startPixelThread(JSON.stringify(told));
  const open = await Promise.all([
    openWebhook(1_001),
    openWebhook(1_002),
    openRequest("/pixel", ofBrowser, JSON.stringify(told)),
  ]);
  process.kill(app.pid, "SIGTERM");
  await eventually(() => app.output().includes('"stopping"'));
  const readiness = await fetch(`${app.url}/readyz`);
  expect([readiness.status, await readiness.json()]).toEqual([
    503,
    { failing: { draining: "the process is stopping" } },
  ]);
  expect(await Promise.all(open.map((request) => request.finish()))).toEqual([200, 200, 202]);
  expect(await untilStopped()).toBe(0);

  const stored = await withDatabase((db) =>
    db.pool.query(
      "select coalesce(order_id, source_key) as of from event union all select visit_key from visit order by 1",
    ),
  );
  const expectedRows = ["1001", "1002", "c-1", "checkout:c-1"];
  expect(stored.rows.map((row) => row.of)).toEqual(expectedRows);
});

test("in the middle of a turn of many slow requests SIGTERM begins no other, and nothing goes twice", async () => {
  const adAccountId = "549700000032";
  await withDatabase(async (db) => {
    const keyring = createKeyring(parseEnv(env).ENCRYPTION_KEYS);
    pinterest.fail({ kind: "latency", ms: SLOW_MS, adAccountId });
    // One ad account of many stores: a request for each, all in one turn.
    const all = await Promise.all(
      Array.from({ length: 32 }, () => makeShop({ db, keyring }, { adAccountId })),
    );
    await commitRows(
      { db, keyring },
      all.map((shop, n) => intakeRow(shop, purchase(`${3_200 + n}`))),
    );
    await db.pool.query("update due_account set next_at = now()");
  });
  const { ledger } = pinterest;
  const ofTurn = () => ledger.requests.filter((request) => request.adAccountId === adAccountId);
  await eventually(() => ofTurn().length >= 2);
  const signalledAt = Date.now();
  process.kill(app.pid, "SIGTERM");
  expect(await untilStopped()).toBe(0);
  const begun = ofTurn().filter(({ at }) => at > signalledAt + SLOW_MS / 2);
  console.log(`answers of ${SLOW_MS} ms: ended ${Date.now() - signalledAt} ms after SIGTERM`);
  expect(begun).toEqual([]);
  expect(ledger.duplicates).toBe(0);

  pinterest.heal();
  app = await startApp(env);
  await withDatabase(async (db) => {
    await untilDrained(db);
    expect(await miscounts(db)).toEqual([]);
  });
  expect([ledger.acceptedCount, ledger.duplicates]).toEqual([32, 0]);
});

/** Loaded before the app: the first load of the queue fails, so the worker starts a second later. */
const SLOW_WORKER = `
  import { registerHooks } from "node:module";
  let isFirst = true;
  registerHooks({ load(url, context, nextLoad) {
    if (!isFirst || !url.includes("/pg-boss/")) return nextLoad(url, context);
    isFirst = false;
    throw new Error("EMFILE: too many open files");
  } });`;

test("a signal while the worker is still being started ends the process as any other does", async () => {
  const preload = `--import=data:text/javascript,${encodeURIComponent(SLOW_WORKER)}`;
  const starting = await launchApp({ ...env, DATABASE_URL: folder.databaseUrl }, [preload]);
  await eventually(() => starting.output().includes("is started again"), { deadlineMs: 60_000 });
  expect(await starting.kill("SIGTERM")).toBe(0);
  expect(starting.output()).toContain("stopped");
});
