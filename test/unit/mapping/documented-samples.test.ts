import { describe, expect, test } from "vitest";
import {
  type Body,
  buildPolicy,
  fixture,
  mapWebhook,
  SAMPLE_NOW,
  sentEvent,
  skipReason,
} from "./web-order.ts";

/** Shopify's documented bodies of API 2026-07, as they are and with one thing changed. */
function mapSample(topic: string, changes: Body = {}, settings: Body = {}, now = SAMPLE_NOW) {
  const body = { ...fixture(`2026-07.${topic.replace("/", "_")}`), ...changes };
  return mapWebhook(topic, body, buildPolicy(settings), now);
}

describe("orders", () => {
  const LIVE = { test: false, cancelled_at: null };

  test("the sample order is a test order: it is not sent", () => {
    expect(skipReason(mapSample("orders/create"))).toBe("test_order");
    expect(skipReason(mapSample("orders/paid"))).toBe("test_order");
  });

  test("were it a real one, it was cancelled; the cancellation says the same", () => {
    expect(skipReason(mapSample("orders/create", { test: false }))).toBe("cancelled");
    expect(skipReason(mapSample("orders/cancelled"))).toBe("cancelled");
  });

  test("were it alive, it would be sent with its subtotal, two emails and no products", () => {
    const event = sentEvent(mapSample("orders/create", LIVE));
    expect(event.custom_data).toEqual({
      currency: "USD",
      value: "404.95",
      num_items: 5,
      order_id: "820982911946154500",
    });
    expect(event.user_data.em).toHaveLength(2);
    // "555-555-SHIP" is nobody's number.
    expect(event.user_data.ph).toBeUndefined();
    expect(event.event_time).toBe(SAMPLE_NOW - 3_600);
  });

  test("a week later it is too old", () => {
    const later = SAMPLE_NOW + 7 * 86_400;
    expect(skipReason(mapSample("orders/create", LIVE, {}, later))).toBe("too_old");
  });
});

describe("checkouts", () => {
  test("the sample checkout is sent once: its update makes the same event", () => {
    const created = mapSample("checkouts/create");
    expect(created).toMatchObject({
      kind: "initiate_checkout",
      sourceKey: "123123123",
      eventId: "checkout-123123123-initiate_checkout",
      orderId: null,
      value: "398.00",
    });
    expect(sentEvent(created).custom_data).toMatchObject({
      content_ids: ["808950810", "808950810"],
      num_items: 2,
    });
    expect(mapSample("checkouts/update")).toEqual(created);
  });

  test("its recovery link, which opens the shopper's checkout, is nowhere in the event", () => {
    expect(JSON.stringify(mapSample("checkouts/create"))).not.toMatch(/secret-token|recover/);
  });

  test("prices with tax lose it, in the shop's currency whatever the shop prefers", () => {
    const settings = { currency_basis: "presentment" };
    const mapped = mapSample("checkouts/create", { taxes_included: true }, settings);
    expect(mapped).toMatchObject({ value: "374.12", currency: "USD" });
  });

  test("an early checkout without an email cannot be matched yet", () => {
    const early = { email: null, customer: null };
    expect(skipReason(mapSample("checkouts/create", early))).toBe("no_match_key");
  });

  test("a shop may turn checkouts off, or their source", () => {
    const off = { "events.initiate_checkout": "off", "source.web": "skip" };
    expect(skipReason(mapSample("checkouts/create", {}, off))).toBe("event_off");
    expect(skipReason(mapSample("checkouts/create", {}, { "source.web": "skip" }))).toBe(
      "source_off",
    );
  });
});

describe("customers", () => {
  test("the sample customer signed up: no account, made at checkout", () => {
    const mapped = mapSample("customers/create");
    expect(mapped).toMatchObject({
      kind: "signup",
      sourceKey: "706405506930370000",
      eventId: "customer-706405506930370000-signup",
      value: null,
      currency: null,
      source: "web",
    });
    const event = sentEvent(mapped);
    expect(event).not.toHaveProperty("custom_data");
    expect(event.event_source_url).toBe("https://shop.example");
  });

  test.each([
    ["invited", "imported"],
    ["declined", "imported"],
    ["enabled", null],
    ["disabled", null],
    [null, null],
  ])("a customer whose account is %s is skipped as %s", (state, expected) => {
    expect(skipReason(mapSample("customers/create", { state }))).toBe(expected);
  });

  test("a shop may turn sign-ups off", () => {
    const off = { "events.signup": "off" };
    expect(skipReason(mapSample("customers/create", { state: "invited" }, off))).toBe("event_off");
  });
});
