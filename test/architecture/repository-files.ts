import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { projectRoot } from "./planted-tree.ts";

/** Paths, from the root, of every file of the project: of git's folder and what it ignores, none. */
export function listFiles(): string[] {
  const ignored = [".git", ...readText(".gitignore").split("\n")]
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.replace(/^\/|\/$/g, ""));
  return walk("", ignored);
}

export function readText(file: string): string {
  return readFileSync(path.join(projectRoot, file), "utf8");
}

function walk(folder: string, ignored: readonly string[]): string[] {
  const entries = readdirSync(path.join(projectRoot, folder), { withFileTypes: true });
  return entries.flatMap((entry) => {
    const file = path.join(folder, entry.name);
    const isIgnored = ignored.some(
      (pattern) => path.matchesGlob(file, pattern) || path.matchesGlob(entry.name, pattern),
    );
    if (isIgnored) return [];
    return entry.isDirectory() ? walk(file, ignored) : [file];
  });
}
