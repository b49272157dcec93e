import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { readPixelBody } from "#app/intake/pixel/read-pixel-body.server.ts";
import { ALLOWED, HOME, openPage, PRODUCT_PAGE, SETTINGS } from "./pixel-sandbox.ts";

const NOW = new Date("2026-11-24T10:00:00Z");
const DAY_MS = 24 * 3_600_000;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Lets a moment pass: what waits for another event, for an answer or for a second try, is done. */
const pass = (milliseconds = 3_000) => vi.advanceTimersByTimeAsync(milliseconds);

/** What the app makes of what the pixel sent. */
const readSent = ({ sent }: ReturnType<typeof openPage>) =>
  sent.map(({ text }) =>
    readPixelBody(Buffer.from(text), { address: null, userAgent: null, atMs: Date.now() }),
  );

const money = (amount: number) => ({ amount, currencyCode: "EUR" });
const variant = (id: string) => ({
  id,
  sku: `sku-${id}`,
  title: "Blue",
  price: money(12.5),
  image: { src: "https://cdn.test/i.png" },
  untranslatedTitle: "Blue",
  product: { id: "1", title: "Vase", type: "Vases", vendor: "Clay", url: "/products/vase" },
});
const address = {
  firstName: "Ada",
  lastName: "Lovelace",
  address1: "12 Street",
  city: "Berlin",
  countryCode: "DE",
  provinceCode: null,
  zip: "10115",
  phone: null,
};
const checkout = (token = "tok_1", lines = 1) => ({
  token,
  email: "ada@example.com",
  phone: null,
  billingAddress: address,
  shippingAddress: null,
  currencyCode: "EUR",
  subtotalPrice: money(12.5),
  totalPrice: money(17.5),
  totalTax: money(2),
  transactions: [{ gateway: "bogus", amount: money(17.5) }],
  attributes: [{ key: "note", value: "private" }],
  order: { id: "gid://shopify/OrderIdentity/7", customer: { id: "5", isFirstOrder: true } },
  lineItems: Array.from({ length: lines }, (_, index) => ({
    id: String(index),
    title: "Vase",
    quantity: 1,
    finalLinePrice: money(12.5),
    variant: variant(String(index)),
    properties: [{ key: "engraving", value: "private" }],
  })),
});

