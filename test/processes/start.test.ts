import { execFile } from "node:child_process";
import { cp, mkdir, readdir, readFile, symlink } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDatabase } from "#app/platform/db.server.ts";
import { type AppProcess, launchApp, untilReady } from "#test/support/app-process.ts";
import { eventually } from "#test/support/poll.ts";
import { type DataFolder, makeDataFolder } from "./data-folder.ts";
import { sandboxEnv } from "./sandbox-app.ts";

const METRICS_TOKEN = "token-of-the-monitoring";
const ROOT = path.resolve(import.meta.dirname, "../..");

/** Loaded before the app: prints where each module that is loaded comes from. */
const PRINT_MODULES = `
  import { registerHooks } from "node:module";
  registerHooks({ load(url, context, nextLoad) {
    process.stderr.write("loads " + url + "\\n");
    return nextLoad(url, context);
  } });`;
const PRELOAD = `--import=data:text/javascript,${encodeURIComponent(PRINT_MODULES)}`;
/** What a worker has no use for, by what is in the paths of its modules. */
const HEAVY = ["/react/", "/react-dom/", "/@remix-run/", "/@shopify/", "/build/server/"];

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
  }
  for (const url of ["/", "/app", "/webhooks", "/auth/login", "/assets/x.js", "/healthz/x"]) {
    expect([url, await statusOf(worker, url)]).toEqual([url, 404]);
  }
  expect(await statusOf(worker, "/webhooks", { method: "POST", body: "{}" })).toBe(404);
  expect(await statusOf(web, "/webhooks", { method: "POST", body: "{}" })).toBe(401);
});

test("neither React nor Remix nor Shopify's library is loaded before somebody opens a page", async () => {
  expect(await statusOf(worker, "/app")).toBe(404);
  expect(heavyModules(worker)).toEqual([]);
  expect(heavyModules(web)).toEqual([]);
  await statusOf(web, "/app");
  expect(heavyModules(web)).toEqual(HEAVY);
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
    TRUST_PROXY: "everybody",
  });
  expect(await app.ended).toBe(1);
  const [first, ...faults] = app.output().trimEnd().split("\n");
  expect(first).toBe("The environment is not complete or not valid:");
  expect(faults.map((line) => line.trim().split(" ")[0]).sort()).toEqual([
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
  expect(app.output()).not.toMatch(/eighty|boss|not-32|loud|shop\.example|everybody/);
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
  await folder.killPostgres();
  const failing = await eventually(async () => {
    const response = await fetch(`${all.url}/readyz`);
    const { failing } = (await response.json()) as { failing?: Record<string, string> };
    return response.status === 503 ? failing : null;
  });
  expect(Object.keys(failing)).toContain("database");
  expect(await statusOf(all, "/healthz")).toBe(200);
  expect(await statusOf(worker, "/healthz")).toBe(200);
});
