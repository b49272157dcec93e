import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createPinterestBreaker } from "#app/delivery/pinterest-breaker.server.ts";
import type { SendAnswer } from "#app/pinterest/send-events.server.ts";

const WELL: SendAnswer = {
  kind: "answered",
  httpStatus: 200,
  events: [],
  received: 0,
  processed: 0,
};

function refusal(httpStatus: number, isJson = true): SendAnswer {
  const about = { code: isJson ? 1 : null, message: "no", retryAfterSeconds: null, events: null };
  return { kind: "refused", httpStatus, isJson, ...about };
}

const LOST: SendAnswer = { kind: "lost", reason: "timeout", httpStatus: null, message: "late" };
let breaker: ReturnType<typeof createPinterestBreaker>;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  breaker = createPinterestBreaker();
});
afterEach(() => vi.useRealTimers());

async function hear(answer: SendAnswer, times: number): Promise<void> {
  for (let n = 0; n < times; n += 1) await breaker.ask(async () => answer);
}

function pass(ms: number): void {
  vi.setSystemTime(Date.now() + ms);
}

describe("the breaker for Pinterest as a whole", () => {
  test("stays closed while fewer than 20 requests were made, or half of them are well", async () => {
    await hear(LOST, 19);
    expect(breaker.state()).toBe("closed");
    await hear(WELL, 20);
    await hear(LOST, 1);
    expect(breaker.state()).toBe("closed");
    await hear(LOST, 1);
    expect(breaker.state()).toBe("open");
  });

  test.each([
    ["lost answers", LOST],
    ["5xx", refusal(503)],
    ["pages that are not Pinterest's", refusal(400, false)],
    ["401", refusal(401)],
    ["403", refusal(403)],
    ["404", refusal(404)],
  ])("opens for %s", async (_, answer) => {
    await hear(answer, 20);
    expect(breaker.state()).toBe("open");
    expect(await breaker.ask(async () => WELL)).toBeNull();
  });

  test.each([
    ["what is wrong with the events", refusal(400)],
    ["limits", refusal(429)],
  ])("does not open for %s", async (_, answer) => {
    await hear(answer, 100);
    expect(breaker.state()).toBe("closed");
  });

  test("lets one request through after 5 s, then 10 s, … up to two minutes", async () => {
    await hear(LOST, 20);
    for (const pauseMs of [5_000, 10_000, 20_000, 40_000, 80_000, 120_000, 120_000]) {
      pass(pauseMs - 1);
      expect(breaker.state()).toBe("open");
      pass(1);
      expect(breaker.state()).toBe("probe");
      await hear(LOST, 1);
    }
    pass(120_000);
    await hear(WELL, 1);
    expect(breaker.state()).toBe("closed");
    await hear(LOST, 20);
    pass(5_000);
    expect(breaker.state()).toBe("probe");
  });

  test("asks nothing else while the probe is under way", async () => {
    await hear(LOST, 20);
    pass(5_000);
    const answer = Promise.withResolvers<SendAnswer>();
    const probe = breaker.ask(() => answer.promise);
    expect(breaker.state()).toBe("open");
    expect(await breaker.ask(async () => WELL)).toBeNull();
    answer.resolve(WELL);
    await probe;
    expect(breaker.state()).toBe("closed");
  });

  test("an answer to a request from before it opened neither closes nor opens it anew", async () => {
    const early = Promise.withResolvers<SendAnswer>();
    const asked = breaker.ask(() => early.promise);
    await hear(LOST, 20);
    early.resolve(WELL);
    await asked;
    expect(breaker.state()).toBe("open");
  });
});
