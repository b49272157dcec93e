import { readFileSync, rmSync, symlinkSync, utimesSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isCurrent } from "#test/run/is-current.ts";
import { readPlaywrightReport } from "#test/run/playwright-results.ts";
import { holdOutput, runCommand } from "#test/run/run-command.ts";
import { failedOnce, judgeSuite, passedOnce, type Tally } from "#test/run/tally.ts";
import { RESULTS_FILE } from "#test/run/vitest-results.ts";
import { plantTree, projectRoot, type Tree } from "./planted-tree.ts";

const head = 'import { expect, it } from "vitest";\n';

describe("what npm test counts of Vitest", () => {
  let tree: Tree;
  let tally: Tally;
  let exitCode: number | null;

  beforeAll(() => {
    tree = plantTree({
      "package.json": '{ "type": "module" }',
      "mixed.test.ts": `${head}it("holds", () => {});\nit("breaks", () => expect(1).toBe(2));\nit("waits", (test) => test.skip("no printer"));\nit.skip("rests", () => {});\n`,
      "unloadable.test.ts": 'import "./nowhere.ts";\n',
      "stray.test.ts": `${head}it("leaves a promise behind", () => { void Promise.reject(new Error("stray")); });\n`,
    });
    symlinkSync(path.join(projectRoot, "node_modules"), path.join(tree.root, "node_modules"));
    const results = path.join(tree.root, "results.json");
    const reporter = path.join(projectRoot, "test/run/vitest-results.ts");
    process.env[RESULTS_FILE] = results;
    ({ exitCode } = tree.run("vitest", "run", "--root", tree.root, `--reporter=${reporter}`));
    delete process.env[RESULTS_FILE];
    tally = JSON.parse(readFileSync(results, "utf8")) as Tally;
  });
  afterAll(() => tree.remove());

  it("is each test that passed", () => expect(tally.passed).toBe(2));

  it("is each test that failed, each file that did not load, and each error of no test", () => {
    expect(exitCode).toBe(1);
    expect(tally.failures.sort()).toEqual([
      "error outside any test: stray",
      "mixed.test.ts > breaks",
      expect.stringMatching(/^unloadable\.test\.ts \(.*nowhere/),
    ]);
  });

  it("is each test that was skipped, with its reason", () => {
    expect(tally.skipped).toEqual([
      { name: "mixed.test.ts > waits", reason: "no printer" },
      { name: "mixed.test.ts > rests", reason: "no reason given" },
    ]);
  });
});

describe("what two suites print at the same time", () => {
  const say = (words: string) => ["-e", `console.log("${words} 1"); console.error("${words} 2")`];

  it("is each suite's in one piece, and the exit codes are their own", async () => {
    const held = await Promise.all([
      holdOutput(() => runCommand("node", say("left"))),
      holdOutput(() => runCommand("node", ["-e", "process.exit(3)"])),
      holdOutput(() => runCommand("no-such-program", [])),
    ]);
    const lines = ({ output }: { output: Buffer }) => output.toString().trim().split("\n").sort();
    expect(held.map((piece) => [piece.result, lines(piece)])).toEqual([
      [0, ["left 1", "left 2"]],
      [3, [""]],
      [1, [expect.stringContaining("no-such-program")]],
    ]);
  });
});

describe("what npm test makes once", () => {
  it("is made again where a source is younger, is new, or is no longer there", () => {
    const { root, remove } = plantTree({
      "app/a/b.ts": "1",
      "app/c.ts": "1",
      "build/index.js": "1",
    });
    const setTime = (name: string, seconds: number) =>
      utimesSync(path.join(root, name), seconds, seconds);
    const isMade = () => isCurrent("build/index.js", ["app/**"], root);
    const settle = () => {
      for (const name of ["app/a/b.ts", "app/c.ts", "app/a", "app"]) setTime(name, 1_000);
      setTime("build/index.js", 2_000);
    };
    settle();
    expect(isMade()).toBe(true);
    setTime("app/a/b.ts", 3_000);
    expect(isMade()).toBe(false);
    settle();
    rmSync(path.join(root, "app/a/b.ts"));
    expect(isMade()).toBe(false);
    expect(isCurrent("build/other.js", ["app/**"], root)).toBe(false);
    remove();
  });
});

describe("what npm test counts of a suite", () => {
  it("that ran nothing is one failure", () => {
    expect(judgeSuite("unit", { passed: 0, failures: [], skipped: [] }, 0).failures).toHaveLength(
      1,
    );
  });

  it("that failed though its tests passed is one failure", () => {
    expect(judgeSuite("unit", passedOnce(), 1)).toMatchObject({
      passed: 1,
      failures: ["unit ended with code 1"],
    });
  });

  it("that failed by its tests is their failures alone", () => {
    expect(judgeSuite("unit", failedOnce("a test"), 1).failures).toEqual(["a test"]);
  });
});

describe("what npm test counts of Playwright", () => {
  let tree: Tree;

  beforeAll(() => {
    tree = plantTree({
      "package.json": '{ "type": "module" }',
      "playwright.config.ts": 'export default { testDir: ".", retries: 1 };\n',
      "pages.spec.ts": [
        'import { expect, test } from "@playwright/test";',
        'test.describe("a page", () => { test("holds", () => {}); });',
        'test("breaks", () => expect(1).toBe(2));',
        'test("wavers", ({}, info) => expect(info.retry).toBe(1));',
        'test("waits", () => test.skip(true, "no printer"));',
      ].join("\n"),
      "unloadable.spec.ts": 'import "./nowhere.ts";\n',
    });
    symlinkSync(path.join(projectRoot, "node_modules"), path.join(tree.root, "node_modules"));
  });
  afterAll(() => tree.remove());

  function tallyOf(file: string): Tally {
    const { stdout } = tree.run("playwright", "test", file, "--reporter=json");
    return readPlaywrightReport(JSON.parse(stdout));
  }

  it("is each test, and each skip with its reason", () => {
    expect(tallyOf("pages.spec.ts")).toEqual({
      passed: 1,
      failures: ["pages.spec.ts > breaks", "pages.spec.ts > wavers (passed on a second try only)"],
      skipped: [{ name: "pages.spec.ts > waits", reason: "no printer" }],
    });
  });

  it("is a file that did not load", () => {
    const { passed, failures } = tallyOf("unloadable.spec.ts");
    expect(passed).toBe(0);
    expect(failures[0]).toMatch(/^error outside any test: .*nowhere/);
  });
});
