import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ALLOWED, HOME, openPage, PRODUCT_PAGE, REFUSED } from "./pixel-sandbox.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: new Date("2026-11-24T10:00:00Z") });
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (milliseconds = 5_000) => vi.advanceTimersByTimeAsync(milliseconds);
const landing = { href: `${HOME}?epik=dj0yJnU9` };
const started = { data: { checkout: { token: "tok_1", email: "ada@example.com" } } };

describe("before the shopper chose", () => {
  test("nothing is sent and nothing stored; what happened is sent once it is allowed", async () => {
    const page = openPage({ consent: REFUSED });
    page.publish("page_viewed", landing);
    page.publish("search_submitted");
    await pass();
    expect(page.sent).toEqual([]);
    expect(page.stored).toEqual(new Map());

    page.changeConsent(ALLOWED);
    await pass();
    expect(page.names()).toEqual(["page_viewed", "search_submitted"]);
    expect(page.sent[0]?.body).toMatchObject({
      click_id: "dj0yJnU9",
      consent: ALLOWED,
      event: { timestamp: "2026-11-24T10:00:00.000Z" },
    });
    expect([...page.stored.keys()].toSorted()).toEqual(["_pinrelay_checkout", "_pinrelay_epik"]);
  });

  test("only the newest fifty wait in memory", async () => {
    const page = openPage({ consent: REFUSED });
    for (let query = 0; query < 60; query += 1) {
      page.publish("search_submitted", { data: { searchResult: { query: String(query) } } });
    }
    page.changeConsent(ALLOWED);
    await pass();
    const queries = page.sent.map(({ body }) => body.event.data.searchResult.query);
    expect(queries).toEqual(Array.from({ length: 50 }, (_, at) => String(at + 10)));
  });

  test.each([undefined, null, {}, { marketingAllowed: "true" }])(
    "what says nothing allows nothing: %j",
    async (consent) => {
      const page = openPage({ consent });
      page.publish("page_viewed");
      await pass();
      expect(page.sent).toEqual([]);
    },
  );
});

describe("a shopper who refuses", () => {
  test("is never told of, not even after a change of mind", async () => {
    const page = openPage({ consent: REFUSED });
    page.publish("page_viewed");
    page.changeConsent(REFUSED);
    page.publish("checkout_started", started);
    await pass();
    page.changeConsent(ALLOWED);
    page.publish("search_submitted");
    await pass();
    expect(page.names()).toEqual(["search_submitted"]);
  });

  test("in the middle of a checkout has the app told of that, and of nothing else", async () => {
    const page = openPage();
    page.publish("checkout_started", { ...started, ...landing });
    await pass();
    page.changeConsent({ ...REFUSED, saleOfDataAllowed: false });
    page.publish("checkout_completed", started);
    await pass();
    expect(page.names()).toEqual(["checkout_started", "consent_changed"]);
    expect(page.sent[1]?.body).toEqual({
      shop: "demo.myshopify.com",
      pixel_key: "pk_public",
      consent: { ...REFUSED, saleOfDataAllowed: false },
      event: {
        id: expect.stringContaining("tok_1"),
        name: "consent_changed",
        timestamp: "2026-11-24T10:00:05.000Z",
        data: { checkout: { token: "tok_1" } },
      },
    });
    expect(page.stored).toEqual(new Map());
  });

  test("on another page than the checkout's has the app told as well", async () => {
    const first = openPage();
    first.publish("checkout_started", started);
    await pass();
    const second = openPage({ stored: first.stored });
    second.changeConsent(REFUSED);
    await pass();
    expect(second.sent.map(({ body }) => body.event.data)).toEqual([
      { checkout: { token: "tok_1" } },
    ]);
    expect(second.stored).toEqual(new Map());
  });

  test("before any checkout has the app told for the cart that it knows", async () => {
    const cart = { id: "gid://shopify/Cart/c1?key=secret" };
    const page = openPage({ cart });
    page.publish("product_added_to_cart", { data: { cartLine: { quantity: 1 } } });
    await pass();
    page.changeConsent(REFUSED);
    await pass();
    expect(page.sent[0]?.body.event.data.cart).toEqual({ id: "gid://shopify/Cart/c1" });
    expect(page.sent[1]?.body).toMatchObject({ consent: REFUSED });
    expect(page.sent[1]?.body.event).toEqual({
      id: expect.stringContaining("gid://shopify/Cart/c1-"),
      name: "consent_changed",
      timestamp: "2026-11-24T10:00:05.000Z",
      data: { cart: { id: "gid://shopify/Cart/c1" } },
    });
  });

  test("on another page has this one stop, also what it did before it was told", async () => {
    const stored = new Map<string, string>();
    const page = openPage({ stored });
    page.publish("checkout_started", started);
    await pass();
    openPage({ stored }).changeConsent(REFUSED);
    await pass();
    page.publish("product_added_to_cart");
    page.publish("page_viewed", landing);
    await pass();
    expect(page.names()).toEqual(["checkout_started"]);
    expect(stored).toEqual(new Map());

    const newest = openPage({ stored });
    newest.publish("page_viewed");
    await pass();
    page.publish("page_viewed");
    page.changeConsent(ALLOWED);
    page.publish("search_submitted");
    await pass();
    expect([newest.names(), page.names()]).toEqual([
      ["page_viewed"],
      ["checkout_started", "search_submitted"],
    ]);
  });

  test("without an open checkout, or after a completed one, has nobody told", async () => {
    const page = openPage();
    page.publish("checkout_completed", started);
    await pass();
    const later = openPage({ stored: page.stored });
    later.changeConsent(REFUSED);
    await pass();
    expect(later.sent).toEqual([]);
  });

  test("and at once allows it again is told of from then on", async () => {
    const page = openPage({ answersAfterMs: 150 });
    page.publish("page_viewed");
    await pass(200);
    page.changeConsent(REFUSED);
    page.changeConsent(ALLOWED);
    await pass();
    page.publish("search_submitted");
    await pass();
    expect(page.names()).toContain("search_submitted");
  });

  test("and allows it again is not told of as refusing", async () => {
    const page = openPage({ answer: () => Promise.reject(new Error("offline")) });
    page.publish("checkout_started", started);
    await pass();
    page.changeConsent(REFUSED);
    await pass(1_000);
    page.changeConsent(ALLOWED);
    await pass();
    expect(page.names()).toEqual(["checkout_started", "checkout_started", "consent_changed"]);
  });

  test("has what waits for a product, for an answer or for a second try dropped", async () => {
    const page = openPage({ answer: () => Promise.reject(new Error("offline")) });
    page.publish("page_viewed");
    await pass(1_000);
    page.publish("page_viewed", { href: PRODUCT_PAGE });
    page.publish("search_submitted");
    page.changeConsent(REFUSED);
    await pass();
    expect(page.names()).toEqual(["page_viewed"]);
  });
});

