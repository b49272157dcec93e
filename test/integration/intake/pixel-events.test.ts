import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { payloadIdentity } from "#app/events/encryption-identity.ts";
import { checkoutBody } from "#test/sandbox/sample-checkouts.ts";
import { type IntakeServer, startIntakeServer } from "#test/support/intake-server.ts";
import { miscounts } from "#test/support/outbox-fixture.ts";
import { type PixelParts, pixelBody } from "#test/support/pixel-server.ts";
import { openPixelWorld, type PixelWorld } from "#test/support/pixel-world.ts";
import { eventually } from "#test/support/poll.ts";
import { fixture } from "#test/unit/mapping/web-order.ts";

let world: PixelWorld;
let { db, keyring, server } = {} as PixelWorld;
let webhooks: IntakeServer;
let { shop, owner } = {} as Awaited<ReturnType<PixelWorld["openShop"]>>;
beforeAll(async () => {
  // Its connection has a public address only behind a proxy.
  world = await openPixelWorld(() => ({ trustedProxies: ["127.0.0.1"] }));
  ({ db, keyring, server } = world);
  webhooks = await startIntakeServer(world);
});
beforeEach(async () => {
  ({ shop, owner } = await world.openShop());
});
afterAll(async () => {
  await server.close();
  await webhooks.close();
  expect(await miscounts(db)).toEqual([]);
  await db.close();
});

const SHOPPER = { "x-forwarded-for": "198.51.100.7" };
const deliver = (body: object) => server.send(body, SHOPPER);
const send = (name: string, parts: PixelParts = {}) => deliver(pixelBody(owner, name, parts));

interface StoredEvent {
  id: string;
  kind: string;
  event_id: string;
  state: string;
  /** Of the payload. */
  sentId: string | null;
  products: string[] | undefined;
}

async function events(of = shop.id): Promise<StoredEvent[]> {
  const { rows } = await db.pool.query(
    `select e.id, e.kind, e.event_id, e.source_key, e.state, p.body from event e
      left join event_payload p on p.event_ref = e.id and p.drop_on = e.payload_drop_on
      where e.shop_id = $1 order by e.id`,
    [of.toString()],
  );
  const keys = await keyring.load(db.pool, [of]);
  return rows.map(({ source_key: key, body, ...row }) => {
    const identity = payloadIdentity(of, row.kind, key);
    const payload = body === null ? null : JSON.parse(String(keys.decrypt(body, identity)));
    return {
      ...row,
      sentId: payload?.event_id ?? null,
      products: payload?.custom_data?.content_ids,
    };
  });
}

const product = (id: string) => ({ data: { productVariant: { id, price: { amount: 5 } } } });
const at = (ms: number) => ({ timestamp: new Date(ms).toISOString() });
/** A moment in the last minutes, so many milliseconds after the edge of a window of 30 seconds. */
const edge = (ms: number) => Math.floor((Date.now() - 300_000) / 30_000) * 30_000 + ms;

test("a page and the product on it are one visit, whichever is told first", async () => {
  await send("page_viewed", { id: "sh-page", href: "https://x.example/products/a" });
  expect(await events()).toMatchObject([{ event_id: "sh-page", state: "held" }]);
  const a = { id: "sh-product", href: "https://x.example/products/a", ...product("11") };
  await send("product_viewed", a);
  const told = { event_id: "sh-product", sentId: "sh-product", state: "pending", products: ["11"] };
  expect(await events()).toMatchObject([told]);

  await send("product_viewed", { ...a, id: "sh-b", href: "https://x.example/products/b" });
  await send("page_viewed", { id: "sh-late", href: "https://x.example/products/b" });
  const href = "https://x.example/products/c";
  const together = [
    pixelBody(owner, "page_viewed", { id: "sh-c1", href }),
    pixelBody(owner, "product_viewed", { id: "sh-c2", href, ...product("13") }),
  ];
  await Promise.all(together.map(deliver));
  expect((await events()).map(({ event_id }) => event_id)).toEqual(["sh-product", "sh-b", "sh-c2"]);
});

