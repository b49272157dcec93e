import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

export const projectRoot = path.resolve(import.meta.dirname, "../..");

export interface Tree {
  root: string;
  /** Runs a tool of node_modules/.bin in the tree. Its exit code is left to the caller to judge. */
  run(tool: string, ...args: string[]): { stdout: string; stderr: string; exitCode: number | null };
  remove(): void;
}

/** A small project in a folder of its own: a path and its text for each file. */
export function plantTree(files: Record<string, string>): Tree {
  const root = mkdtempSync(path.join(tmpdir(), "pinrelay-architecture-"));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.join(root, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  }
  const binaries = path.join(projectRoot, "node_modules/.bin");
  return {
    root,
    run(tool, ...args) {
      const { stdout, stderr, status } = spawnSync(path.join(binaries, tool), args, {
        cwd: root,
        encoding: "utf8",
        maxBuffer: 64 * 1024 * 1024,
        env: { ...process.env, PATH: `${binaries}:${process.env.PATH}` },
      });
      return { stdout, stderr, exitCode: status };
    },
    remove() {
      rmSync(root, { recursive: true });
    },
  };
}

/** Empty packages, so that a tool can tell what kind of dependency an import is. */
export function stubPackages(names: readonly string[]): Record<string, string> {
  const files: Record<string, string> = {};
  for (const name of names) {
    files[`node_modules/${name}/package.json`] = JSON.stringify({ name, main: "index.js" });
    files[`node_modules/${name}/index.js`] = "";
  }
  return files;
}
