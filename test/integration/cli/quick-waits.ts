import { syncBuiltinESMExports } from "node:module";
import timers from "node:timers/promises";
import { afterAll, beforeAll } from "vitest";

/**
 * Makes the waits between attempts a thousandth as long, for the tests of a file. The time limits of
 * an attempt are as they are.
 */
export function waitBriefly(): void {
  const { setTimeout: wait } = timers;
  const use = (replacement: typeof wait) => {
    timers.setTimeout = replacement;
    syncBuiltinESMExports();
  };
  beforeAll(() => use(((ms = 0, ...rest: [unknown?]) => wait(ms / 1_000, ...rest)) as typeof wait));
  afterAll(() => use(wait));
}
