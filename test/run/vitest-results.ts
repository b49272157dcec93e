import { writeFileSync } from "node:fs";
import type { Reporter, SerializedError, TestModule } from "vitest/node";
import type { Tally } from "./tally.ts";

/** The variable that names the file to write. */
export const RESULTS_FILE = "PINRELAY_RESULTS_FILE";

/**
 * A Vitest reporter that writes a Tally: Vitest's own JSON leaves out why a test was skipped, and
 * errors that belong to no test. A file that does not load is one failure.
 */
export default function reportResults(): Reporter {
  return {
    onTestRunEnd(modules, unhandledErrors) {
      const file = process.env[RESULTS_FILE];
      if (file !== undefined)
        writeFileSync(file, JSON.stringify(tallyOf(modules, unhandledErrors)));
    },
  };
}

function tallyOf(
  modules: readonly TestModule[],
  unhandledErrors: readonly SerializedError[],
): Tally {
  const tally: Tally = { passed: 0, failures: [], skipped: [] };
  for (const module of modules) addModule(tally, module);
  for (const { message } of unhandledErrors)
    tally.failures.push(`error outside any test: ${message}`);
  return tally;
}

function addModule(tally: Tally, module: TestModule): void {
  const failuresBefore = tally.failures.length;
  for (const test of module.children.allTests()) {
    const name = `${module.relativeModuleId} > ${test.fullName}`;
    const result = test.result();
    if (result.state === "passed") tally.passed += 1;
    else if (result.state === "skipped")
      tally.skipped.push({ name, reason: result.note ?? "no reason given" });
    else tally.failures.push(result.state === "failed" ? name : `${name} (did not end)`);
  }
  const isFaulty = module.state() !== "passed" && module.state() !== "skipped";
  if (isFaulty && tally.failures.length === failuresBefore)
    tally.failures.push(
      `${module.relativeModuleId} (${module.errors()[0]?.message ?? "failed outside its tests"})`,
    );
}
