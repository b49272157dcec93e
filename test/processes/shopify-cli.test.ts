import { execFile, execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildExtensions, PIXEL_BUNDLE } from "#extensions/build-extensions.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
const CLI = path.join(ROOT, "node_modules/@shopify/cli/bin/run.js");
/** What Shopify's command line reads of the project. It writes beside it, so it gets a copy. */
const READ = ["package.json", "shopify.app.toml", "shopify.web.toml", "extensions"];

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "pinrelay-cli-"));
  for (const name of READ) {
    cpSync(path.join(ROOT, name), path.join(folder, name), { recursive: true });
  }
  symlinkSync(path.join(ROOT, "node_modules"), path.join(folder, "node_modules"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Runs Shopify's command line without an account: what it is asked here needs none. */
function shopify(...args: string[]): Promise<{ exitCode: number; output: string }> {
  const { PATH } = process.env;
  const env = { PATH, HOME: folder, CI: "1", SHOPIFY_CLI_NO_ANALYTICS: "1" };
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [CLI, ...args],
      { cwd: folder, env, maxBuffer: 2 ** 26 },
      (_, ...streams) => resolve({ exitCode: child.exitCode ?? 1, output: streams.join("") }),
    );
  });
}

const build = () => shopify("app", "build", "--path", ".", "--skip-dependencies-installation");
const checkTheme = () =>
  shopify("theme", "check", "--path", "extensions/pinrelay-tag", "--fail-level", "style");

/** Changes a file of the copy for as long as `work` takes. */
async function withFault<Result>(
  file: string,
  [from, to]: [string, string],
  work: () => Promise<Result>,
): Promise<Result> {
  const whole = readFileSync(path.join(folder, file), "utf8");
  expect(whole).toContain(from);
  writeFileSync(path.join(folder, file), whole.replace(from, to));
  try {
    return await work();
  } finally {
    writeFileSync(path.join(folder, file), whole);
  }
}

test("Shopify's command line builds the app with all its extensions", async () => {
  expect(await build()).toMatchObject({ exitCode: 0 });
  const faults = {
    "shopify.app.toml": ['uri = "/webhooks"', 'uri = "webhooks"'],
    "extensions/pinrelay-pixel/shopify.extension.toml": ['= "ldu"', '= "limited"'],
    "extensions/pinrelay-flow/shopify.extension.toml": ['runtime_url = "/', 'runtime_url = "'],
  } satisfies Record<string, [string, string]>;
  for (const [file, fault] of Object.entries(faults)) {
    const { exitCode } = await withFault(file, fault as [string, string], build);
    expect([file, exitCode]).toEqual([file, 1]);
  }
});

test("Shopify's security check finds no fault in what is committed, an empty secret included", async () => {
  for (const name of ["app", "package-lock.json", ".env.example"]) {
    cpSync(path.join(ROOT, name), path.join(folder, name), { recursive: true });
  }
  execFileSync("git", ["init", "--quiet"], { cwd: folder });
  const check = async () => {
    execFileSync("git", ["add", ".env.example"], { cwd: folder });
    const flags = ["--path", ".", "--json", "--blocking", "high", "--skip-instructions"];
    const { exitCode, output } = await shopify("app", "doctor", ...flags);
    const issues = [...output.matchAll(/"id": "([A-Z_]+)",\s+"severity": "(?:high|critical)"/g)];
    return [exitCode, ...issues.map(([, id]) => id)];
  };
  expect(await check()).toEqual([0]);
  // A value that follows the empty one counts as its own.
  const fault: [string, string] = ["SHOPIFY_API_SECRET=\n#", "SHOPIFY_API_SECRET=\nNEXT"];
  expect(await withFault(".env.example", fault, check)).toEqual([1, "COMMITTED_SECRET"]);
}, 120_000);

test("stores run the same bundle of the web pixel as the local Shopify", async () => {
  await build();
  await buildExtensions();
  const theirs = path.join(folder, "extensions/pinrelay-pixel/dist/pinrelay-pixel.js");
  expect(readFileSync(theirs, "utf8")).toBe(readFileSync(PIXEL_BUNDLE, "utf8"));
});

test("the theme's block passes Shopify's theme check", async () => {
  expect(await checkTheme()).toMatchObject({ exitCode: 0 });
  const block = "extensions/pinrelay-tag/blocks/pinrelay-tag.liquid";
  const faulty = await withFault(block, ["sha256", "sha255"], checkTheme);
  expect(faulty).toMatchObject({ exitCode: 1, output: expect.stringContaining("sha255") });
});