test("an opt-out of sale is told with each event that follows it", async () => {
  const page = openPage();
  page.publish("checkout_started", started);
  await pass();
  page.changeConsent({ ...ALLOWED, saleOfDataAllowed: false });
  page.publish("checkout_completed", started);
  await pass();
  expect(page.sent.map(({ body }) => body.consent.saleOfDataAllowed)).toEqual([true, false]);
});

describe("whatever happens, in whatever order", () => {
  const EVENTS = ["page_viewed", "product_viewed", "search_submitted", "checkout_started"] as const;
  const step = fc.oneof(
    fc.record({ kind: fc.constant("event" as const), name: fc.constantFrom(...EVENTS) }),
    fc.record({ kind: fc.constant("consent" as const), isAllowed: fc.boolean() }),
    fc.record({ kind: fc.constant("time" as const), ms: fc.constantFrom(0, 200, 900, 2_500) }),
  );

  test("nothing is sent or stored against the shopper's word", async () => {
    const property = fc.asyncProperty(
      fc.array(step, { maxLength: 30 }),
      fc.boolean(),
      fc.boolean(),
      fc.constantFrom(0, 150),
      async (steps, isAllowedAtFirst, isOffline, answersAfterMs) => {
        let isAllowed = isAllowedAtFirst;
        /** Events that a later consent does not cover: they happened after a no, or a no followed. */
        const forbidden = new Set<string>();
        let open: string[] = [];
        let hasSaidNo = false;
        const faults: unknown[] = [];
        const page = openPage({
          consent: isAllowedAtFirst ? ALLOWED : REFUSED,
          answersAfterMs,
          answer: ({ body }) => {
            const isWithdrawal = body.event.name === "consent_changed";
            if (isWithdrawal === isAllowed) faults.push(body.event);
            if (body.consent.marketingAllowed !== isAllowed) faults.push(body.consent);
            if (isWithdrawal && (body.click_id || body.event.clientId || body.event.context)) {
              faults.push("a withdrawal that says who");
            }
            return isOffline ? Promise.reject(new Error("offline")) : { status: 202 };
          },
        });
        let mark = 0;
        for (const given of steps) {
          if (given.kind === "event") {
            mark += 1;
            const token = `mark-${mark}`;
            page.publish(given.name, {
              id: token,
              href: given.name === "search_submitted" ? landing.href : PRODUCT_PAGE,
              data: { checkout: { token } },
            });
            if (!isAllowed && hasSaidNo) forbidden.add(token);
            else if (!isAllowed) open.push(token);
          } else if (given.kind === "consent") {
            isAllowed = given.isAllowed;
            if (!isAllowed) for (const token of open) forbidden.add(token);
            hasSaidNo = !isAllowed;
            open = [];
            page.changeConsent(isAllowed ? ALLOWED : REFUSED);
          } else await pass(given.ms);
          if (!isAllowed) {
            await pass(answersAfterMs);
            if (page.stored.size > 0) faults.push("stored against consent");
          }
        }
        await pass();
        for (const { body } of page.sent) if (forbidden.has(body.event.id)) faults.push(body.event);
        expect(faults).toEqual([]);
        expect(page.leftovers()).toEqual([]);
      },
    );
    await fc.assert(property, { numRuns: 300 });
  });
});
