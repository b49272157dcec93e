import fc from "fast-check";
import { expect, test } from "vitest";
import { readWebhook } from "#app/intake/read/read-webhook.server.ts";
import { UnreadableAmountError } from "#app/mapping/choose-money.server.ts";
import { mapStoreEvent } from "#app/mapping/map-store-event.server.ts";
import { fixture, NOW, policyOf, webOrder } from "../mapping/web-order.ts";

const TOPICS = [
  "orders/create",
  "orders/paid",
  "orders/cancelled",
  "checkouts/create",
  "checkouts/update",
  "customers/create",
];
const topic = fc.constantFrom(...TOPICS);

const hostileText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("\u0000", "\ud800", "x".repeat(100_000), "__proto__", "constructor", "1e400"),
);
const hostileValue = fc.oneof(
  hostileText,
  fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 1e308, [], {}, [[]], { amount: {} }),
  fc.jsonValue({ maxDepth: 3 }),
);

/** A real body in which some values, at any depth, are something else. */
const tamperedBody = fc
  .record({
    base: fc.constantFrom(
      webOrder(),
      fixture("2026-07.checkouts_create"),
      fixture("2026-07.customers_create"),
    ),
    changes: fc.array(fc.record({ at: fc.nat(), value: hostileValue }), { maxLength: 4 }),
  })
  .map(({ base, changes }) => {
    const body = structuredClone(base);
    for (const { at, value } of changes) {
      const places = placesOf(body);
      const [holder, key] = places[at % places.length] ?? [body, "id"];
      // A copy: the same object put into itself would make the body endless.
      (holder as Record<string, unknown>)[key] = structuredClone(value);
    }
    return JSON.stringify(body);
  });

function placesOf(value: unknown): [object, string][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    [value, key] as [object, string],
    ...placesOf(inner),
  ]);
}

test("no bytes make reading a webhook throw", () => {
  fc.assert(
    fc.property(topic, fc.uint8Array({ maxLength: 200 }), (name, bytes) => {
      readWebhook(name, Buffer.from(bytes));
    }),
  );
});

test("no JSON makes reading a webhook throw", () => {
  fc.assert(
    fc.property(topic, fc.json(), (name, text) => {
      readWebhook(name, Buffer.from(text));
    }),
  );
});

test("a tampered webhook is either read and mapped, or unreadable with its faults, or lacks an amount", () => {
  fc.assert(
    fc.property(topic, tamperedBody, (name, text) => {
      const result = readWebhook(name, Buffer.from(text));
      if (result.kind === "unreadable") expect(result.problem).not.toBe("");
      if (result.kind !== "store_event") return;
      try {
        const mapped = mapStoreEvent(result.event, policyOf(), NOW);
        expect(mapped === null || mapped.sourceKey.length > 0).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(UnreadableAmountError);
      }
    }),
    { numRuns: 300 },
  );
});

test("a deeply nested order is not mistaken for its neighbour in number", () => {
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  const text = JSON.stringify(webOrder({ id: "ID", admin_graphql_api_id: null, deep: "DEEP" }));
  const body = text.replace('"ID"', "820982911946154508").replace('"DEEP"', deep);
  expect(readWebhook("orders/create", Buffer.from(body))).toMatchObject({
    kind: "unreadable",
    orderId: null,
    problem: "id: expected a whole number above 0",
  });
});
