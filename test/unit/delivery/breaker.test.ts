import { describe, expect, test } from "vitest";
import { createBreaker } from "#app/delivery/breaker.server.ts";

function breakerAt(start = 1_000_000) {
  const clock = { ms: start };
  const breaker = createBreaker(() => clock.ms);
  const record = (answered: number, failed: number) => {
    for (let n = 0; n < answered; n += 1) breaker.record(true);
    for (let n = 0; n < failed; n += 1) breaker.record(false);
  };
  return { clock, breaker, record };
}

describe("the breaker for Pinterest as a whole", () => {
  test("stays closed while fewer than 20 requests were made", () => {
    const { breaker, record } = breakerAt();
    record(0, 19);
    expect(breaker.state()).toBe("closed");
  });

  test("opens when half of 20 requests failed", () => {
    const { breaker, record } = breakerAt();
    record(10, 9);
    expect(breaker.state()).toBe("closed");
    record(0, 1);
    expect(breaker.state()).toBe("open");
  });

  test("forgets failures that are older than a minute", () => {
    const { breaker, clock, record } = breakerAt();
    record(0, 19);
    clock.ms += 61_000;
    record(18, 1);
    expect(breaker.state()).toBe("closed");
  });

  test("lets one probe through after 5 s, and waits longer after each that fails", () => {
    const { breaker, clock, record } = breakerAt();
    record(0, 20);
    clock.ms += 4_999;
    expect(breaker.state()).toBe("open");
    clock.ms += 1;
    expect(breaker.state()).toBe("probe");
    breaker.takeProbe();
    expect(breaker.state()).toBe("open");
    record(0, 1);
    clock.ms += 9_999;
    expect(breaker.state()).toBe("open");
    clock.ms += 1;
    expect(breaker.state()).toBe("probe");
  });

  test("closes when a request is answered", () => {
    const { breaker, clock, record } = breakerAt();
    record(0, 20);
    clock.ms += 5_000;
    breaker.takeProbe();
    record(1, 0);
    expect(breaker.state()).toBe("closed");
    record(0, 19);
    expect(breaker.state()).toBe("closed");
  });
});
