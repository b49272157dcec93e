import { expect, test } from "vitest";
import { readRetryAfter } from "#app/pinterest/transport.server.ts";

const NOW_MS = Date.parse("Tue, 24 Nov 2026 10:00:00 GMT");

test.each([
  ["seconds", "17", 17],
  ["a part of a second, which is rounded up", "0.2", 1],
  ["a date", "Tue, 24 Nov 2026 10:02:00 GMT", 120],
  ["a date that has passed", "Tue, 24 Nov 2026 09:00:00 GMT", 0],
  ["a negative number", "-5", 0],
  ["ten years", "315360000", 86_400],
  ["a year from now", "Wed, 24 Nov 2027 10:00:00 GMT", 86_400],
  ["nothing", undefined, null],
  ["an empty text", "", null],
  ["words", "about 5", null],
  ["a date that is none", "Tue, 99 Nov 2026 10:02:00 GMT", null],
])("Pinterest asks to wait by %s", (_what, header, seconds) => {
  expect(readRetryAfter(header, NOW_MS)).toBe(seconds);
});
