import { expect, test } from "vitest";
import { findFieldName, findSubject, isPassingFault } from "#app/events/pinterest-words.ts";

test("Pinterest's words for an event are known by what they speak of", () => {
  const words = [
    ["Additional properties are not allowed ('flavor' was unexpected)", "field"],
    ["unknown field: flavor", "field"],
    ["Additional properties are not allowed ('currency' was unexpected)", "field"],
    ["currency is required when value is set", "currency"],
    ["value must be a decimal number", "value"],
    ["event_time is older than 7 days", "time"],
    ["em must be a SHA-256 hash", "hash"],
    ["user_data holds no match key", "person"],
    ["event_name is not one of yours", "name"],
    ["no", null],
  ] as const;
  for (const [text, subject] of words) expect([text, findSubject(text)]).toEqual([text, subject]);
});

test("the field that Pinterest does not know is named, with and without quotes", () => {
  const words = ["('a.b_c' was unexpected)", "unknown field: a.b_c", 'unknown key "a.b_c"'];
  expect(words.map(findFieldName)).toEqual(["a.b_c", "a.b_c", "a.b_c"]);
  expect(findFieldName("additional properties")).toBe("");
});

test("a fault that passes is told from one that stays", () => {
  expect(isPassingFault("Temporarily unavailable, try again")).toBe(true);
  expect(isPassingFault("Request timed out")).toBe(true);
  expect(isPassingFault("currency is missing")).toBe(false);
});
