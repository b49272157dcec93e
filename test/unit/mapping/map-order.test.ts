import { describe, expect, test } from "vitest";
import { hasCutLines } from "#app/events/match-notes.ts";
import {
  type Body,
  buildPolicy,
  mapOrderBody,
  mapWebhook,
  NOW,
  sentEvent,
  skipReason,
  webOrder,
} from "./web-order.ts";

const HOUR = 3_600;
const reason = (changes: Body, settings: Body = {}) => skipReason(mapOrderBody(changes, settings));

test("a web order becomes a purchase with the order's id, time, value and currency", () => {
  const mapped = mapOrderBody();
  expect(mapped).toMatchObject({
    kind: "checkout",
    sourceKey: "6204411576410",
    eventId: "order-6204411576410-checkout",
    idSource: "order",
    source: "web",
    orderId: "6204411576410",
    orderName: "#1042",
    actionSource: "web",
    value: "80.00",
    currency: "EUR",
    consent: "allowed:consent.default",
  });
  expect(sentEvent(mapped)).toMatchObject({
    event_name: "checkout",
    event_id: "order-6204411576410-checkout",
    event_time: Date.parse("2026-11-24T08:58:02Z") / 1000,
    event_source_url: "https://shop.example/products/linen-shirt",
    action_source: "web",
    language: "en",
    partner_name: "ss-pinrelay",
    custom_data: { order_id: "6204411576410", value: "80.00", currency: "EUR", num_items: 3 },
  });
});

describe("which webhook makes the purchase", () => {
  const paidOnly = buildPolicy({ purchase_trigger: "order_paid" });

  test("created and paid make the same event", () => {
    const created = mapWebhook("orders/create", webOrder());
    expect(mapWebhook("orders/paid", unedited())).toEqual(created);
  });

  test("in a shop that counts paid orders, a created one makes none", () => {
    expect(mapWebhook("orders/create", webOrder(), paidOnly)).toBeNull();
    expect(mapWebhook("orders/paid", webOrder(), paidOnly)?.eventId).toBe(
      "order-6204411576410-checkout",
    );
  });

  test("a cancellation settles the order's event, unless the shop sends cancelled orders", () => {
    const cancelled = mapWebhook("orders/cancelled", webOrder({ test: true, cancelled_at: null }));
    expect(skipReason(cancelled)).toBe("cancelled");
    expect(cancelled?.eventId).toBe("order-6204411576410-checkout");
    const sends = buildPolicy({ cancelled_orders: "send" });
    expect(mapWebhook("orders/cancelled", webOrder(), sends)).toBeNull();
  });
});

describe("orders that are not sent", () => {
  const CANCELLED = { cancelled_at: "2026-11-24T10:00:00Z" };

  test.each<[string, Body, Body]>([
    ["test_order", { test: true }, { test_orders: "send" }],
    ["cancelled", CANCELLED, { cancelled_orders: "send" }],
    ["zero_total", { total_price: "0.00" }, { zero_total_orders: "send" }],
    ["source_off", {}, { "source.web": "skip" }],
  ])("%s, and the shop's setting turns it round", (expected, changes, settings) => {
    const isOff = expected === "source_off";
    expect(reason(changes, isOff ? settings : {})).toBe(expected);
    expect(reason(changes, isOff ? {} : settings)).toBeNull();
  });

  test("of several reasons the shop's own come first, then age, consent and identity", () => {
    const everything = {
      ...CANCELLED,
      test: true,
      total_price: "0",
      processed_at: "2026-11-01T10:00:00Z",
      shipping_address: { country_code: "FR" },
      email: null,
      contact_email: null,
      customer: null,
      client_details: null,
      browser_ip: null,
    };
    const steps: [Body, Body, string][] = [
      [{}, { "source.web": "skip" }, "source_off"],
      [{}, {}, "test_order"],
      [{ test: false }, {}, "cancelled"],
      [{ cancelled_at: null }, {}, "zero_total"],
      [{ total_price: "5" }, {}, "too_old"],
      [{ processed_at: "2026-11-24T09:00:00Z" }, {}, "consent_unknown"],
      [{ shipping_address: { country_code: "US" } }, {}, "no_match_key"],
    ];
    let changes: Body = everything;
    for (const [fix, settings, expected] of steps) {
      changes = { ...changes, ...fix };
      expect(reason(changes, settings)).toBe(expected);
    }
  });

  test("a free order is known by its total, not by its products' price", () => {
    expect(
      reason({ total_price: "4.90", subtotal_price: "0.00", taxes_included: false }),
    ).toBeNull();
    expect(reason({ total_price: "0" })).toBe("zero_total");
  });
});

