import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createPixelStore } from "#app/intake/pixel/store-pixel-bodies.server.ts";
import { createWaker } from "#app/outbox/schedule-accounts.server.ts";
import { createLogger } from "#app/platform/logger.server.ts";
import { HOSTILE_TEXTS } from "#test/support/hostile-texts.ts";
import {
  BROWSER,
  type PixelOwner,
  pixelBody,
  startPixelServer,
} from "#test/support/pixel-server.ts";
import { openPixelWorld, type PixelWorld } from "#test/support/pixel-world.ts";

let world: PixelWorld;
let { db, keyring, server } = {} as PixelWorld;
let owner: PixelOwner;
let other: PixelOwner;
/** It stands still, so that no bucket fills while a test runs. */
let nowMs = Date.now();
beforeAll(async () => {
  world = await openPixelWorld(() => ({ trustedProxies: ["127.0.0.1"], nowMs: () => nowMs }));
  ({ db, keyring, server } = world);
  ({ owner } = await world.openShop());
  ({ owner: other } = await world.openShop());
});
afterAll(() => world.close());

const post = (init: RequestInit & { from?: string }) =>
  server.ask({
    method: "POST",
    ...init,
    headers: {
      "content-type": "text/plain",
      "user-agent": BROWSER,
      "x-forwarded-for": init.from ?? "198.51.100.1",
      ...(init.headers as Record<string, string>),
    },
  });

test("a page of any shop may ask, and sends without cookies", async () => {
  const asked = await server.ask({ method: "OPTIONS", headers: { origin: "null" } });
  expect(asked.status).toBe(204);
  expect(Object.fromEntries(asked.headers)).toMatchObject({
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "POST",
    "access-control-allow-headers": "Content-Type",
    "access-control-max-age": "86400",
  });
  expect(asked.headers.get("access-control-allow-credentials")).toBeNull();
  for (const method of ["GET", "HEAD", "PUT", "DELETE"]) {
    const refused = await server.ask({ method });
    expect([method, refused.status]).toEqual([method, 405]);
    expect(refused.headers.get("allow")).toBe("POST, OPTIONS");
    expect(refused.headers.get("access-control-allow-origin")).toBe("*");
  }
});

test("a body is JSON in plain bytes, of 32 KiB at most", async () => {
  const good = pixelBody(owner, "page_viewed");
  const text = JSON.stringify(good);
  const filled = (bytes: number) => `${text.slice(0, -1)},"more":"${"x".repeat(bytes)}"}`;
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const packed = { "content-encoding": "gzip" };
  const cases: [string, RequestInit, number][] = [
    ["whole", { body: text }, 202],
    ["large", { body: filled(31 * 1024 - text.length) }, 202],
    ["too large", { body: filled(33 * 1024) }, 413],
    ["too large, of unknown length", { body: streamOf(filled(33 * 1024)), ...HALF }, 413],
    ["a form", { body: text, headers }, 400],
    ["packed", { body: gzipSync(text) as BodyInit, headers: packed }, 400],
  ];
  for (const [name, init, status] of cases) {
    const answer = await post(init);
    expect([name, answer.status]).toEqual([name, status]);
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    await answer.text();
  }
});

const HALF = { duplex: "half" } as RequestInit;

function streamOf(text: string): ReadableStream {
  return new Blob([text]).stream();
}

