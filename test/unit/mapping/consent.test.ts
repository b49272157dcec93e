import { expect, test } from "vitest";
import {
  type Body,
  mapOrderBody,
  mapWebhook,
  policyOf,
  skipReason,
  webOrder,
} from "./web-order.ts";

function consentOf(changes: Body, settings: Body = {}) {
  const mapped = mapOrderBody(changes, settings);
  return [skipReason(mapped), mapped.consent];
}

const to = (country_code: string | null) => ({ shipping_address: { country_code } });

test("where consent is required, an order that says nothing of it is not sent", () => {
  expect(consentOf(to("FR"))).toEqual(["consent_unknown", "unknown:consent.EU"]);
  expect(consentOf(to("GB"))).toEqual(["consent_unknown", "unknown:consent.GB"]);
  expect(consentOf(to("CH"))).toEqual(["consent_unknown", "unknown:consent.CH"]);
  expect(consentOf(to("NO"))).toEqual(["consent_unknown", "unknown:consent.EU"]);
});

test("where silence is respected as such, it is sent, and the rule is kept with it", () => {
  expect(consentOf(to("US"))).toEqual([null, "allowed:consent.default"]);
  expect(consentOf(to("FR"), { "consent.EU": "respect" })).toEqual([null, "allowed:consent.EU"]);
  expect(consentOf(to("US"), { "consent.default": "require" })).toEqual([
    "consent_unknown",
    "unknown:consent.default",
  ]);
});

test("a country's own rule wins over the Union's", () => {
  const settings = { "consent.DE": "respect" };
  expect(consentOf(to("DE"), settings)).toEqual([null, "allowed:consent.DE"]);
  expect(consentOf(to("FR"), settings)).toEqual(["consent_unknown", "unknown:consent.EU"]);
});

test("the shopper's country is that of shipping, else billing, else home, else the shop's", () => {
  const billing = { billing_address: { country_code: "FR" }, customer: null };
  expect(consentOf({ ...billing, ...to("US") })[1]).toBe("allowed:consent.default");
  expect(consentOf({ ...billing, ...to(null) })[1]).toBe("unknown:consent.EU");
  const nowhere = { billing_address: null, shipping_address: null };
  const home = { customer: { default_address: { country_code: "GB" } } };
  expect(consentOf({ ...nowhere, ...home })[1]).toBe("unknown:consent.GB");
  expect(consentOf({ ...nowhere, customer: null })[1]).toBe("allowed:consent.default");
  const order = webOrder({ ...nowhere, customer: null });
  const french = policyOf({}, { countryCode: "FR" });
  expect(mapWebhook("orders/create", order, french)?.consent).toBe("unknown:consent.EU");
  const unknown = policyOf({}, { countryCode: null });
  expect(mapWebhook("orders/create", order, unknown)?.consent).toBe("allowed:consent.default");
});

test("consent is not asked for an order that is not sent anyway", () => {
  expect(consentOf({ ...to("FR"), test: true })).toEqual(["test_order", null]);
});
