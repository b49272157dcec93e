import { setTimeout } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Visit } from "#app/events/visit.ts";
import { createPixelStore } from "#app/intake/pixel/store-pixel-bodies.server.ts";
import { createWaker } from "#app/outbox/schedule-accounts.server.ts";
import { openVisit } from "#app/outbox/visit-body.server.ts";
import { createLogger } from "#app/platform/logger.server.ts";
import { loadMappingShop } from "#app/shops/load-mapping-shops.server.ts";
import {
  BROWSER,
  type PixelParts,
  pixelBody,
  startPixelServer,
} from "#test/support/pixel-server.ts";
import { openPixelWorld, type PixelWorld } from "#test/support/pixel-world.ts";
import { eventually } from "#test/support/poll.ts";

let world: PixelWorld;
let { db, keyring, server } = {} as PixelWorld;
let { shop, owner } = {} as Awaited<ReturnType<PixelWorld["openShop"]>>;
let patientTries = 0;
beforeAll(async () => {
  world = await openPixelWorld((services) => {
    const log = createLogger("silent");
    const waker = createWaker({ db: services.db, log });
    const store = createPixelStore({ ...services, log, waker, nowMs: Date.now });
    const storeBodies: typeof store = (bodies, patience) => {
      if (patience === "patient") patientTries += 1;
      return store(bodies, patience);
    };
    return { storeBodies };
  });
  ({ db, keyring, server } = world);
  ({ shop, owner } = await world.openShop());
});
afterAll(() => world.close());

const send = (name: string, parts: PixelParts = {}) => server.send(pixelBody(owner, name, parts));

interface StoredVisit extends Pick<Visit, "evidence" | "consent"> {
  startedEventId: string | null;
  completedEventId: string | null;
  isRefused: boolean;
  isChecked: boolean;
  cartToken: string | null;
}

async function visitOf(key: string, of = shop.id): Promise<StoredVisit | null> {
  const { rows } = await db.pool.query(
    "select * from visit where shop_id = $1 and visit_key = $2",
    [of.toString(), key],
  );
  const [row] = rows;
  if (row === undefined) return null;
  const sealed = { body: row.body, clickId: row.click_id };
  const keys = await keyring.load(db.pool, [of]);
  return {
    ...openVisit(keys, { shopId: of, key }, sealed),
    startedEventId: row.started_event_id,
    completedEventId: row.completed_event_id,
    isRefused: row.is_refused,
    isChecked: row.check_at !== null,
    cartToken: row.cart_token,
  };
}

const countVisits = async () =>
  (await db.pool.query<{ n: bigint }>("select count(*) as n from visit")).rows[0]?.n;

const checkout = (token: string, more = {}) => ({ data: { checkout: { token, ...more } } });

test("a checkout is known by its token, its cart and its order, with what its browser is known by", async () => {
  const cart = { id: "gid://shopify/Cart/cart-1?key=abc" };
  const told = { clickId: "dj0yJnU9abc", href: "https://x.example/checkouts/cn/c-1?key=secret" };
  const started = { id: "sh-s1", ...told, data: { cart, checkout: { token: "c-1" } } };
  expect(await send("checkout_started", started)).toBe(202);
  const order = { id: "gid://shopify/OrderIdentity/5210499102", customer: { id: "77" } };
  expect(await send("checkout_completed", { id: "sh-c1", ...checkout("c-1", { order }) })).toBe(
    202,
  );
  const evidence = {
    clientId: "11111111-2222-4333-8444-555555555555",
    ip: "127.0.0.1",
    userAgent: BROWSER,
    language: "en-GB",
    clickId: "dj0yJnU9abc",
  };
  expect(await visitOf("checkout:c-1")).toMatchObject({
    startedEventId: "sh-s1",
    completedEventId: "sh-c1",
    consent: { marketingAllowed: true, saleOfDataAllowed: true },
    evidence,
    isRefused: false,
    isChecked: true,
    cartToken: "cart-1",
  });
  expect(await visitOf("order:5210499102")).toMatchObject({ completedEventId: "sh-c1" });
  // The next checkout of the cart has ids of its own.
  const ofCart = { startedEventId: null, completedEventId: null, evidence };
  expect(await visitOf("cart:cart-1")).toMatchObject(ofCart);
  const { rows } = await db.pool.query("select body, click_id from visit");
  const stored = rows.map(({ body, click_id }) => `${body}${click_id}`).join();
  expect(stored).not.toMatch(/dj0yJnU9abc|Mozilla|127\.0\.0\.1|11111111/);
});

