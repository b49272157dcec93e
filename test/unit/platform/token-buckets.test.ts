import fc from "fast-check";
import { expect, test } from "vitest";
import { createTokenBuckets } from "#app/platform/http/token-buckets.server.ts";

const LIMITS = { perSecond: 20, burst: 50, maxKeys: 3 };

test("a burst passes, then as many as come in again, and the wait for the next is told", () => {
  const buckets = createTokenBuckets(LIMITS);
  const taken = Array.from({ length: 51 }, () => buckets.take("a", 0));
  expect(taken).toEqual([...Array(50).fill(0), 1]);
  expect(buckets.take("a", 49)).toBe(1);
  expect(buckets.take("a", 50)).toBe(0);
  expect(buckets.take("a", 50)).toBe(1);
  expect(buckets.take("b", 50)).toBe(0);
});

test("never more than the burst and the rate pass, whenever they come", () => {
  const steps = fc.array(fc.integer({ min: -100, max: 400 }), { maxLength: 300 });
  fc.assert(
    fc.property(steps, (waits) => {
      const buckets = createTokenBuckets(LIMITS);
      let [nowMs, latestMs, passed] = [0, 0, 0];
      let backMs = 0;
      for (const wait of waits) {
        nowMs = Math.max(0, nowMs + wait);
        // A clock that is set back and runs on counts the same time twice.
        backMs += wait < 0 ? -wait : 0;
        latestMs = Math.max(latestMs, nowMs);
        if (buckets.take("a", nowMs) === 0) passed += 1;
      }
      expect(passed).toBeLessThanOrEqual(50 + ((latestMs + backMs) * 20) / 1_000 + 1e-6);
    }),
  );
});

test("a thousand strangers do not fill the memory, and who came last is remembered", () => {
  const buckets = createTokenBuckets(LIMITS);
  for (let n = 0; n < 50; n += 1) buckets.take("regular", n);
  for (let n = 0; n < 1_000; n += 1) {
    buckets.take(`stranger-${n}`, 50);
    expect(buckets.take("regular", 50) > 0).toBe(n > 0);
  }
  expect(buckets.size()).toBe(3);
});

test("a caller who is new costs no more where all places are taken than where none is", () => {
  const buckets = createTokenBuckets({ ...LIMITS, maxKeys: 50_000 });
  let made = 0;
  function timeStrangers(): number {
    const start = process.threadCpuUsage();
    for (let n = 0; n < 20_000; n += 1) buckets.take(`stranger-${made++}`, 0);
    const { user, system } = process.threadCpuUsage(start);
    return user + system;
  }
  const first = timeStrangers();
  const later = Array.from({ length: 10 }, timeStrangers).slice(5);
  expect(Math.max(...later)).toBeLessThan(20 * first);
});