test("no text in any field is a fault of ours", async () => {
  const whole = JSON.stringify(
    pixelBody(owner, "checkout_started", {
      data: {
        cart: { id: "@" },
        checkout: { token: "@", email: "@", order: { id: "@" }, totalPrice: { amount: "@" } },
        productVariant: { id: "@", title: "@", price: { amount: 1, currencyCode: "@" } },
        collection: { id: "@", title: "@" },
        searchResult: { query: "@" },
      },
      clickId: "@",
      clientId: "@",
      href: "@",
    }),
  );
  const names = ["product_viewed", "collection_viewed", "search_submitted", "checkout_completed"];
  for (const hostile of HOSTILE_TEXTS) {
    const filled = whole.replaceAll('"@"', JSON.stringify(hostile));
    for (const name of [...names, "checkout_started", `pinrelay:${hostile}`, hostile]) {
      const body = filled.replace('"checkout_started"', JSON.stringify(name));
      const { status } = await post({ body, from: `203.0.113.${names.indexOf(name) + 2}` });
      expect([hostile, name, [202, 400].includes(status)]).toEqual([hostile, name, true]);
    }
  }
});

async function burst(
  count: number,
  body: () => object,
  from: (n: number) => string,
): Promise<Map<number, number>> {
  const seen = new Map<number, number>();
  const bodies = Array.from({ length: count }, (_, n) => n);
  const workers = Array.from({ length: 50 }, async () => {
    for (let n = bodies.pop(); n !== undefined; n = bodies.pop()) {
      const { status } = await post({ body: JSON.stringify(body()), from: from(n) });
      seen.set(status, (seen.get(status) ?? 0) + 1);
    }
  });
  await Promise.all(workers);
  return seen;
}

test("an address sends 2,000 at once and 20 a second, whatever it sends, and others are not held up", async () => {
  nowMs += 3_600_000;
  const junk = () => ({ junk: true });
  expect(await burst(2_005, junk, () => "198.51.100.2")).toEqual(
    new Map([
      [400, 2_000],
      [429, 5],
    ]),
  );
  const refused = await post({ body: "{}", from: "198.51.100.2" });
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "1"]);
  expect(refused.headers.get("access-control-allow-origin")).toBe("*");
  expect((await post({ body: "{}", from: "198.51.100.3" })).status).toBe(400);
  const written = "198.51.100.99, 198.51.100.2";
  expect((await post({ body: "{}", from: written })).status).toBe(429);
  nowMs += 50;
  expect((await post({ body: "{}", from: "198.51.100.2" })).status).toBe(400);
});

test("a shop sends 10,000 at once; wrong keys use up nothing of it, nor does another shop", async () => {
  const log = createLogger("silent");
  const waker = createWaker({ db, log });
  const store = createPixelStore({ db, keyring, log, waker, nowMs: () => nowMs });
  const send = async (of: PixelOwner, count: number) => {
    const body = Buffer.from(JSON.stringify(pixelBody(of, "cart_viewed")));
    const one = { body, address: "192.0.2.1", userAgent: BROWSER, atMs: nowMs };
    const results = await store(Array(count).fill(one), "brief");
    return [...new Set(results.map(({ as }) => as))];
  };
  expect(await send({ ...owner, pixelKey: "wrong" }, 500)).toEqual(["unknown"]);
  expect(await send(owner, 10_000)).toEqual(["no_event"]);
  expect(await send(owner, 2)).toEqual(["over_limit"]);
  expect(await send(other, 2)).toEqual(["no_event"]);
  expect(await send({ ...owner, pixelKey: "wrong" }, 2)).toEqual(["unknown"]);
  nowMs += 1;
  expect(await send(owner, 3)).toEqual(["no_event", "over_limit"]);
});

test.each([
  ["the database is gone", () => Promise.reject(new RangeError("gone")), "not_stored"],
  ["rows of the shop are locked", async () => [{ as: "blocked" as const }], "not_stored"],
  ["the shop is over its limit", async () => [{ as: "over_limit" as const }], "over_limit"],
])("where %s, it is asked for again", async (_why, storeBodies, code) => {
  const failing = await startPixelServer({ db, keyring }, { storeBodies });
  try {
    const answer = await failing.ask({
      method: "POST",
      headers: { "content-type": "text/plain" },
      body: "{}",
    });
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([429, "5"]);
    expect(await answer.json()).toMatchObject({ error: { code } });
  } finally {
    await failing.close();
  }
});
