import type { JSONReport, JSONReportSpec, JSONReportSuite } from "@playwright/test/reporter";
import type { Tally } from "./tally.ts";

/** Reads Playwright's JSON report. A test that passed on a second try only counts as failed. */
export function readPlaywrightReport(report: JSONReport): Tally {
  const tally: Tally = { passed: 0, failures: [], skipped: [] };
  for (const spec of report.suites.flatMap(specsIn)) addSpec(tally, spec);
  for (const { message } of report.errors)
    tally.failures.push(`error outside any test: ${message?.split("\n", 1)[0] ?? "unknown"}`);
  return tally;
}

function specsIn(suite: JSONReportSuite): JSONReportSpec[] {
  return [...suite.specs, ...(suite.suites ?? []).flatMap(specsIn)];
}

function addSpec(tally: Tally, spec: JSONReportSpec): void {
  const name = `${spec.file} > ${spec.title}`;
  for (const { status, annotations } of spec.tests) {
    const skip = annotations.find(({ type }) => type === "skip" || type === "fixme");
    if (status === "expected") tally.passed += 1;
    else if (status === "skipped")
      tally.skipped.push({ name, reason: skip?.description ?? "no reason given" });
    else tally.failures.push(status === "flaky" ? `${name} (passed on a second try only)` : name);
  }
}