describe("what the web pixel sends", () => {
  test("is one event a request, in text that no browser asks permission for", async () => {
    const page = openPage();
    page.publish("page_viewed");
    page.publish("search_submitted", { data: { searchResult: { query: "vase" } } });
    await pass();
    expect(page.sent.map(({ url }) => url)).toEqual([SETTINGS.endpoint, SETTINGS.endpoint]);
    for (const { options } of page.sent) {
      expect(options).toEqual({
        method: "POST",
        keepalive: true,
        credentials: "omit",
        headers: { "Content-Type": "text/plain;charset=UTF-8" },
      });
    }
  });

  test("has Shopify's names and nesting, and of a checkout only what is read", async () => {
    const page = openPage({ cart: { id: "gid://shopify/Cart/c1?key=secret", lines: [] } });
    page.publish("checkout_completed", { data: { checkout: checkout() }, href: HOME });
    await pass();
    expect(page.sent[0]?.body).toEqual({
      shop: SETTINGS.shop,
      pixel_key: SETTINGS.key,
      consent: ALLOWED,
      event: {
        id: expect.stringMatching(/^sh-/),
        name: "checkout_completed",
        timestamp: NOW.toISOString(),
        clientId: "client-1",
        context: {
          document: { location: { href: HOME } },
          navigator: { userAgent: "Mozilla/5.0 Test", language: "en-GB" },
        },
        data: {
          cart: { id: "gid://shopify/Cart/c1" },
          checkout: {
            token: "tok_1",
            email: "ada@example.com",
            currencyCode: "EUR",
            subtotalPrice: money(12.5),
            totalPrice: money(17.5),
            billingAddress: {
              firstName: "Ada",
              lastName: "Lovelace",
              city: "Berlin",
              countryCode: "DE",
              zip: "10115",
            },
            order: { id: "gid://shopify/OrderIdentity/7", customer: { id: "5" } },
            lineItems: [
              {
                quantity: 1,
                finalLinePrice: money(12.5),
                variant: {
                  id: "0",
                  sku: "sku-0",
                  title: "Blue",
                  price: money(12.5),
                  product: { id: "1", title: "Vase", type: "Vases", vendor: "Clay" },
                },
              },
            ],
          },
        },
      },
    });
  });

  test.each([
    ["product_viewed", { productVariant: variant("11") }, "productVariant.product.id"],
    ["collection_viewed", { collection: { id: "9", productVariants: [] } }, "collection.id"],
    ["search_submitted", { searchResult: { query: "vase" } }, "searchResult.query"],
    [
      "product_added_to_cart",
      { cartLine: { quantity: 2, merchandise: variant("11"), cost: { totalAmount: money(25) } } },
      "cartLine.cost.totalAmount.amount",
    ],
    ["checkout_started", { checkout: checkout() }, "checkout.token"],
    ["payment_info_submitted", { checkout: checkout() }, "checkout.token"],
  ])("tells %s with its data", async (name, data, path) => {
    const page = openPage();
    page.publish(name, { data });
    await pass();
    expect(page.names()).toEqual([name]);
    expect(page.sent[0]?.body.event.data).toHaveProperty(path);
    expect(readSent(page)).toMatchObject([{ kind: "event", event: { action: expect.anything() } }]);
  });

  test("is read by the app, whatever Shopify leaves out", async () => {
    const page = openPage({ consent: { ...ALLOWED, saleOfDataAllowed: undefined } });
    for (const name of [
      "page_viewed",
      "product_viewed",
      "checkout_started",
      "checkout_completed",
    ]) {
      page.publish(name, { data: null, clientId: null });
    }
    page.publish("checkout_completed", { data: { checkout: { token: null, order: null } } });
    page.publishCustom("pinrelay:lead", { value: 5, currency: "EUR" });
    page.publish("checkout_started", { data: { checkout: checkout() } });
    await pass();
    page.changeConsent({ marketingAllowed: false });
    await pass();
    expect(page.names()).toContain("consent_changed");
    expect(readSent(page).map(({ kind }) => kind)).toEqual(page.sent.map(() => "event"));
  });

  test("keeps below what the app takes, and says how many lines were left out", async () => {
    const page = openPage();
    const wide = checkout("tok_1", 90);
    for (const line of wide.lineItems) line.variant.title = "é".repeat(240);
    page.publish("checkout_completed", { data: { checkout: wide } });
    await pass();
    const { text, body } = page.sent[0] ?? { text: "", body: {} };
    expect(Buffer.byteLength(text)).toBeLessThan(32 * 1024);
    const { data } = body.event;
    expect(data.checkout.lineItems.length).toBeGreaterThan(10);
    expect(data.linesLeftOut).toBe(90 - data.checkout.lineItems.length);
    expect(data.checkout.totalPrice).toEqual(money(17.5));
  });

  test("is nothing for an event that would not fit without its lines either", async () => {
    const page = openPage();
    const long = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [at, "é".repeat(1_900)]));
    page.publishCustom("pinrelay:lead", long);
    page.publishCustom("pinrelay:lead", { value: 5 });
    await pass();
    expect(page.sent.map(({ body }) => body.event.customData)).toEqual([{ value: 5 }]);
  });

  test("includes what a theme publishes for Pinrelay, and nothing that others publish", async () => {
    const page = openPage();
    page.publishCustom("pinrelay:lead", { value: 5, email: "ada@example.com", ids: ["1"] });
    for (const name of ["other:lead", "page_viewed", "constructor", "all_events"]) {
      page.publishCustom(name, { value: 6 });
    }
    page.publish("cart_viewed");
    await pass();
    expect(page.names()).toEqual(["pinrelay:lead"]);
    expect(page.sent[0]?.body.event).toMatchObject({
      customData: { value: 5, email: "ada@example.com", ids: ["1"] },
    });
  });
});

describe("the view of a product's page", () => {
  const names = async (events: readonly (readonly [string, string])[]) => {
    const page = openPage();
    for (const [name, href] of events) page.publish(name, { href });
    await pass();
    return page.names();
  };

  test.each([[["page_viewed", "product_viewed"]], [["product_viewed", "page_viewed"]]])(
    "is one, whichever of its events comes first: %s",
    async (order) => {
      expect(await names(order.map((name) => [name, PRODUCT_PAGE] as const))).toEqual([
        "product_viewed",
      ]);
    },
  );

  test("is told without its product, where no product is told of", async () => {
    expect(await names([["page_viewed", PRODUCT_PAGE]])).toEqual(["page_viewed"]);
  });

  test("is not that of the page before it", async () => {
    const told = await names([
      ["page_viewed", PRODUCT_PAGE],
      ["product_viewed", "https://demo.test/products/bowl"],
    ]);
    expect(told.toSorted()).toEqual(["page_viewed", "product_viewed"]);
  });

  test("alone waits: other pages are told of at once", async () => {
    const page = openPage();
    page.publish("page_viewed", { href: PRODUCT_PAGE });
    page.publish("page_viewed", { href: "https://demo.test/pages/about?from=/products/vase" });
    await pass(0);
    expect(page.sent.map(({ body }) => body.event.context.document.location.href)).toEqual([
      "https://demo.test/pages/about?from=/products/vase",
    ]);
  });
});

