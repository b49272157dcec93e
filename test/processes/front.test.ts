import { brotliDecompressSync, gunzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Database, openDatabase } from "#app/platform/db.server.ts";
import { createApiKey } from "#app/shops/api-keys.server.ts";
import { type LocalStack, SHOP, startLocalStack } from "#test/e2e/world/local-stack.ts";
import { orderBody } from "#test/sandbox/sample-orders.ts";
import { anyRequest, buildRequest } from "./any-request.ts";
import { askRaw, type RawAnswer, type RawRequest, sendText } from "./ask-raw.ts";
import { findHeaderFaults } from "./header-faults.ts";
import { markMemoryMib, readMemoryMib } from "./process-memory.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0.0.0 Safari/537.36";

let stack: LocalStack;
let db: Database;
let apiKey: string;

beforeAll(async () => {
  stack = await startLocalStack({ LOG_LEVEL: "info" });
  db = await openDatabase({ DATA_DIR: stack.dataDir });
  await ask("/app", { isSignedIn: true });
  await stack.connect();
  apiKey = await createApiKey({ db }, { domain: SHOP, name: "front", actor: "test" });
});
afterAll(async () => {
  await db?.close();
  await stack?.close();
});

/** Each answer that is ever given here has the headers that every answer has. */
async function ask(
  target: string,
  { isSignedIn = false, headers, ...rest }: RawRequest & { isSignedIn?: boolean } = {},
): Promise<RawAnswer> {
  const bearer = isSignedIn && { authorization: `Bearer ${stack.shopify.sessionToken(SHOP)}` };
  const all = { "user-agent": BROWSER, ...bearer, ...headers };
  const answer = await askRaw(stack.app.url, target, { ...rest, headers: all });
  const faults = findHeaderFaults(answer, target);
  expect([target, answer.status, faults]).toEqual([target, answer.status, []]);
  return answer;
}

