import { globSync, statSync } from "node:fs";
import path from "node:path";
import { projectRoot } from "./run-command.ts";

/** What a step writes last, and what it reads. */
type Made = readonly [last: string, sources: readonly string[]];

/** What `npm run generate` makes. */
export const CLIENT: Made = [
  "prisma/client/client.ts",
  ["prisma/schema.prisma", "package-lock.json"],
];

/** What `npm run build` makes, and `npm ci` with it. */
export const BUILD: Made = [
  "build/server/index.js",
  [
    ...["app/**", "public/**", "extensions", "extensions/*", "extensions/*/!(dist)/**"],
    ...["prisma/schema.prisma", "package*.json", "tsconfig.json", "vite.config.ts"],
  ],
];

/**
 * Whether what was made is younger than all it was made of, folders included, where a file may have
 * been deleted: to make it again would change nothing.
 */
export function isCurrent(last: string, sources: readonly string[], root = projectRoot): boolean {
  const changedAt = (name: string) => statSync(path.join(root, name)).mtimeMs;
  if (statSync(path.join(root, last), { throwIfNoEntry: false }) === undefined) return false;
  const madeAt = changedAt(last);
  return globSync([...sources], { cwd: root }).every((name) => changedAt(name) < madeAt);
}
