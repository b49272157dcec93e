import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Database, openDatabase } from "#app/platform/db.server.ts";
import { createApiKey } from "#app/shops/api-keys.server.ts";
import { type LocalStack, SHOP, startLocalStack } from "#test/e2e/world/local-stack.ts";
import { flowBody } from "#test/sandbox/shopify/run-flow-action.ts";
import { signWebhook } from "#test/sandbox/shopify/webhook-signing.ts";
import type { AppProcess } from "#test/support/app-process.ts";
import { readStates, shopNamed } from "#test/support/outbox-fixture.ts";
import { eventually } from "#test/support/poll.ts";
import { markMemoryMib, readMemoryMib } from "./process-memory.ts";
import { multipart } from "./routes-of-build.ts";

const EMAIL = "canary.shopper@example.com";

/**
 * Whether each request whose memory is measured is the first of its process, which takes minutes:
 * EACH_FIRST=1 npx vitest run --project processes test/processes/task-api.test.ts
 */
const IS_EACH_THE_FIRST = process.env.EACH_FIRST !== undefined;

let stack: LocalStack;
let app: AppProcess;
let db: Database;
let key: string;

async function start(): Promise<void> {
  stack = await startLocalStack();
  app = stack.app;
  db = await openDatabase({ DATA_DIR: stack.dataDir });
  await fetch(`${app.url}/app`, { headers: signedIn() });
  await stack.connect();
  key = await createApiKey({ db }, { domain: SHOP, name: "test", actor: "test" });
}

async function end(): Promise<void> {
  await db?.close();
  await stack?.close();
}

beforeAll(start);
afterAll(end);

const signedIn = () => ({
  authorization: `Bearer ${stack.shopify.sessionToken(SHOP)}`,
  "user-agent": "Mozilla/5.0 Chrome/156.0.0.0 Safari/537.36",
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
  expect(stack.pinterest.ledger.accepted.map(({ event }) => event)).toEqual([results[0].event]);
});

