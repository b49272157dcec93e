import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { plantTree, projectRoot, stubPackages, type Tree } from "./planted-tree.ts";
import { type Room, rooms, serverRooms } from "./rooms.ts";

interface Plant {
  rule: string;
  file: string;
  source: string;
}

const roomNames = Object.keys(rooms) as Room[];
const rulesFile = path.join(projectRoot, "test/architecture/dependency-rules.cjs");

/** The one file that stands for a room; in the admin a read model of a screen's. */
function standIn(room: Room): string {
  if (room === "admin") return "app/admin/shell/stand-in.server.ts";
  return `app/${room}/stand-in${serverRooms.includes(room) ? ".server" : ""}.ts`;
}

/** What one room takes of another, where a rule narrows that to one file. */
function entryOf(room: Room, to: Room): string {
  return room === "shops" && to === "outbox" ? beside(to, "assign-account") : standIn(to);
}

function importOf(file: string): string {
  return `import "#${file}";\n`;
}

/** A planted file beside a room's stand-in, with a name of its own. */
function beside(room: Room, name: string): string {
  return standIn(room).replace("stand-in", name);
}

/** Everything that is allowed, and nothing else. */
const legalFiles: Record<string, string> = {
  "package.json": JSON.stringify({
    type: "module",
    imports: { "#app/*": "./app/*", "#test/*": "./test/*" },
    dependencies: {
      undici: "1",
      nodemailer: "1",
      zod: "1",
      react: "1",
      "@shopify/shopify-api": "1",
    },
    devDependencies: { vite: "1" },
  }),
  "tsconfig.json": readFileSync(path.join(projectRoot, "tsconfig.json"), "utf8"),
  ...stubPackages(["undici", "nodemailer", "zod", "react", "@shopify/shopify-api", "vite"]),
  ...Object.fromEntries(
    roomNames.map((room) => [
      standIn(room),
      rooms[room].map((to) => importOf(entryOf(room, to))).join(""),
    ]),
  ),
  [beside("platform", "db")]: "export interface Database {}\n",
  [beside("outbox", "assign-account")]: importOf(standIn("events")),
  [beside("platform", "digest")]: 'import "node:crypto";\n',
  [beside("platform", "migrate")]: importOf(beside("platform", "digest")),
  [beside("mapping", "pure")]: 'import "node:crypto";\nimport "zod";\n',
  [beside("pinterest", "client")]: 'import "undici";\n',
  [beside("delivery", "handed-on")]:
    `import type { Database } from "#${beside("platform", "db")}";\n`,
  [beside("shops", "session-storage")]: 'import "@shopify/shopify-api";\n',
  "app/admin/home/badge.tsx": `import "react";\nimport type { X } from "#${standIn("admin")}";\nexport type Y = X;\n`,
  "app/admin/home/home.route.tsx":
    importOf(standIn("admin")) + importOf("app/admin/home/badge.tsx"),
  "app/web/remix.server.ts": 'import "react";\nawait import("vite");\n',
  "app/web/shopify.server.ts": importOf(beside("shops", "session-storage")),
  "app/services.server.ts": importOf(standIn("delivery")) + importOf(beside("platform", "db")),
  "app/server.ts": `${importOf("app/services.server.ts")}await import("#app/web/remix.server.ts");\n`,
  "app/cli.ts": importOf(standIn("commands")),
  "app/root.tsx": importOf("app/admin/shell/frame.tsx"),
  "app/admin/shell/frame.tsx": 'import "react";\n',
  "extensions/pixel/index.ts": 'import "./part.ts";\n',
  "extensions/pixel/part.ts": "export {};\n",
};

/** Every import between two rooms that the table does not allow. */
const crossings: Plant[] = roomNames.flatMap((from) =>
  roomNames
    .filter((to) => to !== from && !(rooms[from] as readonly Room[]).includes(to))
    .map((to) => ({
      rule: `${from}-imports`,
      file: beside(from, `planted-${to}`),
      source: importOf(standIn(to)),
    })),
);

/** One crossing, in each of the ways to write an import. */
const spellings: Plant[] = [
  'import { x } from "../../flow/stand-in.server.ts";\nx();\n',
  'export * from "#app/flow/stand-in.server.ts";\n',
  'await import("#app/flow/stand-in.server.ts");\n',
  'import type { X } from "#app/flow/stand-in.server.ts";\nexport type Y = X;\n',
].map((source, index) => ({
  rule: "admin-imports",
  file: beside("admin", `planted-spelling-${index}`),
  source,
}));

