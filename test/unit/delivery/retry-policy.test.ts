import { describe, expect, test } from "vitest";
import {
  accountPauseMs,
  rateLimitPauseMs,
  retryDelayMs,
} from "#app/delivery/retry-policy.server.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe("when an event is sent again", () => {
  test("after 5 s, 30 s, 2 min, 10 min, 30 min, 1 h, 2 h, 4 h, then every 6 h", () => {
    const delays = Array.from({ length: 11 }, (_, attempts) => retryDelayMs(attempts, 0.5));
    expect(delays).toEqual([
      5_000,
      30_000,
      2 * MINUTE,
      10 * MINUTE,
      30 * MINUTE,
      HOUR,
      2 * HOUR,
      4 * HOUR,
      6 * HOUR,
      6 * HOUR,
      6 * HOUR,
    ]);
  });

  test("spread by a fifth either way", () => {
    expect(retryDelayMs(0, 0)).toBe(4_000);
    expect(retryDelayMs(0, 1)).toBe(6_000);
  });
});

describe("when an ad account is left alone", () => {
  test("not for one or two failures, then 5 s doubling to 10 minutes", () => {
    expect([0, 1, 2].map(accountPauseMs)).toEqual([null, null, null]);
    expect([3, 4, 5, 6].map(accountPauseMs)).toEqual([5_000, 10_000, 20_000, 40_000]);
    expect(accountPauseMs(40)).toBe(10 * MINUTE);
  });

  test("a rate limit that names no time pauses from the first one on", () => {
    expect(rateLimitPauseMs(0)).toBe(5_000);
    expect(rateLimitPauseMs(2)).toBe(20_000);
  });
});
