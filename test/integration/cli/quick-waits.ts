import { syncBuiltinESMExports } from "node:module";
import timers from "node:timers/promises";

/**
 * Loaded before a command, it makes the waits between attempts a thousandth as long. The time limits
 * of an attempt are as they are.
 */
const { setTimeout: wait } = timers;
timers.setTimeout = ((ms = 0, ...rest: [unknown?]) => wait(ms / 1_000, ...rest)) as typeof wait;
syncBuiltinESMExports();
