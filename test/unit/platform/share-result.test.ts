import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { shareResult } from "#app/platform/http/share-result.server.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("many callers share one question, and its answer for a second after it came", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const ask = vi.fn(() => promise);
  const shared = shareResult(1_000, ask);
  const waiting = Array.from({ length: 100 }, shared);
  await vi.advanceTimersByTimeAsync(5_000);
  waiting.push(shared());
  resolve("yes");
  expect(new Set(await Promise.all(waiting))).toEqual(new Set(["yes"]));
  await vi.advanceTimersByTimeAsync(999);
  expect([await shared(), ask.mock.calls.length]).toEqual(["yes", 1]);
  await vi.advanceTimersByTimeAsync(1);
  expect([await shared(), ask.mock.calls.length]).toEqual(["yes", 2]);
});

test("a question that failed is shared as well, and asked again a second later", async () => {
  const ask = vi.fn(() => Promise.reject(new Error("away")));
  const shared = shareResult(1_000, ask);
  for (let caller = 0; caller < 3; caller += 1) await expect(shared()).rejects.toThrow("away");
  expect(ask.mock.calls).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1_000);
  await expect(shared()).rejects.toThrow("away");
  expect(ask.mock.calls).toHaveLength(2);
});