test("a look at a page is no visit of a checkout", async () => {
  const before = await countVisits();
  expect(await send("page_viewed")).toBe(202);
  expect(await countVisits()).toBe(before);
});

test("a copy of a body does not keep a visit for longer; what is new does", async () => {
  const seen = async (step: () => Promise<unknown>) => {
    await db.pool.query("update visit set seen_at = now() - interval '20 days'");
    await step();
    const { rows } = await db.pool.query(
      "select seen_at > now() - interval '1 day' as is_new from visit where visit_key = 'checkout:c-copy'",
    );
    return rows[0]?.is_new;
  };
  const at = (second: number) => new Date(Date.now() - 60_000 + second * 1_000).toISOString();
  const started = { id: "sh-copied", ...checkout("c-copy"), clickId: "click", timestamp: at(1) };
  await send("checkout_started", started);
  expect(await seen(() => send("checkout_started", started))).toBe(false);
  const paid = { ...checkout("c-copy"), timestamp: at(2) };
  expect(await seen(() => send("payment_info_submitted", paid))).toBe(true);
  expect(await seen(() => send("checkout_started", started))).toBe(false);
  // Its id is new, though it was told late.
  const done = { ...checkout("c-copy"), timestamp: at(0) };
  expect(await seen(() => send("checkout_completed", done))).toBe(true);
});

test("a refusal takes the evidence and the click id, and later consent does not bring them back", async () => {
  const at = (second: number) => new Date(Date.now() - 60_000 + second * 1_000).toISOString();
  const started = { ...checkout("c-2"), clickId: "click-2", timestamp: at(1) };
  await send("checkout_started", started);
  const refused = { consent: { marketingAllowed: false }, clientId: null, timestamp: at(2) };
  await send("consent_changed", { ...checkout("c-2"), ...refused });
  const nothing = { clientId: null, ip: null, userAgent: null, clickId: null, page: null };
  expect(await visitOf("checkout:c-2")).toMatchObject({ isRefused: true, evidence: nothing });
  await send("checkout_started", started);
  expect(await visitOf("checkout:c-2")).toMatchObject({ isRefused: true, evidence: nothing });
  await send("payment_info_submitted", { ...checkout("c-2"), timestamp: at(3) });
  const again = await visitOf("checkout:c-2");
  expect(again).toMatchObject({ isRefused: false, evidence: { clickId: null } });
  expect(again?.evidence.userAgent).toBe(BROWSER);
});

test("a refusal outlives a consent from before it that arrives late, whatever the browser's clock says", async () => {
  const hour = 3_600_000;
  for (const [token, skewMs] of [
    ["clock-ahead", 5 * 60_000],
    ["clock-behind", -5 * hour],
    ["copied-later", -1.5 * hour],
  ] as const) {
    const at = (second: number) => new Date(Date.now() + skewMs + second * 1_000).toISOString();
    const allowed = { ...checkout(token), timestamp: at(1) };
    const refused = { ...checkout(token), consent: { marketingAllowed: false }, timestamp: at(9) };
    await send("checkout_started", allowed);
    await send("consent_changed", refused);
    await send("checkout_started", allowed);
    await send("payment_info_submitted", { ...checkout(token), timestamp: at(5) });
    expect([token, await visitOf(`checkout:${token}`)]).toMatchObject([token, { isRefused: true }]);
  }
});

test("a refusal on a page of the store holds for the order of its cart", async () => {
  const cart = { id: "gid://shopify/Cart/cart-2" };
  const timestamp = new Date(Date.now() - 9_000).toISOString();
  await send("product_added_to_cart", { timestamp, data: { cart, cartLine: { quantity: 1 } } });
  expect(await visitOf("cart:cart-2")).toMatchObject({ isRefused: false });
  await send("consent_changed", { data: { cart }, consent: { marketingAllowed: false } });
  expect(await visitOf("cart:cart-2")).toMatchObject({ isRefused: true, evidence: { ip: null } });
});