test("a page whose time is over keeps its id: it may have been sent under it", async () => {
  await send("page_viewed", { id: "sh-page" });
  await db.pool.query(
    "update event set next_at = now() + interval '1.9 seconds' where shop_id = $1",
    [shop.id.toString()],
  );
  await send("product_viewed", { id: "sh-product", ...product("11") });
  expect(await events()).toMatchObject([{ event_id: "sh-page", sentId: "sh-page" }]);
});

test("a reload is the same visit within 30 seconds, also across an edge, and another one later", async () => {
  const look = (id: string, ms: number) => send("page_viewed", { id, ...at(edge(ms)) });
  await look("sh-1", 29_900);
  await look("sh-2", 30_100);
  await look("sh-3", 59_000);
  expect((await events()).map(({ event_id }) => event_id)).toEqual(["sh-1"]);
  await look("sh-4", 61_500);
  expect((await events()).map(({ event_id }) => event_id)).toEqual(["sh-1", "sh-4"]);
  await send("product_viewed", { id: "sh-5", ...product("11"), ...at(edge(89_000)) });
  expect((await events()).map(({ event_id }) => event_id)).toEqual(["sh-1", "sh-5"]);
});

test("two tabs show one page, and two browsers or two pages are two", async () => {
  const now = at(Date.now() - 1_000);
  const looks = [{}, {}, { clientId: "another" }, { href: "https://x.example/pages/about" }];
  await Promise.all(looks.map((look) => send("page_viewed", { ...now, ...look })));
  expect(await events()).toHaveLength(3);
  const put = (id: string) =>
    send("product_added_to_cart", {
      id,
      data: { cartLine: { merchandise: { id: "11" }, quantity: 1 } },
    });
  await put("sh-put-1");
  await put("sh-put-2");
  expect(await events()).toHaveLength(5);
});

test("a copy of a body changes nothing, whenever it comes", async () => {
  const token = { data: { checkout: { token: "copied" } } };
  const old = at(Date.now() - 7_200_000);
  const bodies = [
    pixelBody(owner, "page_viewed", old),
    pixelBody(owner, "product_viewed", { ...product("11"), href: "https://x.example/products/z" }),
    pixelBody(owner, "search_submitted", { data: { searchResult: { query: "socks" } } }),
    pixelBody(owner, "checkout_started", token),
    pixelBody(owner, "payment_info_submitted", token),
    pixelBody(owner, "pinrelay:lead", { customData: { value: 5 } }),
  ];
  for (const body of bodies) expect(await deliver(body)).toBe(202);
  const before = await events();
  expect(before.map(({ kind }) => kind)).toEqual([
    "page_visit",
    "page_visit",
    "search",
    "initiate_checkout",
    "add_payment_info",
    "lead",
  ]);
  await Promise.all([...bodies, ...bodies].map(deliver));
  expect(await events()).toEqual(before);
});

test("a checkout is one event, whether its webhook or its browser comes first", async () => {
  const checkout = (token: string) => ({
    ...checkoutBody({ token, seed: 7 }),
    email: "jane@example.com",
  });
  const started = (token: string, id: string) =>
    send("checkout_started", { id, data: { checkout: { token } } });
  await started("browser-first", "sh-b1");
  await webhooks.deliver("checkouts/create", shop.domain, checkout("browser-first"));
  await webhooks.deliver("checkouts/create", shop.domain, checkout("webhook-first"));
  await started("webhook-first", "sh-b2");
  // An early checkout has nobody's address yet: the browser is what identifies it.
  const early = { ...checkout("early"), email: null, phone: null, customer: null };
  const bare = { ...early, billing_address: null, shipping_address: null };
  await webhooks.deliver("checkouts/create", shop.domain, bare);
  expect((await events()).at(-1)).toMatchObject({ state: "skipped" });
  await started("early", "sh-b3");
  expect(await events()).toMatchObject([
    { kind: "initiate_checkout", event_id: "sh-b1", state: "pending" },
    { event_id: "checkout-webhook-first-initiate_checkout", state: "pending" },
    { event_id: "sh-b3", sentId: "sh-b3", state: "pending" },
  ]);
});

