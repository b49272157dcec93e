import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { plantTree, projectRoot, stubPackages, type Tree } from "./planted-tree.ts";

type Issues = Record<string, { name: string }[]> & { file: string };

const files: Record<string, string> = {
  "knip.json": readFileSync(path.join(projectRoot, "knip.json"), "utf8"),
  "package.json": JSON.stringify({
    type: "module",
    imports: { "#app/*": "./app/*" },
    dependencies: { "planted-unused": "1", zod: "1" },
    devDependencies: { "planted-unused-too": "1" },
  }),
  ...stubPackages(["zod", "planted-unused", "planted-unused-too", "planted-unlisted"]),
  "app/server.ts":
    'import "zod";\nimport "planted-unlisted";\nimport { used } from "#app/shops/shop.server.ts";\nused();\n',
  "app/shops/shop.server.ts": [
    "export interface Shop {}",
    "export class ShopError extends Error {}",
    "export function used(): Shop { throw new ShopError(); }",
    "export function plantedUnused(): void {}",
    "export interface PlantedUnusedType {}",
  ].join("\n"),
  "app/shops/planted-unused.server.ts": "export const nothing = 1;\n",
};

describe("the search for dead code", () => {
  let tree: Tree;
  let found: string[];

  beforeAll(() => {
    tree = plantTree(files);
    const { stdout } = tree.run("knip", "--reporter", "json", "--no-config-hints");
    found = issuesIn(stdout);
  });
  afterAll(() => tree.remove());

  it("finds files, exports, types and packages that nothing uses, and nothing else", () => {
    expect(found.sort()).toEqual([
      "dependencies: planted-unused",
      "devDependencies: planted-unused-too",
      "exports: plantedUnused",
      "files: app/shops/planted-unused.server.ts",
      "types: PlantedUnusedType",
      "unlisted: planted-unlisted",
    ]);
  });
});

function issuesIn(json: string): string[] {
  const report = JSON.parse(json) as { issues: Issues[] };
  return report.issues.flatMap((issues) =>
    Object.entries(issues).flatMap(([kind, list]) =>
      Array.isArray(list) ? list.map(({ name }) => `${kind}: ${name}`) : [],
    ),
  );
}
