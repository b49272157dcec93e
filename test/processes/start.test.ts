import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cp, mkdir, readdir, readFile, symlink } from "node:fs/promises";
import path from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDatabase } from "#app/platform/db.server.ts";
import { parseEnv } from "#app/platform/env/env.server.ts";
import { orderBody } from "#test/sandbox/sample-orders.ts";
import { webhookHeaders } from "#test/sandbox/shopify/webhook-signing.ts";
import { type AppProcess, launchApp, untilReady } from "#test/support/app-process.ts";
import { BROWSER, type PixelOwner, pixelBody, pixelOwner } from "#test/support/pixel-server.ts";
import { eventually } from "#test/support/poll.ts";
import { type DataFolder, makeDataFolder } from "./data-folder.ts";
import { makeShops, SECRET, sandboxEnv } from "./sandbox-app.ts";

const METRICS_TOKEN = "token-of-the-monitoring";
const METRICS = { authorization: `Bearer ${METRICS_TOKEN}` };
const ROOT = path.resolve(import.meta.dirname, "../..");

/**
 * Loaded before the app: prints where each module that is loaded comes from, and fails the first of
 * Remix's and of the queue's, as where there are too many open files for a moment.
 */
const PRINT_MODULES = `
  import { registerHooks } from "node:module";
  const failing = ["/@remix-run/server-runtime/", "/pg-boss/"];
  registerHooks({ load(url, context, nextLoad) {
    process.stderr.write("loads " + url + "\\n");
    const at = failing.findIndex((part) => url.includes(part));
    if (at !== -1) {
      failing.splice(at, 1);
      throw new Error("EMFILE: too many open files");
    }
    return nextLoad(url, context);
  } });`;
const PRELOAD = `--import=data:text/javascript,${encodeURIComponent(PRINT_MODULES)}`;
/** What a worker has no use for, by what is in the paths of its modules. */
const HEAVY = ["/react/", "/react-dom/", "/@remix-run/", "/@shopify/", "/build/server/"];

/** Where secrets have no defaults. */
const PRODUCTION = {
  SHOPIFY_API_KEY: "key",
  SHOPIFY_API_SECRET: "a-secret-that-nobody-knows",
  SHOPIFY_APP_URL: "https://pinrelay.example",
  SCOPES: "read_orders",
  ENCRYPTION_KEYS: `one:${randomBytes(32).toString("base64")}`,
  HOST: "127.0.0.1",
};

let folder: DataFolder;
let env: Record<string, string>;
let all: AppProcess;
let web: AppProcess;
let worker: AppProcess;

/** Three processes at once, in a folder where nothing is yet. */
beforeAll(async () => {
  folder = await makeDataFolder();
  env = sandboxEnv({ url: "http://127.0.0.1:9/v5" }, { DATA_DIR: folder.dataDir });
  [all, web, worker] = await Promise.all([
    launchApp(env),
    launchApp({ ...env, PINRELAY_ROLE: "web", METRICS_TOKEN }, [PRELOAD]),
    launchApp({ ...env, PINRELAY_ROLE: "worker" }, [PRELOAD]),
  ]);
  await Promise.all([all, web, worker].map(untilReady));
});
afterAll(async () => {
  await Promise.all([all, web, worker].map((app) => app?.kill("SIGKILL")));
  await folder.remove();
});

async function statusOf(app: AppProcess, url: string, init: RequestInit = {}): Promise<number> {
  const response = await fetch(`${app.url}${url}`, { redirect: "manual", ...init });
  await response.arrayBuffer();
  return response.status;
}

function heavyModules(app: AppProcess): string[] {
  const loaded = app.output().match(/(?<=^loads ).*$/gm) ?? [];
  return HEAVY.filter((part) => loaded.some((url) => url.includes(part)));
}