/** Lines of the log that a person is to look at. */
function troubles(): string[] {
  return stack.app
    .output()
    .split("\n")
    .filter((line) => /"level":"?(warn|error|fatal|[456]0)/.test(line));
}

describe("a target is read once", () => {
  const crooked = [
    "/api/../app",
    "/api/%2e%2e/app",
    "/api/.%2E/app",
    "/api/./../app",
    "/api/..\\app",
    "//app",
    "/app//events",
    "//evil.example/app",
    "http://127.0.0.1/app",
    "/%61pp",
    "/app/events/%zz",
    "/app/events/%c3%28",
    "/app/events/%ed%a0%80",
    "/app/events/a%00b",
    "/app#x",
    "*",
    "app",
    "?x",
    "/app/events/\u00e9",
  ];
  for (const target of crooked) {
    test(`${target} is refused`, async () => {
      for (const method of ["GET", "POST"]) {
        expect((await ask(target, { method, isSignedIn: true })).status).toBe(400);
      }
    });
  }

  test("a search may hold anything, and pages read it without what the database refuses", async () => {
    const { status } = await ask("/app/events?q=a%00b&state=%00&%00=1&q=%ed%a0%80%zz", {
      isSignedIn: true,
    });
    expect(status).toBe(200);
  });
});

describe("a body", () => {
  test("of 8 MiB, a hundred of them at once and all wrongly signed, is refused within 96 MB of memory", async () => {
    const body = Buffer.alloc(8 * MIB, "x");
    const headers = { "x-shopify-hmac-sha256": `${"A".repeat(43)}=` };
    const before = await markMemoryMib(stack.app.pid);
    const answers = await Promise.all(
      Array.from({ length: 100 }, () =>
        ask("/webhooks", { method: "POST", headers, body }).catch(() => ({ status: 0 })),
      ),
    );
    expect(answers.filter(({ status }) => ![401, 503, 0].includes(status))).toEqual([]);
    expect(((await readMemoryMib(stack.app.pid, "VmHWM")) - before) * 1.048576).toBeLessThan(96);
    expect(troubles()).toEqual([]);
  });

  test.each([
    ["taxes", [{ quantity: 1, price: "1.00", tax_lines: Array(520_000).fill({ price: "0.1" }) }]],
    ["lines", Array(540_000).fill({ quantity: 1 })],
  ])(
    "of an order of half a million %s takes eight times its bytes and 32 MiB at most",
    async (_of, items) => {
      const order = { ...orderBody({ id: items.length }), line_items: items };
      // The thread that reads webhooks starts with the first.
      await stack.shopify.deliver("orders/create", SHOP, orderBody({ id: items.length + 1 }));
      const before = await markMemoryMib(stack.app.pid);
      expect((await stack.shopify.deliver("orders/create", SHOP, order)).status).toBe(200);
      const peak = await readMemoryMib(stack.app.pid, "VmHWM");
      expect(peak - before).toBeLessThan((8 * JSON.stringify(order).length) / MIB + 32);
    },
  );

  test("of a stranger is not read, whatever page it is for", async () => {
    const before = await readMemoryMib(stack.app.pid, "VmRSS");
    for (const target of ["/app?index", "/app/send?index", "/auth/session-token", "/nowhere"]) {
      // Cut off in the middle, or answered: which of them comes first is nobody's to say.
      const sent = ask(target, { method: "POST", endless: 64 * MIB });
      const { status } = await sent.catch(() => ({ status: 0 }));
      expect([target, status < 500]).toEqual([target, true]);
    }
    expect((await readMemoryMib(stack.app.pid, "VmRSS")) - before).toBeLessThan(48);
  });

  test("is taken to the limit of its route, by its bytes and not by what it says of itself", async () => {
    const signed = { "x-shopify-hmac-sha256": Buffer.alloc(32).toString("base64") };
    const bearer = { authorization: `Bearer ${apiKey}` };
    const form = { "content-type": "application/x-www-form-urlencoded" };
    const cases: [string, number, RawRequest & { isSignedIn?: boolean }][] = [
      ["/flow/send-event", 64 * KIB, { headers: signed }],
      ["/api/v1/tasks", 24 * MIB, { headers: bearer }],
      ["/auth/login", 4 * KIB, { headers: form }],
      ["/app?index&_data=admin/home/home.route", 64 * KIB, { isSignedIn: true, headers: form }],
      ["/app/send?index&_data=admin/send/send.route", 6 * MIB, { isSignedIn: true, headers: form }],
      [
        "/app/send/?index&_data=admin/send/send.route",
        6 * MIB,
        { isSignedIn: true, headers: form },
      ],
    ];
    for (const [target, limit, request] of cases) {
      const endless = limit + 256 * KIB;
      const { status } = await ask(target, { method: "POST", endless, ...request });
      expect([target, status]).toEqual([target, 413]);
    }
  });

  test("that is no form is a fault of the request", async () => {
    const given: RawRequest[] = [
      { headers: { "content-type": "multipart/form-data; boundary=x" }, body: "nothing" },
      { headers: { "content-type": "application/json" }, body: "{}" },
      { headers: {}, body: "x" },
    ];
    for (const request of given) {
      const data = { ...request, method: "POST", isSignedIn: true };
      expect((await ask("/app?index&_data=admin/home/home.route", data)).status).toBe(400);
    }
  });
});

describe("a name that every object has", () => {
  const NAMES = [
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
    "valueOf",
    "{n, plural",
    "%s<i>%o",
  ];

  test("takes no page that shows an event of it", async () => {
    const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };
    for (const [place, name] of NAMES.entries()) {
      const event = { eventName: "custom", customEventName: name, eventId: name, email: "a@b.co" };
      const body = JSON.stringify({ ...event, orderId: name, productId: name, waitSeconds: 0 });
      const taken = await ask("/api/v1/tasks", { method: "POST", headers, body });
      expect([name, taken.status]).toEqual([name, 200]);
      const id = 6_204_411_576_000 + place;
      const order = { ...orderBody({ id }), source_name: name, name, customer_locale: name };
      expect((await stack.shopify.deliver("orders/create", SHOP, order)).status).toBe(200);
    }
    const pages = [
      "/app",
      "/app/events",
      "/app/events?tab=action",
      ...NAMES.map((name) => `/app/events/${safely(name)}`),
      ...NAMES.map((name) => `/app/events?q=${safely(name)}&source=${safely(name)}`),
      ...NAMES.map((_, place) => `/app/events/order-${6_204_411_576_000 + place}-checkout`),
      "/app/events/export",
      "/app/settings",
      "/app/settings/activity",
      "/app/quality",
      "/app/quality/duplicates",
      "/app/help",
    ];
    for (const page of pages) {
      const { status, text } = await ask(page, { isSignedIn: true });
      const isMarkup = text.includes("<i>") && !page.endsWith("/export");
      expect([page, status, isMarkup]).toEqual([page, 200, false]);
    }
    const order = `/app/events/order-${6_204_411_576_000 + NAMES.length - 1}-checkout`;
    expect((await ask(order, { isSignedIn: true })).text).toContain("%s&lt;i&gt;%o");
  });
});

