import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import { type Body, buildPolicy, fixture, mapWebhook, NOW, webOrder } from "./web-order.ts";

const schemas = JSON.parse(readFileSync("test/fixtures/pinterest/events.schema.json", "utf8"));
const ajv = new Ajv2020({ strict: false, allErrors: true, schemas: [schemas] });
addFormats.default(ajv);

function faultsUnder(definition: string, event: unknown) {
  const validate = ajv.getSchema(`urn:pinterest:capi:v5:events#/$defs/${definition}`);
  if (validate === undefined) throw new Error(`no ${definition}`);
  return validate({ data: [event] }) ? [] : validate.errors;
}

const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 30 }),
  fc.constantFrom("", null, " ", "Zoë", "São Paulo", "+4930901820", "K2P 0B0"),
);
const money = fc
  .tuple(fc.nat(10_000_000), fc.constantFrom("", ".5", ".05", ".005"))
  .map(([n, f]) => n + f);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 3 });
const email = fc.oneof(fc.emailAddress(), text);
const id = fc.oneof(fc.integer({ min: 1, max: 2 ** 53 - 1 }), fc.constant(null));
const currency = fc.constantFrom("EUR", "USD", "JPY", "KWD");

const address = fc.record(
  {
    first_name: text,
    last_name: text,
    city: text,
    zip: text,
    province_code: text,
    country_code: fc.constantFrom("US", "CA", "JP", "BR", "", null),
    phone: text,
  },
  { requiredKeys: [] },
);
const line = fc.record({
  variant_id: id,
  product_id: id,
  sku: text,
  quantity: fc.nat(1_000),
  price: money,
  tax_lines: fc.array(fc.record({ price: money }), { maxLength: 2 }),
});
const basket = {
  email,
  phone: text,
  currency,
  presentment_currency: maybe(currency),
  taxes_included: fc.boolean(),
  subtotal_price: money,
  total_price: money,
  landing_site: maybe(fc.oneof(fc.webPath(), fc.webUrl(), text)),
  customer_locale: text,
  source_name: fc.constantFrom("web", "pos", "shopify_draft_order", "", null),
  line_items: fc.array(line, { maxLength: 4 }),
  billing_address: maybe(address),
  shipping_address: maybe(address),
  note_attributes: fc.array(fc.record({ name: fc.constantFrom("_epik", "x"), value: text })),
};
const browser = fc.record({
  browser_ip: fc.oneof(fc.ipV4(), fc.ipV6(), text),
  user_agent: text,
});
const customer = fc.record({ id, email, first_name: text, phone: text, state: text });

const orders = fc
  .record({ ...basket, client_details: maybe(browser), customer: maybe(customer) })
  .map((changes) => ["orders/create", webOrder(changes)] as const);
const checkouts = fc
  .record({ ...basket, created_at: fc.constant("2026-11-24T09:00:00Z"), customer: maybe(customer) })
  .map(
    (changes) =>
      ["checkouts/create", { ...fixture("2026-07.checkouts_create"), ...changes }] as const,
  );
const customers = fc
  .record({ created_at: fc.constant("2026-11-24T09:00:00Z"), email, default_address: address })
  .map(
    (changes) =>
      ["customers/create", { ...fixture("2026-07.customers_create"), ...changes }] as const,
  );

const settings = fc.record({
  value_basis: fc.constantFrom("subtotal_before_tax", "subtotal", "total"),
  currency_basis: fc.constantFrom("shop", "presentment"),
  product_id: fc.constantFrom("variant", "product", "sku", "shopify_{country}_{product}"),
  "consent.default": fc.constantFrom("respect"),
});

/** The strict profile asks purchases for product ids, which an order of custom items cannot have. */
function isStrictlyComplete(mapped: MappedEvent, event: Body) {
  return mapped.kind !== "checkout" || event.custom_data.content_ids !== undefined;
}

test("every event that is sent fits Pinterest's published schema", () => {
  const seen = { sent: 0, strict: 0 };
  fc.assert(
    fc.property(fc.oneof(orders, checkouts, customers), settings, ([topic, body], chosen) => {
      const policy = buildPolicy(chosen, { countryCode: "US" });
      const mapped = mapWebhook(topic, body, policy, NOW);
      if (mapped?.outcome.kind !== "send") return;
      const event = JSON.parse(JSON.stringify(mapped.outcome.event));
      expect(faultsUnder("EventsRequest", event)).toEqual([]);
      expect(faultsUnder("EventsRequest_5_28", event)).toEqual([]);
      seen.sent += 1;
      if (!isStrictlyComplete(mapped, event)) return;
      expect(faultsUnder("EventsRequestStrict", event)).toEqual([]);
      seen.strict += 1;
    }),
    { numRuns: 400 },
  );
  // A generator whose events are all skipped would prove nothing.
  expect(seen.sent).toBeGreaterThan(100);
  expect(seen.strict).toBeGreaterThan(50);
});

test("the schema check bites: an unknown key and a plain email are faults", () => {
  const mapped = mapWebhook("orders/create", webOrder());
  if (mapped?.outcome.kind !== "send") throw new Error("not sent");
  const event = mapped.outcome.event;
  expect(faultsUnder("EventsRequest", { ...event, surprise: 1 })).not.toEqual([]);
  const plain = { ...event, user_data: { em: ["jane@example.com"] } };
  expect(faultsUnder("EventsRequestStrict", plain)).not.toEqual([]);
});
