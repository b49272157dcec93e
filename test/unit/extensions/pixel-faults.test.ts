import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { HOME, openPage } from "./pixel-sandbox.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: new Date("2026-11-24T10:00:00Z") });
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (milliseconds = 10_000) => vi.advanceTimersByTimeAsync(milliseconds);
const never = () => new Promise<never>(() => {});
const refused = () => Promise.reject(new Error("blocked"));
const thrown = () => {
  throw new Error("blocked");
};

describe("a page that fails the web pixel", () => {
  test.each([
    ["refuses storage, as private windows do", refused],
    ["throws", thrown],
    ["never answers", never],
    ["answers with nothing that was asked for", async () => 17],
  ])("%s: the events are sent all the same", async (_, ask) => {
    const localStorage = { getItem: ask, setItem: ask, removeItem: ask };
    const page = openPage({ browser: { cookie: { get: ask, set: ask }, localStorage } });
    page.publish("page_viewed", { href: `${HOME}?epik=dj0yJnU9` });
    page.publish("checkout_started", { data: { checkout: { token: "tok_1" } } });
    await pass();
    expect(page.names()).toEqual(["page_viewed", "checkout_started"]);
    expect(page.sent.map(({ body }) => body.click_id)).toEqual(["dj0yJnU9", "dj0yJnU9"]);
  });

  test.each([
    ["the network fails", refused],
    ["the browser throws", thrown],
    ["the app answers 503", async () => ({ status: 503 })],
  ])("%s: an event is sent once more, and no third time", async (_, answer) => {
    const page = openPage({ answer });
    page.publish("page_viewed");
    await pass();
    expect(page.sent.map(({ text }) => text)).toEqual(Array(2).fill(page.sent[0]?.text));
    // A body that is too much for what a browser sends past a page's end is refused only with it.
    expect(page.sent.map(({ options }) => options.keepalive)).toEqual([true, false]);
  });

  test.each([202, 400, 413])("an answer of %s is the last word", async (status) => {
    const page = openPage({ answer: async () => ({ status }) });
    page.publish("page_viewed");
    await pass();
    expect(page.sent).toHaveLength(1);
  });

  test.each([
    ["5", 4_900, 5_100],
    [null, 1_900, 2_100],
  ])(
    "an answer of 429 with Retry-After %s is tried once more then",
    async (after, before, then) => {
      const headers = new Headers(after === null ? {} : { "retry-after": after });
      const page = openPage({ answer: async () => ({ status: 429, headers }) });
      page.publish("checkout_completed");
      await pass(before);
      expect(page.sent).toHaveLength(1);
      await pass(then - before);
      expect(page.sent).toHaveLength(2);
      await pass(60_000);
      expect(page.sent).toHaveLength(2);
    },
  );

  test.each([
    ["product_added_to_cart", { cartLine: null }],
    ["product_viewed", { productVariant: null }],
    ["collection_viewed", { collection: { productVariants: null } }],
    ["search_submitted", null],
    ["checkout_started", { checkout: null }],
    ["checkout_completed", { checkout: { token: null, order: null, lineItems: [null, 7] } }],
  ])("%s without its parts is sent as it is", async (name, data) => {
    const page = openPage();
    page.publish(name, { data, context: null, clientId: null });
    await pass();
    expect(page.names()).toEqual([name]);
    expect(page.sent[0]?.body.event.context.navigator.userAgent).toBe("Mozilla/5.0 Test");
  });

  test("an event that cannot be read is left out, and the next one is sent", async () => {
    const page = openPage({ cart: { id: 7 } });
    page.publish("product_added_to_cart", { data: { cartLine: {} } });
    page.publishCustom(undefined as unknown as string, 3);
    page.publish("page_viewed");
    await pass();
    expect(page.names()).toEqual(["product_added_to_cart", "page_viewed"]);
  });

  test("keeps no global behind", async () => {
    const page = openPage();
    page.publish("page_viewed");
    await pass();
    expect(page.leftovers()).toEqual([]);
  });
});
