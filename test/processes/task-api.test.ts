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
