import { setTimeout as wait } from "node:timers/promises";
import { expect, type TestContext, test } from "vitest";
import { type Database, openDatabase } from "#app/platform/db.server.ts";
import { type LocalPinterest, startLocalPinterest } from "#test/sandbox/local-pinterest.ts";
import { createRandom, type Random } from "#test/sandbox/sample-random.ts";
import { type AppProcess, freePort, launchApp, untilReady } from "#test/support/app-process.ts";
import { eventually } from "#test/support/poll.ts";
import { checkLedgers, untilDrained } from "./check-ledgers.ts";
import { type DataFolder, makeDataFolder } from "./data-folder.ts";
import { type LedgerClient, type Order, startLedgerClient } from "./ledger-client.ts";
import { makeShops, type SandboxShop, SECRET, sandboxEnv } from "./sandbox-app.ts";

const SEED = 20_261_124;
/** So slow that at most moments some batch is under way. */
const PINTEREST = { latencyMs: 250, keepEvents: false };
const LOAD = { secret: SECRET, connections: 16, pauseMs: 40 };
const SHOPS = 24;

interface Battlefield {
  folder: DataFolder;
  pinterest: LocalPinterest;
  db: Database;
  shops: SandboxShop[];
  /** Starts the app without waiting until it is ready. */
  launch(own: Record<string, string>): Promise<AppProcess>;
  startLoad(urls: readonly string[]): LedgerClient;
}

/** A database, shops and a Pinterest of the test's own: the tests of this file run side by side. */
async function openBattlefield(
  onTestFinished: TestContext["onTestFinished"],
): Promise<Battlefield> {
  const folder = await makeDataFolder();
  const pinterest = await startLocalPinterest(PINTEREST);
  const db = await openDatabase({ DATA_DIR: folder.dataDir });
  const env = sandboxEnv(pinterest, { DATA_DIR: folder.dataDir });
  const running: AppProcess[] = [];
  let client: LedgerClient | null = null;
  onTestFinished(async () => {
    await client?.close();
    for (const app of running) await app.kill("SIGKILL");
    await db.close();
    await pinterest.close();
    await folder.remove();
  });
  const shops = await makeShops(db, env, SHOPS);
  return {
    folder,
    pinterest,
    db,
    shops,
    async launch(own) {
      const app = await launchApp({ ...env, ...own });
      running.push(app);
      return app;
    },
    startLoad(urls) {
      client = startLedgerClient({ ...LOAD, urls, shops: shops.map(({ domain }) => domain) });
      return client;
    },
  };
}

/** Lets the load go on for a while that the seed decides: so many orders, and a moment more. */
async function untilSomeMoment(random: Random, load: LedgerClient): Promise<void> {
  await load.untilMore(random.integer(40, 160));
  await wait(random.integer(0, 40));
}

/** Pinterest has a batch in hand: killed now, the app never learns what became of it. */
async function untilBatchIsUnderWay({ ledger }: LocalPinterest): Promise<void> {
  await eventually(() => ledger.requests.some(({ status }) => status === null));
}

function isCutOff({ tries }: Order): boolean {
  return tries.some(({ status }) => status === null);
}

function strangeAnswers({ sent }: LedgerClient): (number | null)[] {
  const statuses = sent.flatMap(({ tries }) => tries.map(({ status }) => status));
  return statuses.filter((status) => status !== 200 && status !== 503 && status !== null);
}

test.concurrent("the app may be killed again and again under load: each order arrives, and once", async ({
  onTestFinished,
}) => {
  const { db, pinterest, shops, launch, startLoad } = await openBattlefield(onTestFinished);
  const random = createRandom(SEED);
  const own = { PORT: String(await freePort()) };
  let app = await launch(own);
  await untilReady(app);
  const load = startLoad([app.url]);
  const kills = 5;
  for (let kill = 0; kill < kills; kill += 1) {
    await untilSomeMoment(random, load);
    if (kill % 2 === 0) await untilBatchIsUnderWay(pinterest);
    await app.kill("SIGKILL");
    app = await launch(own);
    // One of them does not even get up.
    if (kill === 2) {
      await wait(random.integer(0, 1_500));
      await app.kill("SIGKILL");
      app = await launch(own);
    }
    await untilReady(app);
  }
  await load.untilMore(100);
  await load.finish();
  await untilDrained(db);

  await checkLedgers(db, pinterest, shops, { ...load, hidden: kills });
  expect(load.sent.filter(isCutOff).length).toBeGreaterThan(0);
  expect(pinterest.ledger.duplicates).toBeGreaterThan(0);
  expect(strangeAnswers(load)).toEqual([]);
});

test.concurrent("web and worker processes on one database may be killed one by one, or together", async ({
  onTestFinished,
}) => {
  const { folder, db, pinterest, shops, launch, startLoad } = await openBattlefield(onTestFinished);
  const random = createRandom(SEED + 1);
  const onDatabase = { DATABASE_URL: folder.databaseUrl };
  const web = { ...onDatabase, PINRELAY_ROLE: "web", PORT: String(await freePort()) };
  const worker = { ...onDatabase, PINRELAY_ROLE: "worker", PORT: String(await freePort()) };
  const apps = { web: await launch(web), worker: await launch(worker) };
  await Promise.all([untilReady(apps.web), untilReady(apps.worker)]);
  const load = startLoad([apps.web.url]);
  const victims = ["worker", "web", "worker", "both", "web", "worker"];
  for (const victim of victims) {
    await untilSomeMoment(random, load);
    if (victim === "worker") await untilBatchIsUnderWay(pinterest);
    const killed = (["web", "worker"] as const).filter((name) => [name, "both"].includes(victim));
    await Promise.all(killed.map((name) => apps[name].kill("SIGKILL")));
    for (const name of killed) apps[name] = await launch(name === "web" ? web : worker);
    await Promise.all(killed.map((name) => untilReady(apps[name])));
  }
  await load.untilMore(100);
  await load.finish();
  await untilDrained(db);

  await checkLedgers(db, pinterest, shops, { ...load, hidden: victims.length });
  expect(load.sent.filter(isCutOff).length).toBeGreaterThan(0);
  expect(pinterest.ledger.duplicates).toBeGreaterThan(0);
  expect(strangeAnswers(load)).toEqual([]);
});

test.concurrent("when Postgres is killed together with the app, nothing that was acknowledged is lost", async ({
  onTestFinished,
}) => {
  const { folder, db, pinterest, shops, launch, startLoad } = await openBattlefield(onTestFinished);
  const random = createRandom(SEED + 2);
  const own = { PORT: String(await freePort()) };
  let app = await launch(own);
  await untilReady(app);
  const load = startLoad([app.url]);
  await untilSomeMoment(random, load);
  await Promise.all([folder.killPostgres(), app.kill("SIGKILL")]);
  app = await launch(own);
  await untilReady(app);
  await load.untilMore(100);

  // And alone: the app lives on without a database, and asks Shopify to come again.
  await folder.killPostgres();
  await eventually(() => load.sent.some(({ tries }) => tries.at(-1)?.status === 503));
  await app.kill("SIGTERM");
  app = await launch(own);
  await untilReady(app);
  await load.untilMore(100);
  await load.finish();
  await untilDrained(db);

  await checkLedgers(db, pinterest, shops, { ...load, hidden: 2 });
  expect(strangeAnswers(load)).toEqual([]);
});