const word = fc.record({
  second: fc.integer({ min: 0, max: 5 }),
  name: fc.constantFrom("checkout_started", "payment_info_submitted", "checkout_completed"),
  isAllowed: fc.boolean(),
  clickId: fc.constantFrom(null, "click-a", "click-b"),
});

test("in whatever order the words of a checkout come, and how often, the newest holds", async () => {
  let run = 0;
  const words = fc.array(word, { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(words, fc.boolean(), async (told, isTogether) => {
      run += 1;
      const token = `order-of-words-${run}`;
      const base = Date.now() - 600_000;
      const bodies = told.map(({ second, name, isAllowed, clickId }, n) =>
        pixelBody(owner, name, {
          ...checkout(token),
          id: `sh-${token}-${n}`,
          timestamp: new Date(base + second * 1_000).toISOString(),
          consent: { marketingAllowed: isAllowed },
          clickId,
        }),
      );
      const all = [...bodies, ...bodies.toReversed()];
      if (isTogether) await Promise.all(all.map((body) => server.send(body)));
      else for (const body of all) await server.send(body);
      const newest = Math.max(...told.map(({ second }) => second));
      const last = told.filter(({ second }) => second === newest);
      const isRefused = last.some(({ isAllowed }) => !isAllowed);
      const visit = await visitOf(`checkout:${token}`);
      expect(visit).toMatchObject({ isRefused, consent: { marketingAllowed: !isRefused } });
      if (isRefused) expect(visit?.evidence).toMatchObject({ clickId: null, ip: null });
      const started = told.some(({ name }) => name === "checkout_started");
      expect(visit?.startedEventId !== null).toBe(started);
    }),
    { numRuns: 25 },
  );
});

test("another shop's key, a wrong one and an uninstalled shop are answered like good ones, and change nothing", async () => {
  const { owner: foreign } = await world.openShop();
  const { shop: gone, owner: uninstalled } = await world.openShop();
  await db.pool.query("update shop set state = 'uninstalled' where id = $1", [gone.id.toString()]);
  const before = await countVisits();
  const of = (domain: string, pixelKey: string) =>
    pixelBody({ domain, pixelKey }, "checkout_started", checkout("c-3"));
  for (const [domain, key] of [
    [owner.domain, foreign.pixelKey],
    [foreign.domain, owner.pixelKey],
    [owner.domain, ""],
    ["nobody.myshopify.com", owner.pixelKey],
    [gone.domain, uninstalled.pixelKey],
  ] as const) {
    expect(await server.send(of(domain, key))).toBe(202);
  }
  expect(await countVisits()).toBe(before);
});

test("while another transaction holds a visit, its shop is asked again, its neighbours are stored, and it is once that is over", async () => {
  const { shop: near, owner: its } = await world.openShop();
  await send("checkout_started", checkout("held"));
  const again = () => send("payment_info_submitted", checkout("held"));
  await db.transaction(async (client) => {
    await client.query("select from visit where visit_key = 'checkout:held' for no key update");
    const answers = [again(), server.send(pixelBody(its, "checkout_started", checkout("free")))];
    expect(await Promise.all(answers)).toEqual([429, 202]);
    expect(await visitOf("checkout:free", near.id)).not.toBeNull();
  });
  let waiting: Promise<number> | undefined;
  await db.transaction(async (client) => {
    await client.query("select from visit where visit_key = 'checkout:held' for no key update");
    waiting = again();
    // The second, longer try has begun.
    await eventually(async () => patientTries > 1);
  });
  expect(await waiting).toBe(202);
});

test("a bot is answered, by either of its names, and leaves nothing", async () => {
  const before = await countVisits();
  const body = pixelBody(owner, "checkout_started", checkout("c-4"));
  expect(await server.send(body, { "user-agent": "Pinterestbot/1.0" })).toBe(202);
  const named = JSON.stringify(body).replace(BROWSER, "Googlebot/2.1");
  expect(await server.send(named)).toBe(202);
  expect(await countVisits()).toBe(before);
});

test("a shop's first event is answered when webhooks know that it has a pixel", async () => {
  const { shop: first, owner: its } = await world.openShop();
  const query = async (statement: { name?: string }, ...rest: []) => {
    if (statement.name === "note-heard-shops") await setTimeout(200);
    return db.pool.query(statement as never, ...rest);
  };
  const pool = Object.create(db.pool, { query: { value: query } });
  const slow = await startPixelServer({ db: { ...db, pool }, keyring });
  const bodies = ["page_viewed", "checkout_started"].map((name) =>
    pixelBody(its, name, checkout("c-first")),
  );
  expect(await Promise.all(bodies.map((body) => slow.send(body)))).toEqual([202, 202]);
  expect((await loadMappingShop(db.pool, first.domain))?.hasPixel).toBe(true);
  await slow.close();
});

test("the pixel and the theme's script are noted, with the other senders of a page", async () => {
  const { shop: heard, owner: its } = await world.openShop();
  const read = async () => {
    const { rows } = await db.pool.query(
      `select last_pixel_at, last_embed_at, (select json_agg(json_build_array(kind, tag_id, shares_ids)
        order by kind, tag_id) from second_sender where shop_id = shop.id) as senders
        from shop where id = $1`,
      [heard.id.toString()],
    );
    return rows[0];
  };
  await server.send(pixelBody(its, "page_viewed"));
  await eventually(async () => (await read()).last_pixel_at !== null);
  expect(await read()).toMatchObject({ last_embed_at: null, senders: null });
  const report = { embed: true, tags: ["2612345678901", "<script>", 2612345678902] };
  const customData = { ...report, shares_ids: null, cookie: true };
  await server.send(pixelBody(its, "pinrelay:page_report", { customData }));
  await eventually(async () => (await read()).senders?.length === 2);
  await server.send(
    pixelBody(its, "pinrelay:page_report", { customData: { ...customData, shares_ids: true } }),
  );
  await eventually(async () => (await read()).senders?.[0]?.[2] === true);
  const { last_embed_at, senders } = await read();
  expect(last_embed_at).not.toBeNull();
  expect(senders).toEqual([
    ["tag", "2612345678901", true],
    ["tag", "2612345678902", true],
  ]);
  await server.send(pixelBody(its, "pinrelay:page_report", { customData: { cookie: true } }));
  await eventually(async () => (await read()).senders?.length === 3);
  const invented = Array.from({ length: 12 }, (_, n) =>
    pixelBody(its, "pinrelay:page_report", {
      customData: { tags: Array.from({ length: 5 }, (_, place) => `99${n}0000${place}`) },
    }),
  );
  await Promise.all(invented.map((body) => server.send(body)));
  await eventually(async () => (await read()).senders?.length === 20);
});

test("whatever a body holds is a fault of the body, told without a word of it", async () => {
  const good = pixelBody(owner, "checkout_started", checkout("c-5"));
  const event = good.event as Record<string, unknown>;
  const cases: [string, string | Uint8Array | object][] = [
    ["nothing", ""],
    ["a list", "[]"],
    ["no JSON", "{"],
    ["no UTF-8", Buffer.from([0x7b, 0xff, 0x7d])],
    ["a shop that is none", { ...good, shop: "evil.example" }],
    ["no key", { ...good, pixel_key: undefined }],
    ["an id that is none", { ...good, event: { ...event, id: "a b" } }],
    ["a time that is none", { ...good, event: { ...event, timestamp: "2026-13-01T00:00:00Z" } }],
    ["a wrong type", { ...good, event: { ...event, data: { checkout: { token: 5 } } } }],
    ["a long text", { ...good, event: { ...event, clientId: "canary".repeat(100) } }],
  ];
  for (const [name, body] of cases) {
    const isBytes = typeof body === "string" || body instanceof Uint8Array;
    const response = await server.ask({
      method: "POST",
      headers: { "content-type": "application/json; charset=utf-8", "user-agent": BROWSER },
      body: (isBytes ? body : JSON.stringify(body)) as BodyInit,
    });
    const text = await response.text();
    expect([name, response.status]).toEqual([name, 400]);
    expect(text).not.toMatch(/canary|evil|2026-13/);
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
  }
  const odd = { ...good, __proto__: 1, constructor: "x", more: { a: [1] } };
  expect(await server.send(odd)).toBe(202);
});