const safely = (given: string) => encodeURIComponent(given.toWellFormed());

describe("who asks", () => {
  const of = (claims: Record<string, unknown>) => ({
    authorization: `Bearer ${stack.shopify.sessionToken(SHOP, claims)}`,
  });

  test("is the one whom Shopify's token names whole, for this app and for now", async () => {
    const now = Math.floor(Date.now() / 1_000);
    const crooked = [
      { exp: now - 60 },
      { nbf: now + 60 },
      { aud: "another-app" },
      { aud: undefined },
      { dest: undefined },
      { dest: "not an address" },
      { dest: "http://demo.myshopify.com" },
      { iss: "https://other.myshopify.com/admin" },
      { iss: undefined },
      { sub: undefined },
      { exp: undefined },
      { exp: "never" },
    ];
    for (const claims of crooked) {
      const { status } = await ask("/app?_data=admin/shell/app.route", { headers: of(claims) });
      expect([claims, status]).toEqual([claims, 401]);
    }
    expect((await ask("/app?_data=admin/shell/app.route", { headers: of({}) })).status).toBe(200);
  });

  test("writes by the header's token alone: one in an address may have been found", async () => {
    const token = stack.shopify.sessionToken(SHOP);
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const write = { method: "POST", headers, body: "intent=pause" };
    for (const data of ["", "&_data=admin/home/home.route"]) {
      const { status } = await ask(`/app?index&id_token=${token}${data}`, write);
      expect([data, status]).toEqual([data, 401]);
    }
    const page = "/app?index&_data=admin/home/home.route";
    const signed = { ...write, headers: { ...headers, ...of({}) }, body: "intent=hide-guide" };
    expect((await ask(page, signed)).status).toBe(200);
    // What stands in the address is no field of the form; of two fields of a name, one counts.
    const doubled = { ...signed, body: "intent=hide-guide&intent=pause" };
    expect((await ask(`${page}&intent=pause`, doubled)).status).toBe(200);
    const { rows } = await db.pool.query("select distinct state from connection");
    expect(rows).toEqual([{ state: "active" }]);
  });

  test("is whose admin may frame the page, whatever shop the address names", async () => {
    const { headers } = await ask("/app?shop=other.myshopify.com", { isSignedIn: true });
    expect(headers["content-security-policy"]).toContain(`frame-ancestors https://${SHOP} `);
    expect(headers["content-security-policy"]).not.toContain("other");
  });

  test("is sent back to our own pages alone", async () => {
    const bounce = (to: string) => `/auth/session-token?shop=${SHOP}&shopify-reload=${safely(to)}`;
    for (const to of [
      "https://evil.example/",
      "//evil.example",
      "javascript:alert(1)",
      "/\\evil.example",
    ]) {
      expect([to, (await ask(bounce(to))).status]).toEqual([to, 400]);
    }
    const own = await ask(bounce(`${stack.app.url}/app`));
    expect(own.status).toBe(200);
    const [, nonce] = /'nonce-([^']+)'/.exec(String(own.headers["content-security-policy"])) ?? [];
    expect(own.text.match(/<script [^>]*>/g)).toEqual([
      expect.stringContaining(`nonce="${nonce}"`),
    ]);
  });

  test("and is refused by Shopify each time is told so after three times", async () => {
    const address = new URL(stack.shopify.frameUrl(SHOP));
    address.searchParams.set("id_token", "a.b.c");
    let next = `${address.pathname}${address.search}`;
    for (const status of [302, 302, 302, 403]) {
      const answer = await ask(next);
      expect(answer.status).toBe(status);
      if (status === 403) expect(answer.text).toContain("Shopify does not confirm who you are");
      const bounce = new URL(answer.headers.location ?? "/", stack.app.url);
      const reload = new URL(bounce.searchParams.get("shopify-reload") ?? "/", stack.app.url);
      reload.searchParams.set("id_token", "a.b.c");
      next = `${reload.pathname}${reload.search}`;
    }
    const later = next.replace(/bounces=\d\.\d+/, `bounces=3.${Date.now() - 3_600_000}`);
    expect((await ask(later.startsWith("/app") ? later : address.pathname)).status).toBe(302);
  });
});