test("a purchase has the browser's id, whether its webhook or its browser comes first", async () => {
  const order = (id: number, token: string) => {
    const processed_at = new Date(Date.now() - 60_000).toISOString();
    return { ...fixture("web-order"), id, processed_at, checkout_token: token };
  };
  const tell = (name: string, id: string, token: string, more: PixelParts = {}) =>
    send(name, { id, data: { checkout: { token } }, ...more });
  await tell("checkout_started", "sh-s1", "told-late");
  await eventually(() => isHeard(shop.id));
  await webhooks.deliver("orders/create", shop.domain, order(501, "told-late"));
  const [purchase] = (await events()).slice(-1);
  expect(purchase).toMatchObject({ kind: "checkout", state: "held" });
  await tell("checkout_completed", "sh-c1", "told-late");
  await eventually(async () => (await events()).at(-1)?.state === "pending");
  expect((await events()).at(-1)).toMatchObject({ event_id: "sh-c1", sentId: "sh-c1" });

  await tell("checkout_completed", "sh-c2", "told-early");
  await webhooks.deliver("orders/create", shop.domain, order(502, "told-early"));
  expect((await events()).at(-1)).toMatchObject({ event_id: "sh-c2", state: "pending" });

  await tell("checkout_started", "sh-s3", "withdrawn");
  await webhooks.deliver("orders/create", shop.domain, order(503, "withdrawn"));
  const refused = { consent: { marketingAllowed: false }, clientId: null };
  await tell("consent_changed", "sh-w3", "withdrawn", refused);
  await eventually(async () => (await events()).at(-1)?.state === "skipped");
  expect((await events()).at(-1)).toMatchObject({ kind: "checkout", sentId: null });
});

async function isHeard(shopId: bigint): Promise<boolean> {
  const { rows } = await db.pool.query("select last_pixel_at from shop where id = $1", [
    shopId.toString(),
  ]);
  return rows[0].last_pixel_at !== null;
}

test("nothing becomes an event against the shopper's will, nor by another shop's key", async () => {
  const refused = { consent: { marketingAllowed: false } };
  await send("page_viewed", refused);
  await send("checkout_started", { ...refused, data: { checkout: { token: "refused" } } });
  const { shop: other, owner: foreign } = await world.openShop();
  await deliver(pixelBody({ ...owner, pixelKey: foreign.pixelKey }, "page_viewed"));
  await deliver(pixelBody({ ...foreign, pixelKey: owner.pixelKey }, "page_viewed"));
  expect(await events()).toEqual([]);
  expect(await events(other.id)).toEqual([]);
});

const look = fc.record({
  ms: fc.integer({ min: 0, max: 100_000 }),
  isProduct: fc.boolean(),
});

test("however a page is looked at, no two of its visits lie within 30 seconds, and none is lost", async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(look, { minLength: 1, maxLength: 8 }),
      fc.boolean(),
      async (looks, isTogether) => {
        run += 1;
        const href = `https://x.example/products/run-${run}`;
        const base = edge(0);
        const bodies = looks
          .toSorted((one, other) => one.ms - other.ms)
          .map(({ ms, isProduct }) =>
            pixelBody(owner, isProduct ? "product_viewed" : "page_viewed", {
              href,
              ...at(base + ms),
              ...(isProduct && product("11")),
            }),
          );
        const before = (await events()).length;
        if (isTogether) await Promise.all(bodies.map(deliver));
        else for (const body of bodies) await deliver(body);
        const { rows } = await db.pool.query<{ event_time: bigint }>(
          "select event_time from event where shop_id = $1 order by id offset $2",
          [shop.id.toString(), before],
        );
        const times = rows.map(({ event_time }) => Number(event_time)).sort((a, b) => a - b);
        const gaps = times.slice(1).map((time, place) => time - (times[place] ?? 0));
        if (!isTogether) expect(gaps.filter((gap) => gap < 30)).toEqual([]);
        for (const { ms } of looks) {
          const second = Math.floor((base + ms) / 1_000);
          expect(times.some((time) => Math.abs(time - second) <= 60)).toBe(true);
        }
      },
    ),
    { numRuns: Number(process.env.PIXEL_RUNS ?? 20) },
  );
});