describe("the click id", () => {
  const clickIdOf = async (page: ReturnType<typeof openPage>, href = HOME) => {
    page.publish("page_viewed", { href });
    await pass();
    return page.sent.at(-1)?.body.click_id;
  };
  const stored = (value: string, days: number) =>
    new Map([["_pinrelay_epik", JSON.stringify({ value, at: NOW.getTime() - days * DAY_MS })]]);

  test.each([
    "https://demo.test/?epik=dj0yJnU9",
    "https://demo.test/?utm=1&_epik=dj0yJnU9#top",
    "https://demo.test/?a=1&amp;EPIK=dj0yJnU9",
  ])("is that of the landing page: %s", async (href) => {
    const page = openPage({ cookies: { _epik: "cookie" }, stored: stored("older", 3) });
    expect(await clickIdOf(page, href)).toBe("dj0yJnU9");
    expect(JSON.parse(page.stored.get("_pinrelay_epik") ?? "")).toEqual({
      value: "dj0yJnU9",
      at: NOW.getTime(),
    });
  });

  test("is otherwise Pinterest's cookie, then what was stored on an earlier page", async () => {
    const both = openPage({ cookies: { _epik: "cookie" }, stored: stored("older", 3) });
    expect(await clickIdOf(both)).toBe("cookie");
    expect(await clickIdOf(openPage({ stored: stored("older", 364) }))).toBe("older");
    expect(await clickIdOf(openPage({ stored: stored("older", 366) }))).toBeUndefined();
  });

  test("keeps the date of its first day, whatever shows it again", async () => {
    const bookmarked = openPage({ stored: stored("dj0yJnU9", 366) });
    expect(await clickIdOf(bookmarked, `${HOME}?epik=dj0yJnU9`)).toBeUndefined();
    const inCookie = openPage({ cookies: { _epik: "dj0yJnU9" }, stored: stored("dj0yJnU9", 20) });
    expect(await clickIdOf(inCookie)).toBe("dj0yJnU9");
    expect(inCookie.stored.get("_pinrelay_epik")).toBe(
      stored("dj0yJnU9", 20).get("_pinrelay_epik"),
    );
  });

  test.each(["undefined", "NULL", "{{epik}}", "%25%25epik%25%25"])(
    "is not lost to an address or a cookie that says %s",
    async (none) => {
      const landed = openPage({ stored: stored("older", 3) });
      expect(await clickIdOf(landed, `${HOME}?epik=${none}`)).toBe("older");
      const cookies = { _epik: decodeURIComponent(none) };
      const inCookie = openPage({ cookies, stored: stored("older", 3) });
      expect(await clickIdOf(inCookie)).toBe("older");
      expect(inCookie.stored.get("_pinrelay_epik")).toBe(stored("older", 3).get("_pinrelay_epik"));
    },
  );

  test("counts its year from today where a wrong clock wrote a date to come", async () => {
    const page = openPage({ stored: stored("older", -400) });
    expect(await clickIdOf(page)).toBe("older");
    expect(page.stored.get("_pinrelay_epik")).toBe(stored("older", 0).get("_pinrelay_epik"));
  });

  test.each(["undefined%20words", "%E0%A4%A", `${"x".repeat(1_001)}`, ""])(
    "is none where the address holds no click id: %s",
    async (text) => {
      const id = await clickIdOf(openPage(), `${HOME}?epik=${text}`);
      expect(id === undefined || id === text).toBe(true);
      expect(id ?? "").not.toMatch(/\s/);
    },
  );
});

test("where Shopify sees the shopper goes along as soon as the theme's script has noted it", async () => {
  const page = openPage();
  page.publish("page_viewed");
  await pass();
  page.stored.set("_pinrelay_region", "USCA");
  page.publish("search_submitted", { data: { searchResult: { query: "vase" } } });
  await pass();
  expect(page.sent.map(({ body }) => body.region)).toEqual([undefined, "USCA"]);
});
