import { expect, test } from "vitest";
import { eventInput } from "#app/tasks/input/event-input.server.ts";
import { presentFields } from "#app/tasks/input/read-fields.server.ts";
import { faultsOf, readInput, requestOf } from "./read-input.ts";

const MILLION = 1_000_000;

test.each<[string, unknown]>([
  ["a hundred thousand unknown keys", manyKeys(100_000)],
  ["a million emails", { email: Array(MILLION).fill(5) }],
  ["a million products", { contents: Array(MILLION).fill(5) }],
  ["products of a thousand keys", { contents: Array(500).fill(manyKeys(1_000)) }],
  ["a million events", { task: "send_batch_events", events: Array(MILLION).fill(5) }],
  ["a key of a million letters", { ["k".repeat(MILLION)]: 1 }],
  ["an email of a million letters", { email: `${"a".repeat(MILLION)}@x.com` }],
  ["a million spaces in a token", { accessToken: `a${" ".repeat(MILLION)}b` }],
])("%s are answered in few words", (_name, input) => {
  const read = readInput(input);
  expect(read.ok).toBe(false);
  expect(JSON.stringify(read).length).toBeLessThan(20_000);
});

test("ten thousand hostile rows are answered by twenty faults each, and by one when that is too much", () => {
  const events = Array(10_000).fill(manyKeys(30));
  const { rows } = requestOf({ task: "send_batch_events", events });
  const counts = rows.map((row) => (row.kind === "faulty" ? row.error.fields?.length : 0));
  expect([counts[0], counts.at(-1)]).toEqual([20, 1]);
  expect(JSON.stringify(rows).length).toBeLessThan(8_000_000);
});

test("before any field is looked at, no more is left than can be named", () => {
  const fields = presentFields(eventInput, {
    ...manyKeys(1_000),
    email: Array(MILLION).fill(5),
    contents: Array(MILLION).fill(manyKeys(1_000)),
  });
  expect(Object.keys(fields)).toHaveLength(22);
  expect(fields.email).toHaveLength(501);
  expect(fields.contents).toHaveLength(501);
  expect(Object.keys((fields.contents as object[])[0] ?? {})).toHaveLength(20);
});

test("text nested a hundred thousand times over stops nothing", () => {
  const nested = "[".repeat(100_000) + "]".repeat(100_000);
  expect(faultsOf({ task: "send_batch_events", events: nested })).toHaveProperty("row");
  expect(faultsOf({ task: "send_batch_events", events: `[${nested.slice(1)}` })).not.toEqual({});
});

test("keys of JavaScript's own objects change no other object, and are named", () => {
  const events = '[{"__proto__":{"currency":"EUR"},"constructor":1}]';
  const faults = faultsOf(JSON.parse(`{"task":"send_batch_events","events":${events}}`));
  expect(Object.keys(faults).sort()).toEqual(["__proto__", "constructor"]);
  expect(faultsOf(JSON.parse('{"__proto__":{"task":"x"}}'))).toHaveProperty("__proto__");
  expect(({} as Record<string, unknown>).currency).toBeUndefined();
});

test("what cannot stand in text is taken out of what is free, and refused in ids", () => {
  const input = {
    email: "a@x.com",
    firstName: "Zo\ud800e\u0000",
    clientUserAgent: "M\u0007\udc00",
  };
  const [row] = requestOf(input).rows;
  if (row?.kind !== "event") throw new Error("faulty");
  const { mapped } = row;
  expect(JSON.stringify(mapped).isWellFormed()).toBe(true);
  expect(mapped.outcome).toMatchObject({ event: { user_data: { client_user_agent: "M" } } });
  expect(faultsOf({ orderId: "\ud800", productId: "\u0000", eventId: "\u001b[2J" })).toEqual({
    orderId: expect.any(String),
    productId: expect.any(String),
    eventId: expect.any(String),
  });
});

test("a key with control characters is named without them", () => {
  expect(Object.keys(faultsOf({ "\u001b[31mred\u0000": 1 }))).toEqual(["[31mred"]);
});

function manyKeys(count: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, index]));
}