test("the address takes POST alone, and a body of 24 MiB at most", async () => {
  for (const answer of [await fetch(`${app.url}/api/v1/tasks`), await post({}, "PUT")]) {
    await answer.arrayBuffer();
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

/** What is posted, and the status of its answer. */
interface Posted {
  body: string;
  status: number;
  send(body: string): Promise<Response>;
}

const tasks = (status: number, input: object): Posted => ({
  body: JSON.stringify({ task: "send_batch_events", waitSeconds: 0, ...input }),
  status,
  send: post,
});

/** A file as the page "Send events" checks it. */
const checked = (name: string, content: string): Posted => ({
  body: multipart([["intent", "check-file"]]).replace(
    /--bound--\r\n$/,
    `--bound\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\n${content}\r\n--bound--\r\n`,
  ),
  status: 200,
  send: (body) =>
    fetch(`${app.url}/app/send?index&_data=admin/send/send.route`, {
      method: "POST",
      headers: { ...signedIn(), "content-type": "multipart/form-data; boundary=bound" },
      body,
    }),
});

const flow = (properties: object): Posted => ({
  body: flowBody(SHOP, randomUUID(), properties),
  status: 200,
  send: (body) =>
    fetch(`${app.url}/flow/send-event`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-shopify-hmac-sha256": signWebhook("sandbox-secret", body),
      },
      body,
    }),
});

/** Requests that are small, and what they say large: once for all events, in many parts, or wrong. */
const UNFOLDING: Record<string, () => Posted> = {
  "defaults in each of ten thousand": () =>
    tasks(200, { ...DEFAULTS, demoMode: true, events: named }),
  "the same, stored": () => tasks(200, { ...DEFAULTS, events: named }),
  "defaults of more than 24 MiB": () =>
    tasks(400, { ...DEFAULTS, eventSourceUrl: page, events: named }),
  "products for all": () => tasks(400, { contents: repeat(500, () => product), events: named }),
  "many products in each": () =>
    tasks(200, {
      demoMode: true,
      email: EMAIL,
      events: repeat(1_000, (n) => ({
        eventId: `p-${n}`,
        contents: repeat(450, () => ({ id: "p" })),
      })),
    }),
  "twenty faults in each": () =>
    tasks(200, {
      events: repeat(10_000, () => Object.fromEntries(repeat(20, (n) => [`k${n}`, 1]))),
    }),
  "a list as text": () =>
    tasks(200, { ...DEFAULTS, demoMode: true, events: JSON.stringify(named) }),
  "ten thousand people": () =>
    tasks(200, {
      demoMode: true,
      events: repeat(10_000, (n) => ({ eventId: `q-${n}`, email: `a${n}@b.example` })),
    }),
  "a file of good rows": () =>
    checked(
      "events.csv",
      `email,eventId\n${repeat(10_000, (n) => `a${n}@b.example,f-${n}`).join("\n")}`,
    ),
  "a file of many products": () =>
    checked(
      "events.json",
      JSON.stringify(
        repeat(500, (n) => ({
          eventId: `f-${n}`,
          email: EMAIL,
          contents: repeat(450, () => ({ id: "p" })),
        })),
      ),
    ),
  "a file of faults": () =>
    checked("events.csv", `email,value\n${repeat(10_000, () => "x,y").join("\n")}`),
  "a run of Flow": () =>
    flow({ eventName: "custom", email: EMAIL, eventSourceUrl: page, notes: "x".repeat(48 * 1024) }),
};

/** MiB by which a request raises the memory of the process at its highest. */
async function riseOf({ body, status, send }: Posted): Promise<number> {
  const before = await markMemoryMib(app.pid);
  const response = await send(body);
  await response.arrayBuffer();
  expect(response.status).toBe(status);
  return (await readMemoryMib(app.pid, "VmHWM")) - before;
}

/**
 * A process that has rested, if only while a test made its request, has given back what its heap
 * needs for any list, large or small: the first one after that raises it by up to 80 MiB.
 */
async function handleList(): Promise<void> {
  const events = repeat(2_000, (n) => ({ email: `w${n}@example.com` }));
  const response = await post({ task: "send_batch_events", demoMode: true, events });
  // An answer that stays unread keeps the app from its end for as long as it has patience.
  await response.arrayBuffer();
  expect(response.status).toBe(200);
}

describe("a request raises the memory of the process by eight times its bytes and 32 MiB at most", () => {
  test.each(Object.entries(UNFOLDING))(
    "%s",
    async (name, write) => {
      if (IS_EACH_THE_FIRST) {
        await end();
        await start();
      }
      const posted = write();
      if (!IS_EACH_THE_FIRST) await handleList();
      const most = (8 * posted.body.length) / MIB + 32;
      const first = await riseOf(posted);
      const size = (posted.body.length / MIB).toFixed(2);
      console.log(`${name}: ${size} MiB raise it by ${first.toFixed(0)} of ${most.toFixed(0)} MiB`);
      expect(first).toBeLessThan(2 * most);
      // What is no one's any more counts until the collector comes, now and then a moment late.
      if (first >= most) expect(await riseOf(posted)).toBeLessThan(most);
    },
    180_000,
  );
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
  stack.pinterest.fail({ kind: "status", status: 503 });
  const waiting = post({ email: EMAIL, eventId: "kept", waitSeconds: 30 });
  await eventually(async () =>
    (await readStates(db, (await shopNamed(db, SHOP)).id)).some(
      ({ event_id: id }) => id === "kept",
    ),
  );
  const ended = app.kill("SIGTERM");
  const response = await waiting;
  const { results } = await response.json();
  expect([response.status, results[0].status]).toEqual([200, "pending"]);
  expect(await ended).toBe(0);
  expect(app.output()).not.toContain(EMAIL);
  expect(app.output()).not.toContain(key);
});
