import { expect, test } from "vitest";
import { computeLane } from "#app/events/lane.ts";

// Stored rows are found again by these numbers: a change that moves one needs a migration of data.
test.each([
  ["", 5],
  ["demo.myshopify.com", 51],
  ["a.myshopify.com", 29],
  ["549755885175", 56],
  ["é", 4],
])("%s is in lane %i, for ever", (name, lane) => expect(computeLane(name)).toBe(lane));

test("shops spread over all lanes", () => {
  const shops = Array.from({ length: 6_400 }, (_, n) => `shop-${n}.myshopify.com`);
  const sizes = [...Map.groupBy(shops, computeLane).values()].map((lane) => lane.length);
  expect(sizes).toHaveLength(64);
  expect(Math.max(...sizes)).toBeLessThan(200);
});
