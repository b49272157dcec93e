import { beforeAll, expect, test } from "vitest";
import type { CellResult } from "#test/faults/cell.ts";
import { proveLossIsSeen } from "#test/faults/cells/asynchronous-commit.ts";
import { CELLS } from "#test/faults/cells.ts";
import { openInstallation } from "#test/faults/installation.ts";
import { runCells } from "#test/faults/run-cells.ts";

/** The cells that take seconds; `npm run test:faults` has all of them. */
const QUICK = CELLS.filter(({ isQuick }) => isQuick);
const SEED = Number(process.env.FAULTS_SEED ?? Date.now() % 1_000_000);

let lossSeen: Promise<string[]>;
const results = new Map<string, CellResult>();

beforeAll(async () => {
  lossSeen = proveLossIsSeen(SEED);
  lossSeen.catch(() => {});
  const installation = await openInstallation();
  console.log(`seed ${SEED}; to see a cell again: npm run test:faults -- --cell … --seed ${SEED}`);
  const onResult = (result: CellResult) => results.set(result.name, result);
  await runCells(installation, QUICK, { seed: SEED, onResult }).finally(() => installation.close());
});

test.each(QUICK.map(({ name }) => name))("%s", (name) => {
  expect(results.get(name)?.faults).toEqual([]);
  expect(results.get(name)?.acknowledged).toBeGreaterThan(0);
});

test("the harness sees what is lost when Postgres does not wait for its disk", async () => {
  expect((await lossSeen).join("\n")).toMatch(/^I1: .* was acknowledged, and is not stored$/m);
});
