import fc from "fast-check";
import { expect, test } from "vitest";
import { readWebhook } from "#app/intake/read/read-webhook.server.ts";
import { UnreadableAmountError } from "#app/mapping/choose-money.server.ts";
import { mapStoreEvent } from "#app/mapping/map-store-event.server.ts";
import { tampered } from "../../support/tampered.ts";
import { buildPolicy, fixture, NOW, webOrder } from "../mapping/web-order.ts";

const TOPICS = [
  "orders/create",
  "orders/paid",
  "orders/cancelled",
  "checkouts/create",
  "checkouts/update",
  "customers/create",
];
const topic = fc.constantFrom(...TOPICS);

/** A real body in which some values, at any depth, are something else. */
const tamperedBody = tampered([
  webOrder(),
  fixture("2026-07.checkouts_create"),
  fixture("2026-07.customers_create"),
]).map((body) => JSON.stringify(body));

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
        const mapped = mapStoreEvent(result.event, buildPolicy(), NOW);
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