test("three processes that start at once on an empty folder apply each migration once", async () => {
  const names = (await readdir(path.join(ROOT, "prisma/migrations"), { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  const db = await openDatabase({ DATA_DIR: folder.dataDir });
  const { rows } = await db.pool.query(
    "select migration_name as name from _prisma_migrations order by 1",
  );
  await db.close();
  expect(rows).toEqual(names.sort().map((name) => ({ name })));
});

/** As Linux names them. */
async function threadsOf({ pid }: AppProcess): Promise<string[]> {
  const folder = `/proc/${pid}/task`;
  const ids = await readdir(folder);
  const names = await Promise.all(ids.map((id) => readFile(`${folder}/${id}/comm`, "utf8")));
  return names.map((name) => name.trim());
}

test("what stores webhooks is there before the first of them, and only where they are taken", async () => {
  expect(await threadsOf(all)).toContain("intake");
  expect(await threadsOf(web)).toContain("intake");
  expect(await threadsOf(worker)).not.toContain("intake");
});

test("a worker answers its three paths, and no other", async () => {
  for (const url of ["/healthz", "/readyz", "/metrics"]) {
    expect([url, await statusOf(worker, url)]).toEqual([url, 200]);
    expect([url, await statusOf(worker, url, { method: "POST" })]).toEqual([url, 405]);
  }
  for (const url of ["/", "/app", "/webhooks", "/auth/login", "/assets/x.js", "/healthz/x"]) {
    expect([url, await statusOf(worker, url)]).toEqual([url, 404]);
  }
  expect(await statusOf(worker, "/webhooks", { method: "POST", body: "{}" })).toBe(404);
  expect(await statusOf(web, "/webhooks", { method: "POST", body: "{}" })).toBe(401);
  for (const method of ["POST", "OPTIONS"]) {
    expect(await statusOf(worker, "/pixel", { method })).toBe(404);
  }
});

test("what a browser tells is stored by a thread of its own, which starts with the first of it", async () => {
  const db = await openDatabase({ DATA_DIR: folder.dataDir });
  const [shop] = await makeShops(db, env, 1);
  const owner = await pixelOwner(db, shop?.domain ?? "");
  const body = (of: PixelOwner) =>
    JSON.stringify(pixelBody(of, "checkout_started", { data: { checkout: { token: "c-1" } } }));
  const ask = async (init: RequestInit) => {
    const response = await fetch(`${web.url}/pixel`, init);
    // Each answer has its own of these.
    const { date: _date, "x-request-id": _id, ...rest } = Object.fromEntries(response.headers);
    return { status: response.status, headers: rest, text: await response.text() };
  };
  expect(await ask({ method: "OPTIONS" })).toMatchObject({
    status: 204,
    headers: { "access-control-allow-origin": "*", "x-content-type-options": "nosniff" },
  });
  expect(await threadsOf(web)).not.toContain("pixel");
  const headers = { "content-type": "text/plain", "user-agent": BROWSER };
  const sent = (of: PixelOwner) => ask({ method: "POST", headers, body: body(of) });
  const good = await sent(owner);
  expect(good.status).toBe(202);
  expect(await threadsOf(web)).toContain("pixel");
  expect(await sent({ ...owner, pixelKey: "wrong" })).toEqual(good);
  expect(await sent({ ...owner, domain: "nobody.myshopify.com" })).toEqual(good);
  const { rows } = await db.pool.query("select visit_key from visit");
  expect(rows).toEqual([{ visit_key: "checkout:c-1" }]);
  expect(await (await fetch(`${web.url}/metrics`, { headers: METRICS })).text()).toMatch(
    /pixel_received_total\{result="unknown"\} 2/,
  );
  await db.close();
});

const readinessOf = async ({ url }: AppProcess) => (await fetch(`${url}/readyz`)).json();

test("who is ready says how long the oldest webhook has been in hand", async () => {
  const db = await openDatabase({ DATA_DIR: folder.dataDir });
  const [shop] = await makeShops(db, env, 1);
  const ageOver = (seconds: number) =>
    eventually(async () => {
      const { oldest_webhook_age_seconds: age } = await readinessOf(web);
      return age > seconds ? (age as number) : null;
    });
  const body = JSON.stringify(orderBody({ id: 1, lineCount: 1 }));
  const named = { topic: "orders/create", shop: shop?.domain ?? "", secret: SECRET, body };
  let answer: Promise<number> | undefined;
  await db.transaction(async (client) => {
    await client.query("lock table receipt in access exclusive mode");
    answer = statusOf(web, "/webhooks", { method: "POST", headers: webhookHeaders(named), body });
    await ageOver(await ageOver(0));
  });
  // Stored, or given up: nobody has it in hand any more.
  expect(await answer).toBeGreaterThan(0);
  expect(await readinessOf(web)).toMatchObject({ oldest_webhook_age_seconds: 0 });
  await db.close();
});

test("a worker that is ready says how long ago it claimed, and nobody else does", async () => {
  const ready = { status: "ready", oldest_webhook_age_seconds: 0 };
  expect(await readinessOf(web)).toEqual(ready);
  for (const app of [worker, all]) {
    const { last_claim_age_seconds: age, ...rest } = await readinessOf(app);
    expect(rest).toEqual(ready);
    expect(age).toBeGreaterThanOrEqual(0);
    expect(age).toBeLessThan(60);
  }
});

test("OpenTelemetry is loaded where the environment asks for it, and nowhere else", async () => {
  expect(await statusOf(web, "/webhooks", { method: "POST", body: "{}" })).toBe(401);
  for (const app of [web, worker]) {
    // prom-client itself loads the interface, which does nothing.
    const SDK = /^loads .*(@opentelemetry\/(?!api\/)|open-telemetry\.server).*/gm;
    expect(app.output()).toContain("/app/platform/telemetry/start-telemetry.server.ts");
    expect(app.output().match(SDK)).toBeNull();
  }
});

test("neither React nor Remix nor Shopify's library is loaded before somebody opens a page", async () => {
  expect(await statusOf(worker, "/app")).toBe(404);
  expect(heavyModules(worker)).toEqual([]);
  expect(heavyModules(web)).toEqual([]);
  // A load that failed is tried again with the next page.
  expect(await statusOf(web, "/app")).toBe(500);
  expect(await statusOf(web, "/app")).toBeLessThan(500);
  expect(heavyModules(web)).toEqual(HEAVY);
});

test("without METRICS_TOKEN the metrics are for this machine alone, and for no proxy on it", async () => {
  const names = [
    "x-forwarded-proto",
    "x-original-forwarded-for",
    "true-client-ip",
    "cdn-loop",
    "via",
  ];
  for (const name of names) {
    const headers = { [name]: "203.0.113.1" };
    expect([name, await statusOf(worker, "/metrics", { headers })]).toEqual([name, 403]);
  }
});

test("with METRICS_TOKEN the metrics are for its bearer alone", async () => {
  const asBearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
  expect(await statusOf(web, "/metrics")).toBe(403);
  expect(await statusOf(web, "/metrics", asBearer("another"))).toBe(403);
  expect(await statusOf(web, "/metrics", asBearer(METRICS_TOKEN))).toBe(200);
});

test("a wrong environment ends the start with one message that names all that is wrong", async () => {
  const app = await launchApp({
    PORT: "eighty",
    PINRELAY_ROLE: "boss",
    ENCRYPTION_KEYS: "k1:not-32-bytes",
    LOG_LEVEL: "loud",
    SHOPIFY_API_KEY: "",
    SHOPIFY_APP_URL: "http://shop.example",
    PINTEREST_CLIENT_ID: "1",
    TRUST_PROXY: "010.1",
  });
  expect(await app.ended).toBe(1);
  const [first, ...faults] = app.output().trimEnd().split("\n");
  expect(first).toBe("The environment is not complete or not valid:");
  expect(faults.map((line) => line.trim().split(" ")[0]).sort()).toEqual([
    "DATABASE_URL",
    "ENCRYPTION_KEYS",
    "LOG_LEVEL",
    "PINRELAY_ROLE",
    "PINTEREST_CLIENT_SECRET",
    "PORT",
    "SCOPES",
    "SHOPIFY_API_KEY",
    "SHOPIFY_API_SECRET",
    "SHOPIFY_APP_URL",
    "TRUST_PROXY",
  ]);
  expect(app.output()).not.toMatch(/eighty|boss|not-32|loud|shop\.example|010\.1/);
});

/** What a start that fails prints besides its log, and whether it left a Postgres running. */
async function failToStart(changes: Record<string, string>): Promise<string[]> {
  const place = await makeDataFolder();
  try {
    const app = await launchApp({ ...env, DATA_DIR: place.dataDir, ...changes });
    expect(await app.ended).toBe(1);
    expect(await place.postmasterPid()).toBeNull();
    return app
      .output()
      .trimEnd()
      .split("\n")
      .filter((line) => !line.startsWith("{"));
  } finally {
    await place.remove();
  }
}

test("a port that is taken ends the start with one sentence, and leaves no Postgres behind", async () => {
  const { port } = new URL(all.url);
  expect(await failToStart({ PORT: port })).toEqual([
    `Port ${port} of 127.0.0.1 is taken by another process: stop that, or set PORT to another one.`,
  ]);
});

test.each(["web", "worker"])(
  "a %s with other keys than the database's ends its start with one sentence",
  async (PINRELAY_ROLE) => {
    const right = parseEnv(env).ENCRYPTION_KEYS[0];
    const lines = async (ENCRYPTION_KEYS: string) => {
      const app = await launchApp({ ...env, PINRELAY_ROLE, ENCRYPTION_KEYS });
      expect(await app.ended).toBe(1);
      return app
        .output()
        .trimEnd()
        .split("\n")
        .filter((line) => !line.startsWith("{"));
    };
    const bytes = randomBytes(32).toString("base64");
    expect(await lines(`${right.id}:${bytes}`)).toEqual([
      `The key ${right.id} in ENCRYPTION_KEYS is not the one that this database was encrypted with: give the right one under that name.`,
    ]);
    expect(await lines(`another:${bytes}`)).toEqual([
      expect.stringMatching(
        `^ENCRYPTION_KEYS lacks the key ${right.id}, which is still needed by `,
      ),
    ]);
  },
);

test("a DATA_DIR that can't be made ends the start at once with one sentence", async () => {
  const [line, ...others] = await failToStart({ DATA_DIR: "/proc/x" });
  expect(line).toMatch(/^DATA_DIR \/proc\/x cannot be used \(ENOENT: .*\): set it to a folder /);
  expect(others).toEqual([]);
});

test("a HOST that is no address of this machine ends the start with one sentence", async () => {
  const [line, ...others] = await failToStart({
    ...PRODUCTION,
    SHOPIFY_SANDBOX_URL: "",
    HOST: "no-such-host.invalid",
  });
  expect(line).toMatch(/^HOST no-such-host\.invalid is no address of this machine/);
  expect(others).toEqual([]);
});

test("a database that cannot be reached, is not there or does not let us in ends the start with one sentence", async () => {
  const { databaseUrl } = folder;
  const reasons = {
    "postgresql://a:secret@127.0.0.1:1/b": /cannot be reached \(ECONNREFUSED\)/,
    "postgresql://a:secret@127.0.0.1:1/b?sslrootcert=/nowhere": /names a file that can't be read/,
    [`${databaseUrl}&sslmode=verify-full`]: /speaks no TLS, for which sslmode asks\. .* says which/,
    [databaseUrl.replace("/postgres?", "/missing?")]:
      /database "missing" does not exist\. Create it/,
    [databaseUrl.replace("//postgres@", "//stranger@")]: /role "stranger" does not exist/,
  };
  for (const [DATABASE_URL, reason] of Object.entries(reasons)) {
    const [line, ...others] = await failToStart({ DATABASE_URL });
    expect(line).toMatch(reason);
    expect(others).toEqual([]);
    expect(line).not.toContain("secret");
  }
});

test("a database in which somebody else has such tables, or where we may make none, is named", async () => {
  const admin = new pg.Client({ connectionString: folder.databaseUrl });
  await admin.connect();
  await admin.query("create database half");
  await admin.query("create database closed");
  await admin.query("create role guest login");
  const half = new pg.Client({
    connectionString: folder.databaseUrl.replace("/postgres?", "/half?"),
  });
  await half.connect();
  await half.query("create table shop (id int)");
  await Promise.all([half.end(), admin.end()]);
  const DATABASE_URL = folder.databaseUrl.replace("/postgres?", "/half?");
  expect(await failToStart({ DATABASE_URL })).toEqual([
    'Migration 20261124060000_create_tables does not fit what is in the database (relation "shop" already exists): restore the database whole, or start with an empty one',
  ]);
  const asGuest = DATABASE_URL.replace("//postgres@", "//guest@").replace("/half?", "/closed?");
  const [line, ...others] = await failToStart({ DATABASE_URL: asGuest });
  expect(line).toMatch(/permission denied for schema public\. Run as .*: grant create on database/);
  expect(others).toEqual([]);
});

test("outside sandbox mode an embedded database must be asked for, and says what it means", async () => {
  const refused = await launchApp(PRODUCTION);
  expect(await refused.ended).toBe(1);
  expect(refused.output()).toMatch(/^.+:\n {2}DATABASE_URL is missing: .* or set DATA_DIR .*\n$/);
  const place = await makeDataFolder();
  const app = await launchApp({ ...PRODUCTION, DATA_DIR: place.dataDir });
  await untilReady(app).finally(() => app.kill("SIGKILL"));
  await place.remove();
  expect(app.output()).toContain(
    "DATABASE_URL is not set: the database lives in this folder alone",
  );
});

test("without a build the start ends, and says how to make one", async () => {
  const copy = path.join(folder.dataDir, "..", "unbuilt");
  await mkdir(copy);
  for (const name of ["app", "prisma", "package.json"]) {
    await cp(path.join(ROOT, name), path.join(copy, name), { recursive: true });
  }
  await symlink(path.join(ROOT, "node_modules"), path.join(copy, "node_modules"));
  const ended = new Promise<{ code: unknown; text: string }>((resolve) => {
    const options = { cwd: copy, env: { ...env, PATH: "/usr/bin:/bin", PORT: "0" } };
    execFile(process.execPath, ["app/server.ts"], options, (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, text: stdout + stderr });
    });
  });
  const { code, text } = await ended;
  expect(text).toContain("The admin is not built. Run: npm run build");
  expect(code).toBe(1);
});

test("without its database the app says so on /readyz, and lives on", async () => {
  await folder.crashPostgres();
  // Each check is kept for a second, so that they do not fail at one moment.
  const failing = await eventually(async () => {
    const response = await fetch(`${all.url}/readyz`);
    const { failing } = (await response.json()) as { failing?: Record<string, string> };
    return response.status === 503 && Object.keys(failing ?? {}).length === 3 ? failing : null;
  });
  expect(failing).toEqual({
    database: "the database took no write within 1 s",
    intake: "what stores webhooks got no write done within 2 s",
    migrations: "not known: the database gave no answer within 1 s",
  });
  expect(await statusOf(all, "/healthz")).toBe(200);
  expect(await statusOf(worker, "/healthz")).toBe(200);
});
