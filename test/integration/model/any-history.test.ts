import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { check, settle } from "./checks.ts";
import { type EventPath, openEventPath } from "./event-path.ts";
import type { Scene } from "./shoppers.ts";
import { histories, type Step, take } from "./steps.ts";
import { openWorld, type World } from "./world.ts";

/** Set by the command that a failure prints. */
const { MODEL_SEED, MODEL_PATH, MODEL_REPLAY, MODEL_RUNS } = process.env;
/** Each has a database of its own: one waits for Postgres while the other works. */
const LANES = MODEL_SEED === undefined ? 2 : 1;
const RUNS = Number(MODEL_RUNS ?? 500);

/** Only to end it if it hangs: the machine may be busy. */
const PATIENCE_MS = 600_000;

let paths: EventPath[];

beforeAll(async () => {
  paths = await Promise.all(Array.from({ length: LANES }, openEventPath));
});
afterAll(() => Promise.all(paths.map((path) => path.close())));

const scene: fc.Arbitrary<Scene> = fc.record({
  country: fc.constantFrom("US", "US", "FR"),
  skewSeconds: fc.constantFrom(0, 0, -7_200, 7_200, 90_000, -400 * 86_400, 400 * 86_400),
  isSecondOld: fc.boolean(),
});

async function live(path: EventPath, scene: Scene, act: (world: World) => Promise<void>) {
  const world = await openWorld(path, scene);
  try {
    await act(world);
    await settle(world);
    await check(world);
  } finally {
    await world.leave();
  }
}

const created: Step = { do: "deliver", topic: "created", at: 0, crash: "none" };
const tell = (told: "started" | "completed" | "refused", more: object = {}): Step => {
  const own = { at: 0, by: 0, hasGoodKey: true, withCart: false, isCutOff: false } as const;
  return { do: "tell", told, second: told === "started" ? 0 : 4, ...own, ...more };
};
const work: Step = { do: "work", gate: "none", answer: "good" };
const tick: Step = { do: "tick", seconds: 40 };
const guess = (at: 0 | 1): Step => ({ do: "guess", told: "completed", at, second: 1 });

/** The histories that matter most, beside those that chance finds. */
const KNOWN: Record<string, Step[]> = {
  "the order between the browser's words": [tell("started"), created, tell("completed")],
  "the order last": [tell("started"), tell("completed"), created],
  "the order first": [created, tell("started"), tell("completed")],
  "the process ends before it joins them": [
    tell("started"),
    created,
    tell("completed", { isCutOff: true }),
    created,
  ],
  "a refusal while the order is held": [tell("started"), created, tell("refused")],
  "the same, and the process ends": [tell("started"), created, tell("refused", { isCutOff: true })],
  "the browser's id comes too late": [tell("started"), created, tick, tell("completed"), work],
  "the browser's id comes while a worker has the order in hand": [
    tell("started"),
    created,
    tick,
    { ...work, gate: "before" },
    tell("completed"),
    { do: "resume", nth: 0 },
  ],
  "a refusal before the app came back": [
    tell("refused"),
    { do: "uninstall", shop: 0 },
    { do: "reinstall", shop: 0 },
    created,
  ],
  "one id for the orders of others": [guess(0), guess(1), created, { ...created, at: 1 }],
  "a cancelled order whose shopper's consent comes later": [
    created,
    { ...created, topic: "cancelled" },
    tell("started"),
    { ...created, topic: "paid" },
  ],
  "two workers with one lease after the other": [
    created,
    { ...work, gate: "before" },
    tick,
    { ...work, gate: "before" },
    { do: "resume", nth: 0 },
    work,
    { do: "resume", nth: 0 },
  ],
};

const KNOWN_RUNS = Object.entries(KNOWN).flatMap(([name, steps]) =>
  (["US", "FR"] as const).map((country) => ({ name, country, steps })),
);

test.each(KNOWN_RUNS)("it holds for $name ($country)", async ({ country, steps }) => {
  const [path] = paths as [EventPath];
  await live(path, { country, skewSeconds: 0, isSecondOld: false }, async (world) => {
    for (const step of steps) await take(world, step);
  });
});

function describeFailure<T>(details: fc.RunDetails<T>): string {
  const cause = details.errorInstance;
  const why = cause instanceof Error ? cause.stack : String(cause);
  const report = `${fc.defaultReportMessage(details)}\n\n${why}`;
  const replay = /replayPath="([^"]*)"/.exec(report)?.[1] ?? "";
  const settings = `MODEL_SEED=${details.seed} MODEL_PATH=${details.counterexamplePath} MODEL_REPLAY='${replay}'`;
  const file = "test/integration/model/any-history.test.ts";
  return `${report}\n\nTo repeat it: ${settings} npx vitest run --project integration ${file}`;
}

test(
  "whatever happens, in any order: an order has one id, is sent once, for what it is worth, and never against consent",
  async () => {
    await Promise.all(
      paths.map(async (path) => {
        const property = fc.asyncProperty(scene, histories(MODEL_REPLAY), (given, commands) =>
          live(path, given, (world) =>
            fc.asyncModelRun(() => ({ model: world, real: world }), commands),
          ),
        );
        const details = await fc.check(property, {
          numRuns: RUNS / LANES,
          ...(MODEL_SEED !== undefined && { seed: Number(MODEL_SEED) }),
          ...(MODEL_PATH !== undefined && { path: MODEL_PATH }),
        });
        if (details.failed) expect.fail(describeFailure(details));
      }),
    );
  },
  PATIENCE_MS,
);
