import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Database, openDatabase } from "#app/platform/db.server.ts";
import { createApiKey } from "#app/shops/api-keys/create-api-key.server.ts";
import { type LocalPinterest, startLocalPinterest } from "#test/sandbox/local-pinterest.ts";
import { type AppProcess, startApp } from "#test/support/app-process.ts";
import { statesOf } from "#test/support/outbox-fixture.ts";
import { eventually } from "#test/support/poll.ts";
import { type DataFolder, makeDataFolder } from "./data-folder.ts";
import { makeShops, type SandboxShop, sandboxEnv } from "./sandbox-app.ts";

const EMAIL = "canary.shopper@example.com";

let folder: DataFolder;
let pinterest: LocalPinterest;
let app: AppProcess;
let db: Database;
let shop: SandboxShop;
let key: string;

beforeAll(async () => {
  folder = await makeDataFolder();
  pinterest = await startLocalPinterest();
  const env = sandboxEnv(pinterest, { DATA_DIR: folder.dataDir });
  app = await startApp(env);
  db = await openDatabase({ DATA_DIR: folder.dataDir });
  [shop] = (await makeShops(db, env, 1)) as [SandboxShop];
  key = await createApiKey({ db }, { domain: shop.domain, name: "test", actor: "test" });
});
afterAll(async () => {
  await db?.close();
  await app?.kill("SIGKILL");
  await pinterest?.close();
  await folder?.remove();
});

const post = (input: unknown, method = "POST") =>
  fetch(`${app.url}/api/v1/tasks`, {
    method,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: typeof input === "string" ? input : JSON.stringify(input),
  });

test("an event posted to the app is at Pinterest when the answer says so", async () => {
  const response = await post({ email: EMAIL, value: "5", waitSeconds: 30 });
  const { results } = await response.json();
  expect(response.status).toBe(200);
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(results[0].status).toBe("accepted");
  expect(pinterest.ledger.accepted.map(({ event }) => event)).toEqual([results[0].event]);
});

test("the address takes POST alone, and a body of 24 MiB at most", async () => {
  for (const answer of [await fetch(`${app.url}/api/v1/tasks`), await post({}, "PUT")]) {
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "POST"]);
  }
  // Larger than what a page may post: the limit is the API's own.
  const large = await post({ email: EMAIL, demoMode: true, orderId: "x".repeat(2 * 1024 * 1024) });
  expect([large.status, (await large.json()).error.fields[0].path]).toEqual([400, "orderId"]);
  const tooLarge = await post(" ".repeat(24 * 1024 * 1024 + 1));
  expect([tooLarge.status, (await tooLarge.json()).error.code]).toEqual([413, "invalid_input"]);
});

const MIB = 1024 * 1024;
const repeat = <Item>(count: number, item: (n: number) => Item): Item[] =>
  Array.from({ length: count }, (_, n) => item(n));
const DEFAULTS = {
  email: EMAIL,
  phone: "+14155550123",
  firstName: "Jane",
  city: "Berlin",
  country: "DE",
  clientUserAgent: "M".repeat(1_000),
};
const page = `https://x.example/${"p".repeat(2_000)}`;
const named = repeat(10_000, (n) => ({ eventId: `m-${n}` }));
const product = { id: "p".repeat(200) };

/** Requests that are small, and what they say large: once for all events, in many parts, or wrong. */
const UNFOLDING: [string, number, object][] = [
  ["defaults in each of ten thousand", 200, { ...DEFAULTS, demoMode: true, events: named }],
  ["the same, stored", 200, { ...DEFAULTS, events: named }],
  ["defaults of more than 24 MiB", 400, { ...DEFAULTS, eventSourceUrl: page, events: named }],
  ["products for all", 400, { contents: repeat(500, () => product), events: named }],
  [
    "many products in each",
    200,
    {
      demoMode: true,
      email: EMAIL,
      events: repeat(1_000, (n) => ({
        eventId: `p-${n}`,
        contents: repeat(450, () => ({ id: "p" })),
      })),
    },
  ],
  [
    "twenty faults in each",
    200,
    { events: repeat(10_000, () => Object.fromEntries(repeat(20, (n) => [`k${n}`, 1]))) },
  ],
  ["a list as text", 200, { ...DEFAULTS, demoMode: true, events: JSON.stringify(named) }],
];

/** Bytes, as Linux counts them. */
async function memoryOf(field: "VmRSS" | "VmHWM"): Promise<number> {
  const status = await readFile(`/proc/${app.pid}/status`, "utf8");
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) * 1_024;
}

/** MiB by which a request raises the memory of the process at its highest. */
async function riseOf(body: string, status: number): Promise<number> {
  // Forgets the highest mark so far.
  await writeFile(`/proc/${app.pid}/clear_refs`, "5");
  const before = await memoryOf("VmRSS");
  const response = await post(body);
  await response.arrayBuffer();
  expect(response.status).toBe(status);
  return ((await memoryOf("VmHWM")) - before) / MIB;
}

test("a request raises the memory of the process by eight times its bytes and 32 MiB at most", async () => {
  // What the process loads and compiles with its first events is no matter of a request's size.
  await post({
    task: "send_batch_events",
    ...DEFAULTS,
    demoMode: true,
    events: named.slice(0, 2_000),
  });
  for (const [name, status, input] of UNFOLDING) {
    const body = JSON.stringify({ task: "send_batch_events", waitSeconds: 0, ...input });
    const most = (8 * body.length) / MIB + 32;
    const first = await riseOf(body, status);
    expect(first, name).toBeLessThan(2 * most);
    // What is no one's any more counts until the collector comes, now and then a moment late.
    if (first >= most) expect(await riseOf(body, status), name).toBeLessThan(most);
  }
}, 180_000);

test("the description of the API is open to everybody, and may be kept for a while", async () => {
  const response = await fetch(`${app.url}/api/v1/openapi.json`);
  expect(response.status).toBe(200);
  expect(response.headers.get("cache-control")).toMatch(/^public, max-age=\d+$/);
  expect(await response.json()).toMatchObject({
    openapi: "3.1.0",
    paths: { "/api/v1/tasks": { post: {} } },
  });
});

test("a call that waits is answered when the app is told to end, and its event is kept", async () => {
  pinterest.fail({ kind: "status", status: 503 });
  const waiting = post({ email: EMAIL, eventId: "kept", waitSeconds: 30 });
  await eventually(async () =>
    (await statesOf(db, shop.id)).some(({ event_id: id }) => id === "kept"),
  );
  const ended = app.kill("SIGTERM");
  const response = await waiting;
  const { results } = await response.json();
  expect([response.status, results[0].status]).toEqual([200, "pending"]);
  expect(await ended).toBe(0);
  expect(app.output()).not.toContain(EMAIL);
  expect(app.output()).not.toContain(key);
});