const others: Plant[] = [
  {
    rule: "shops-imports",
    file: beside("shops", "planted-root"),
    source: importOf("app/services.server.ts"),
  },
  { rule: "cli-imports", file: "app/cli.ts", source: importOf(standIn("delivery")) },
  {
    rule: "screens-keep-apart",
    file: "app/admin/home/planted-screen.ts",
    source: importOf("app/admin/events/texts.ts"),
  },
  {
    rule: "screens-keep-apart",
    file: "app/admin/shell/planted-screen.ts",
    source: importOf("app/admin/events/texts.ts"),
  },
  {
    rule: "views-take-no-server-values",
    file: "app/admin/home/planted-view.tsx",
    source: 'import { x } from "./read-home.server.ts";\nx();\n',
  },
  {
    rule: "database-stays-in-data-rooms",
    file: beside("delivery", "planted-db"),
    source: importOf(beside("platform", "db")),
  },
  {
    rule: "nothing-imports-routes",
    file: "app/server.ts",
    source: importOf("app/admin/home/home.route.tsx"),
  },
  { rule: "mapping-is-pure", file: beside("mapping", "planted-fs"), source: 'import "node:fs";\n' },
  { rule: "mapping-is-pure", file: beside("events", "planted-fs"), source: 'import "fs";\n' },
  {
    rule: "mapping-takes-pure-packages",
    file: beside("mapping", "planted-package"),
    source: 'import "react";\n',
  },
  {
    rule: "only-shops-wake-what-waits",
    file: beside("delivery", "planted-waking"),
    source: 'import { x } from "#app/outbox/assign-account.server.ts";\nx();\n',
  },
  {
    rule: "shops-wake-and-nothing-else",
    file: beside("shops", "planted-outbox"),
    source: importOf(beside("outbox", "settle-batch")),
  },
  {
    rule: "no-person-is-digested",
    file: beside("outbox", "planted-digest"),
    source: importOf(beside("platform", "digest")),
  },
  {
    rule: "only-the-clients-call-out",
    file: beside("shops", "planted-undici"),
    source: 'import "undici";\n',
  },
  {
    rule: "strangers-reach-few-packages",
    file: beside("intake", "planted-parser"),
    source: 'import "react";\n',
  },
  {
    rule: "only-alerts-send-mail",
    file: beside("shops", "planted-mail"),
    source: 'import "nodemailer";\n',
  },
  {
    rule: "web-libraries-stay-at-the-edge",
    file: beside("intake", "planted-react"),
    source: 'import "@shopify/shopify-api";\n',
  },
  {
    rule: "web-edge-is-loaded-late",
    file: "app/server.ts",
    source: importOf("app/web/remix.server.ts"),
  },
  {
    rule: "extensions-imports",
    file: "extensions/pixel/planted.ts",
    source: importOf(standIn("events")),
  },
  {
    rule: "app-never-imports-test",
    file: beside("intake", "planted-test"),
    source: importOf("test/planted.ts"),
  },
  {
    rule: "no-cycles",
    file: beside("outbox", "planted-cycle"),
    source: importOf(beside("outbox", "return-cycle")),
  },
  { rule: "no-orphans", file: beside("outbox", "planted-orphan"), source: "" },
  {
    rule: "no-unresolvable",
    file: beside("outbox", "planted-nowhere"),
    source: importOf("app/nowhere.ts"),
  },
  {
    rule: "no-dev-packages-in-app",
    file: beside("outbox", "planted-dev"),
    source: 'import "vite";\n',
  },
];

const plants = [...crossings, ...spellings, ...others];

/** What the plants lean on, itself without fault. */
const supportingFiles: Record<string, string> = {
  [beside("outbox", "settle-batch")]: importOf(standIn("events")),
  "app/admin/events/texts.ts": "export {};\n",
  "app/admin/home/read-home.server.ts": "export const x = () => undefined;\n",
  [beside("outbox", "return-cycle")]: importOf(beside("outbox", "planted-cycle")),
  "test/planted.ts": "export {};\n",
};

describe("the rules about imports", () => {
  let legal: Tree;
  let planted: Tree;
  let reported: string[];

  beforeAll(() => {
    legal = plantTree(legalFiles);
    const files = { ...legalFiles, ...supportingFiles };
    for (const { file, source } of plants) files[file] = source + (files[file] ?? "");
    planted = plantTree(files);
    reported = violationsIn(planted);
  });
  afterAll(() => {
    legal.remove();
    planted.remove();
  });

  it("leave every allowed import alone", () => {
    expect(violationsIn(legal)).toEqual([]);
  });

  it.each(readRuleNames())("include %s, which names every file that was planted for it", (rule) => {
    const expected = plants.filter((plant) => plant.rule === rule).map(({ file }) => file);
    expect(expected).not.toEqual([]);
    expect(expected.filter((file) => !reported.includes(`${rule}: ${file}`))).toEqual([]);
  });
});

function violationsIn(tree: Tree): string[] {
  const options = ["--config", rulesFile, "--output-type", "json"];
  const { stdout } = tree.run("depcruise", ...options, "app", "extensions");
  const report = JSON.parse(stdout) as {
    summary: { violations: { from: string; rule: { name: string } }[] };
  };
  return report.summary.violations.map(({ from, rule }) => `${rule.name}: ${from}`);
}

function readRuleNames(): string[] {
  const rules = createRequire(import.meta.url)(rulesFile) as { forbidden: { name: string }[] };
  return rules.forbidden.map(({ name }) => name);
}