describe("what is sent", () => {
  test("has the headers of its kind, and each page a nonce of its own", async () => {
    const home = await ask("/app", { isSignedIn: true });
    const [, asset = ""] = /(\/assets\/[^"]+\.js)"/.exec(home.text) ?? [];
    const data = "?index&_data=admin/home/home.route";
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const body = "x".repeat(65 * KIB);
    await db.pool.query("alter table audit_entry rename to audit_entry_away");
    const kinds: [string, number, Parameters<typeof ask>[1]?][] = [
      ["/app/settings/activity", 500, { isSignedIn: true }],
      [`/app${data}`, 413, { method: "POST", isSignedIn: true, headers, body }],
      [`/app${data}`, 200, { isSignedIn: true }],
      ["/nowhere", 404],
      ["/auth/login", 200],
      ["/", 302],
      [asset, 200],
      ["/favicon.svg", 200],
      ["/favicon.ico", 200],
      ["/api/v1/openapi.json", 200],
      ["/api/v1/tasks", 401, { method: "POST", body: "{}" }],
      ["/webhooks", 401, { method: "POST", body: "{}" }],
      ["/pixel", 400, { method: "POST" }],
      ["/healthz", 200],
    ];
    const answers = await Promise.all(kinds.map(([target, , request]) => ask(target, request)));
    await db.pool.query("alter table audit_entry_away rename to audit_entry");
    expect(answers.map(({ status }) => status)).toEqual(kinds.map(([, status]) => status));
    const policies = [home, ...answers].map(({ headers }) => headers["content-security-policy"]);
    const nonces = policies.flatMap((policy) => String(policy).match(/'nonce-[^']{22,}'/) ?? []);
    expect(nonces).toHaveLength(4);
    expect(new Set(nonces).size).toBe(4);
  });

  test("is compressed, pages, data and scripts, and left alone where nobody wants that", async () => {
    const script = /src="(\/assets\/[^"]+\.js)"|href="(\/assets\/[^"]+\.js)"/;
    const page = await ask("/app", { isSignedIn: true });
    expect(page.headers["content-encoding"]).toBeUndefined();
    const [, one, other] = script.exec(page.text) ?? [];
    const targets = ["/app", "/app/events?_data=admin/events/events.route", one ?? other ?? ""];
    for (const target of targets) {
      for (const [encoding, unpack] of [
        ["br", brotliDecompressSync],
        ["gzip", gunzipSync],
      ] as const) {
        const headers = { "accept-encoding": encoding };
        const packed = await ask(target, { isSignedIn: true, headers });
        expect([target, packed.headers["content-encoding"]]).toEqual([target, encoding]);
        expect(packed.headers.vary).toMatch(/Accept-Encoding/i);
        expect(unpack(packed.bytes).length).toBeGreaterThan(2 * packed.bytes.length);
      }
    }
  });
});

describe("whatever is asked", () => {
  test("no text in a path, a search, a form or a header makes the app fail", async () => {
    const before = troubles().length;
    await fc.assert(
      fc.asyncProperty(anyRequest, async (given) => {
        const { target, body, ...sent } = buildRequest(given);
        const { status } = await ask(target, {
          ...sent,
          isSignedIn: given.isSignedIn,
          ...(body !== null && { body }),
        });
        const asked = [given.method, target, body];
        expect([...asked, status < 500]).toEqual([...asked, true]);
      }),
      { numRuns: Number(process.env.FRONT_RUNS ?? 400) },
    );
    expect(troubles().slice(before)).toEqual([]);
  });

  test("unusual methods and hosts are refused, and are nothing for the log", async () => {
    const before = troubles().length;
    for (const method of ["TRACE", "OPTIONS", "PUT", "PATCH", "DELETE", "PROPFIND", "SEARCH"]) {
      for (const target of ["/app", "/auth/login", "/nowhere", "/api/v1/tasks"]) {
        const { status, headers } = await ask(target, { method });
        expect([method, target, status, headers.allow !== undefined]).toEqual([
          method,
          target,
          405,
          true,
        ]);
      }
    }
    const whole = "POST /webhooks HTTP/1.1\r\nhost: a\r\n";
    for (const ends of [
      "content-length: 4\r\ntransfer-encoding: chunked\r\n",
      "content-length: 4\r\ncontent-length: 5\r\n",
      "transfer-encoding: chunked, identity\r\n",
      "content-length: +4\r\n",
    ]) {
      const answer = await sendText(stack.app.url, `${whole}${ends}\r\n0\r\n\r\nGET /smuggled`);
      expect([ends, answer.match(/^HTTP\/1.1 \d+/gm)]).toEqual([ends, ["HTTP/1.1 400"]]);
    }
    const long = { headers: { "x-long": "x".repeat(17 * KIB) } };
    expect((await ask("/auth/login", long)).status).toBe(431);
    expect((await ask("/auth/login", { headers: { expect: "tea" } })).status).toBe(417);
    expect((await ask("/auth/login", { method: "HEAD" })).status).toBe(200);
    for (const host of ["a b/<>", "a/../b", "a:b", "x@y"]) {
      expect([host, (await ask("/app", { headers: { host } })).status]).toEqual([host, 400]);
    }
    for (const origin of ["https://evil.example", "null", "not an origin"]) {
      const { status } = await ask("/auth/login", { method: "POST", headers: { origin } });
      expect([origin, status]).toEqual([origin, 403]);
    }
    for (const target of ["/", "/api/v1/openapi.json", "/app/help", "/app/events/export"]) {
      const { status, headers, text } = await ask(target, { method: "POST", isSignedIn: true });
      expect([target, status, headers.allow, text]).toEqual([target, 405, "GET, HEAD", ""]);
    }
    expect((await ask("/app?_data=routes/nope", { isSignedIn: true })).status).toBe(403);
    const unsigned = { method: "POST", body: "{}" };
    expect((await ask("/flow/send-event", unsigned)).status).toBe(400);
    const forged = { "x-shopify-hmac-sha256": Buffer.alloc(32).toString("base64") };
    expect((await ask("/flow/send-event", { ...unsigned, headers: forged })).status).toBe(400);
    expect(troubles().slice(before)).toEqual([]);
  });
});