describe("time", () => {
  test("six days and twenty hours is the oldest that is sent", () => {
    const edge = new Date((NOW - 6 * 24 * HOUR - 20 * HOUR) * 1000).toISOString();
    const past = new Date((NOW - 6 * 24 * HOUR - 20 * HOUR - 1) * 1000).toISOString();
    expect(reason({ processed_at: edge })).toBeNull();
    expect(reason({ processed_at: past })).toBe("too_old");
  });

  test("an order from the future happened now: Pinterest takes no later time", () => {
    const mapped = mapOrderBody({ processed_at: "2026-11-24T23:00:00.900Z" });
    expect(sentEvent(mapped).event_time).toBe(NOW);
    expect(mapped.eventTimeSeconds).toBe(NOW);
  });

  test("an imported order happened when it was processed, not when it was imported", () => {
    expect(
      reason({ created_at: "2026-11-24T09:00:00Z", processed_at: "2019-01-01T00:00:00Z" }),
    ).toBe("too_old");
  });
});

describe("where it was sold", () => {
  test("a sale at a till is offline and has no page", () => {
    const event = sentEvent(mapOrderBody({ source_name: "pos" }));
    expect(event.action_source).toBe("offline");
    expect(event).not.toHaveProperty("event_source_url");
  });

  test("sources without a setting of their own follow source.other", () => {
    const byApp = { source_name: "755357713" };
    expect(sentEvent(mapOrderBody(byApp)).action_source).toBe("web");
    expect(reason(byApp, { "source.other": "skip" })).toBe("source_off");
    const own = { "source.other": "skip", "source.755357713": "offline" };
    expect(sentEvent(mapOrderBody(byApp, own)).action_source).toBe("offline");
  });

  test.each([
    [null, "https://shop.example"],
    ["/", "https://shop.example/"],
    ["/a b?c=d#e", "https://shop.example/a%20b"],
    ["https://other.example/page?x=1", "https://shop.example/page"],
    ["//evil.example/x", "https://shop.example/x"],
    ["http://[", "https://shop.example"],
    ["/en-gb/account/reset/5/secret-key", "https://shop.example"],
    ["/548380009/orders/secret-key", "https://shop.example"],
    [`/${"x".repeat(1_500)}`, "https://shop.example"],
  ])("landing on %j gives the page %s", (landing_site, expected) => {
    expect(sentEvent(mapOrderBody({ landing_site })).event_source_url).toBe(expected);
  });

  test("the permanent domain stands in for a primary domain that is not known yet", () => {
    const policy = buildPolicy({}, { primaryDomain: null });
    const event = sentEvent(mapWebhook("orders/create", webOrder({ landing_site: null }), policy));
    expect(event.event_source_url).toBe("https://demo.myshopify.com");
  });

  test("the page never holds a key to the order", () => {
    expect(JSON.stringify(mapOrderBody())).not.toContain("secret-access-key");
  });
});

test.each([
  ["en-GB", "en"],
  ["FR", "fr"],
  ["zh_CN", "zh"],
  ["fil", undefined],
  ["e", undefined],
  [null, undefined],
])("the language of locale %j is %s", (customer_locale, expected) => {
  expect(sentEvent(mapOrderBody({ customer_locale })).language).toBe(expected);
});

test("an order of a thousand lines is sent with as many of them as have room, and with its whole value", () => {
  const [line] = webOrder().line_items;
  const line_items = Array.from({ length: 1_000 }, (_, n) => ({
    ...line,
    id: line.id + n,
    variant_id: 40_000_000_000_000 + n,
  }));
  const order = mapOrderBody({ line_items, taxes_included: false });
  const event = sentEvent(order);
  const bytes = Buffer.byteLength(JSON.stringify(event));
  expect(bytes).toBeLessThanOrEqual(64 * 1024);
  expect(bytes).toBeGreaterThan(63 * 1024);
  const { contents = [], content_ids = [], num_items, value } = event.custom_data ?? {};
  expect(contents.map(({ id }) => id)).toEqual(content_ids);
  expect(content_ids[0]).toBe("40000000000000");
  expect([num_items, value]).toEqual([1_000 * line.quantity, order.value]);
  expect(hasCutLines(order.notes)).toBe(true);
  expect(hasCutLines(mapOrderBody().notes)).toBe(false);
});

test.each([
  ["subscription_contract", "subscription_contract_checkout_one"],
  ["subscription_contract_checkout_one", "subscription_contract"],
])("%s and %s are one source, whichever of them has the rule", (source_name, ruled) => {
  const skipped = mapOrderBody({ source_name }, { [`source.${ruled}`]: "skip" });
  expect(skipReason(skipped)).toBe("source_off");
  const own = { [`source.${ruled}`]: "skip", [`source.${source_name}`]: "offline" };
  expect(mapOrderBody({ source_name }, own).actionSource).toBe("offline");
  expect(mapOrderBody({ source_name }).source).toBe("subscription_contract");
  const app = mapOrderBody({ source_name: "755357713" }, { "source.other": "skip" });
  expect(skipReason(app)).toBe("source_off");
});

/** Nothing of it was taken back before it was paid; the fixture's `current_…` are a sample's. */
function unedited(): Body {
  const { current_subtotal_price: _, current_total_price: __, ...order } = webOrder();
  const lines = order.line_items.map((line: Body) => ({
    ...line,
    current_quantity: line.quantity,
  }));
  return { ...order, line_items: lines };
}
