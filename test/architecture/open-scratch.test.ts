import { spawnSync } from "node:child_process";
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeScratch, removeLeftOvers } from "#test/run/open-scratch.ts";

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

let memory: string;
beforeEach(() => {
  memory = mkdtempSync(path.join(tmpdir(), "pinrelay-scratch-"));
});
afterEach(() => rmSync(memory, { recursive: true }));

/** The folder of a run that is over. */
function leave(change: (name: string) => string = (name) => name): string {
  const over = spawnSync("true").pid;
  const made = makeScratch(memory) ?? "";
  rmSync(made, { recursive: true });
  const folder = path.join(
    memory,
    change(path.basename(made)).replace(`-${process.pid}-`, `-${over}-`),
  );
  mkdirSync(folder);
  writeFileSync(path.join(folder, "file"), "");
  return folder;
}

test("two folders of one process are two, and one that runs is left alone", () => {
  const folders = [makeScratch(memory), makeScratch(memory)].map((each) =>
    path.basename(each ?? ""),
  );
  expect(new Set(folders).size).toBe(2);
  removeLeftOvers(memory);
  expect(readdirSync(memory).sort()).toEqual(folders.sort());
});

test("what a run left goes, but not what may be that of another container before a day has passed", () => {
  const ours = leave();
  const elsewhere = leave((name) => name.replace("pinrelay-run-", "pinrelay-run-1"));
  removeLeftOvers(memory);
  expect([ours, elsewhere].map(existsSync)).toEqual([false, true]);
  const longAgo = new Date(Date.now() - 25 * 3_600_000);
  utimesSync(elsewhere, longAgo, longAgo);
  removeLeftOvers(memory);
  expect(existsSync(elsewhere)).toBe(false);
});

test.runIf(isRoot)("what another user left stays", () => {
  const theirs = leave();
  chownSync(theirs, NOBODY, NOBODY);
  removeLeftOvers(memory);
  expect(existsSync(theirs)).toBe(true);
});

test("where no folder can be made there is none, and nothing fails", () => {
  const file = path.join(memory, "file");
  writeFileSync(file, "");
  for (const place of [file, path.join(memory, "missing")]) {
    removeLeftOvers(place);
    expect(makeScratch(place)).toBeNull();
  }
});
