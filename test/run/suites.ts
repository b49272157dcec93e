import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { JSONReport } from "@playwright/test/reporter";
import { findChromium } from "./find-chromium.ts";
import { BUILD, CLIENT, isCurrent } from "./is-current.ts";
import { readPlaywrightReport } from "./playwright-results.ts";
import { projectRoot, runCommand } from "./run-command.ts";
import { addTallies, failedOnce, judgeSuite, passedOnce, type Tally } from "./tally.ts";
import { RESULTS_FILE } from "./vitest-results.ts";

export type Suite = () => Promise<Tally>;

/**
 * The order of the suites. Lanes run side by side, so that a processor that one suite leaves idle is
 * another's: what reads the sources beside what waits for whole processes, and for pages.
 */
export const LANES = [
  ["lint", "types", "architecture", "unit", "integration"],
  ["processes"],
  ["speed", "e2e"],
] as const;

/** What `npm test` runs. What several of them need is made once. */
export function createSuites(): Record<string, Suite> {
  // Neither the typed client of the database nor the built app is in git.
  const client = once(async () =>
    isCurrent(...CLIENT) ? NOTHING : check("npm", "run", "--silent", "generate"),
  );
  const build = once(async () =>
    isCurrent(...BUILD) ? NOTHING : after(client, () => check("remix", "vite:build")),
  );
  return {
    lint: () => check("biome", "check", "--error-on-warnings"),
    types: () => after(client, () => check("node", nativeTsc(), "-p", ".", ...TSC_OPTIONS)),
    architecture: () => after(client, architecture),
    unit: () => after(client, () => vitest("unit")),
    integration: () => after(client, () => vitest("integration")),
    processes: () => after(build, () => vitest("processes")),
    e2e: () => after(build, () => browserTests("screens")),
    speed: () => after(build, () => browserTests("speed")),
  };
}

const NOTHING: Tally = { passed: 0, failures: [], skipped: [] };

/**
 * One thread: several check much of it twice, and other lanes have the other processors. A second
 * check reads what the first one found of the files that are as they were.
 */
const TSC_OPTIONS = [
  "--singleThreaded",
  ...["--incremental", "--tsBuildInfoFile", "node_modules/.cache/types.tsbuildinfo"],
];
const DIRECTION = ["--config", "test/architecture/dependency-rules.cjs"];
const SOURCES = ["app", "extensions", "test"];

/**
 * TypeScript's native compiler takes a quarter of the processor time. The one in JavaScript stays
 * beside it under its own name: dependency-cruiser reads the sources through its functions.
 */
function nativeTsc(): string {
  return fileURLToPath(new URL("bin/tsc", import.meta.resolve("typescript-native/package.json")));
}

async function architecture(): Promise<Tally> {
  return addTallies([
    await check("depcruise", ...DIRECTION, ...SOURCES.filter(isInProject)),
    await check("knip", "--no-progress"),
    await vitest("architecture"),
  ]);
}

async function check(program: string, ...args: string[]): Promise<Tally> {
  const exitCode = await runCommand(program, args);
  return exitCode === 0 ? passedOnce() : failedOnce([program, ...args].join(" "));
}

function once(step: Suite): Suite {
  let result: Promise<Tally> | undefined;
  return () => {
    result ??= step();
    return result;
  };
}

/** A suite that cannot be trusted without a step. The step counts only where it fails. */
async function after(step: Suite, suite: Suite): Promise<Tally> {
  const { failures } = await step();
  return failures.length === 0 ? suite() : { ...NOTHING, failures };
}

async function vitest(project: string): Promise<Tally> {
  return readResults(`the suite ${project}`, async (resultsFile) => {
    const reporters = ["--reporter=default", "--reporter=./test/run/vitest-results.ts"];
    const exitCode = await runCommand("vitest", ["run", "--project", project, ...reporters], {
      [RESULTS_FILE]: resultsFile,
    });
    return { exitCode, read: (text) => JSON.parse(text) as Tally };
  });
}

const PLAYWRIGHT = ["test", "--config", "test/e2e/playwright.config.ts"];

async function browserTests(project: "screens" | "speed"): Promise<Tally> {
  const chromium = await findChromium();
  if (chromium === null) return failedOnce("the browser tests: no Chromium");
  return readResults(`the browser tests (${project})`, async (resultsFile) => {
    const exitCode = await runCommand(
      "playwright",
      [...PLAYWRIGHT, "--project", project, "--reporter=line,json"],
      { CHROMIUM: chromium, PLAYWRIGHT_JSON_OUTPUT_FILE: resultsFile },
    );
    return { exitCode, read: (text) => readPlaywrightReport(JSON.parse(text) as JSONReport) };
  });
}

/** Runs a suite that leaves its results in a file. Without the file nothing of it can be believed. */
async function readResults(
  name: string,
  run: (file: string) => Promise<{ exitCode: number; read: (text: string) => Tally }>,
): Promise<Tally> {
  const folder = mkdtempSync(path.join(tmpdir(), "pinrelay-results-"));
  const file = path.join(folder, "results.json");
  try {
    const { exitCode, read } = await run(file);
    if (!existsSync(file)) return failedOnce(`${name} left no results`);
    return judgeSuite(name, read(readFileSync(file, "utf8")), exitCode);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function isInProject(folder: string): boolean {
  return existsSync(path.join(projectRoot, folder));
}
