import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { plantTree, projectRoot, type Tree } from "./planted-tree.ts";

interface Plant {
  /** A rule of Biome, or the name of a plugin of ours. */
  rule: string;
  file: string;
  source: string;
}

const plugins = [
  "no-clock",
  "no-bare-error",
  "no-stray-hash",
  "no-unbounded-text",
  "no-foreign-key",
  "no-fallback-key",
  "no-call-in-transaction",
  "no-stray-graphql",
  "no-route-helper",
  "no-joined-notice",
];
const longFunction = `export function long(): void {\n${"  (globalThis as { n?: number }).n = 1;\n".repeat(61)}}\n`;

function fileOf(lines: number): string {
  return Array.from({ length: lines }, (_, n) => `export const n${n} = ${n};\n`).join("");
}

const clock = [
  "Date.now()",
  "new Date()",
  "new Date().toISOString()",
  "performance.now()",
  "Math.random()",
  "randomUUID()",
  "crypto.randomUUID()",
  "randomBytes(12)",
];
const bareErrors = ['new Error("no")', 'new Error("no", { cause: 1 })', 'Error("no")'];
const hashes = [
  'import { createHash } from "node:crypto";\nexport const h = createHash("sha256");\n',
  'import crypto from "node:crypto";\nexport const h = crypto.createHash("sha256");\n',
  'import { hash } from "node:crypto";\nexport const h = hash("sha256", "x");\n',
  'import { hash } from "node:crypto";\nexport const h = hash("sha256", "x", "hex");\n',
  'import { hash } from "node:crypto";\nexport const h = hash("sha256", "x", "hex").slice(0, 32);\n',
  'import { createHash } from "node:crypto";\nexport const h = createHash("sha256").update("x").digest("hex");\n',
  'import crypto from "node:crypto";\nexport const h = crypto.hash("sha256", "x", "hex");\n',
  'export const h = await crypto.subtle.digest("SHA-256", new Uint8Array());\n',
];
const words = 'const words = { pos: "Point of Sale" } as const;\n';
const foreignKeys = [
  `${words}export const of = (key: string) => words[key as keyof typeof words];\n`,
  `${words}export const of = (key: string) => (words as { [key: string]: string })[key];\n`,
  'export const words: Record<string, string> = { pos: "Point of Sale" };\n',
  'export const words: Readonly<Partial<Record<string, string>>> = { pos: "Point of Sale" };\n',
  `${words}export const open = words as Readonly<Record<string, string>>;\n`,
];
const fallbackKeys = [
  "export const of = (words: Record<string, string>, key: string) => words[key] ?? key;\n",
  'export const of = (words: Record<string, string>) => words[String(1)] ?? "";\n',
];
const routeHelpers = [
  "export const limit = 3;\n",
  '/** What the list shows. */\nexport function describe(): string {\n  return "";\n}\n',
  "const limit = 3;\nexport { limit };\n",
  "export class Reader {}\n",
  "export const loaders = [];\n",
];
const joinedNotices = [
  ["cause", "nextStep"],
  ["notice.cause", "notice.nextStep"],
  ["title", "cause", "nextStep"],
].map((blanks) => `\`${blanks.map((blank) => `$\{${blank}}`).join(" ")}\``);
const pure = [
  'export const h = fetch("https://example.com");\n',
  "export const h = setTimeout(() => {}, 1);\n",
  "export const h = process.pid;\n",
];

const unbounded = [
  "z.string().regex(/a/)",
  'z.string().max(9).refine((value) => value === "a")',
  "text.regex(/a/)",
  'text.refine((value) => value === "a")',
  "z.string().superRefine(() => {})",
  "z.string().check(z.email())",
  "z.email()",
  "z.string().url()",
  "z.array(z.url({ protocol: /^https$/ }))",
  "z.iso.datetime()",
];

const asking = [
  "const answer = await breaker.ask(() => pinterest.sendEvents(x))",
  "await services.pinterest.createTag({})",
  "await pinterest.refreshOAuthToken(x)",
  "await admin.graphql(x)",
  "await fetchOrder(admin, x)",
  "await Promise.all([askSignedIn(x)])",
  "await inner(async () => askShopify(x))",
];

/** The ways in which a connection is held. */
const holding = [
  "services.db.transaction(async (client)",
  "db.transaction<void>(async (client)",
  "db.readAsShop(shop.id, async (client)",
];

/** As app/shopify writes them, and as others do. */
const graphql = [
  `\`query OrderById($id: ID!, $after: String) {\n  order(id: $id) { \${name} }\n}\``,
  `\`query OrderCounts(\${name}) { \${name} }\``,
  '"query StorePlan { shop { plan { partnerDevelopment } } }"',
  "`mutation StartPlan($name: String!,\n    $test: Boolean) { appSubscriptionCreate { id } }`",
  "'mutation($id: ID!) { x }'",
  "`#graphql\n  query ShopName { shop { name } }`",
  "`\n  query {\n    shop { name }\n  }`",
  '"{ shop { name } }"',
  "(await context.admin.graphql(name, { variables: {} })).json()",
];

const plants: Plant[] = [
  {
    rule: "noProcessEnv",
    file: "app/shops/env.server.ts",
    source: "export const home = process.env.HOME;\n",
  },
  {
    rule: "noRestrictedGlobals",
    file: "app/delivery/fetch.server.ts",
    source: 'export const answer = fetch("https://example.com");\n',
  },
  ...pure.map((source, n) => ({
    rule: "noRestrictedGlobals",
    file: `app/mapping/pure-${n}.server.ts`,
    source,
  })),
  ...foreignKeys.map((source, n) => ({
    rule: "no-foreign-key",
    file: `app/shops/foreign-key-${n}.server.ts`,
    source,
  })),
  ...fallbackKeys.flatMap((source, n) =>
    ["app/admin/home", "app/flow"].map((folder) => ({
      rule: "no-fallback-key",
      file: `${folder}/fallback-key-${n}.server.ts`,
      source,
    })),
  ),
  {
    rule: "noConsole",
    file: "app/shops/console.server.ts",
    source: 'console.log("here");\nexport {};\n',
  },
  {
    rule: "noImportCycles",
    file: "app/shops/circle.server.ts",
    source: 'import { b } from "./return.server.ts";\nexport const a = () => b;\n',
  },
  {
    rule: "noBarrelFile",
    file: "app/shops/index.server.ts",
    source: 'export { a } from "./circle.server.ts";\n',
  },
  {
    rule: "noReExportAll",
    file: "app/shops/all.server.ts",
    source: 'export * from "./circle.server.ts";\n',
  },
  {
    rule: "noFloatingPromises",
    file: "app/shops/floating.server.ts",
    source:
      "async function save(): Promise<void> {}\nexport function lose(): void {\n  save();\n}\n",
  },
  {
    rule: "useExhaustiveSwitchCases",
    file: "app/shops/switch.server.ts",
    source:
      'export function name(state: "active" | "paused"): string {\n  switch (state) {\n    case "active":\n      return "on";\n  }\n  return "";\n}\n',
  },
  { rule: "noExplicitAny", file: "app/shops/any.server.ts", source: "export const x: any = 1;\n" },
  { rule: "noExcessiveLinesPerFile", file: "app/shops/long.server.ts", source: fileOf(301) },
  { rule: "noExcessiveLinesPerFile", file: "app/routes/app.long.tsx", source: fileOf(151) },
  { rule: "noExcessiveLinesPerFile", file: "test/unit/long.test.ts", source: fileOf(401) },
  {
    rule: "noExcessiveLinesPerFunction",
    file: "app/shops/long-function.server.ts",
    source: longFunction,
  },
  ...clock.map((call, n) => ({
    rule: "no-clock",
    file: `app/mapping/clock-${n}.server.ts`,
    source: `import { randomUUID } from "node:crypto";\nexport const x = () => [${call}, randomUUID];\n`,
  })),
  ...bareErrors.map((error, n) => ({
    rule: "no-bare-error",
    file: `app/delivery/bare-error-${n}.server.ts`,
    source: `export function fail(): never {\n  throw ${error};\n}\n`,
  })),
  ...hashes.flatMap((source, n) =>
    ["app/outbox", "app/shops", "app/platform", "app/admin/event"].map((folder) => ({
      rule: "no-stray-hash",
      file: `${folder}/hash-${n}.server.ts`,
      source,
    })),
  ),
  ...asking.flatMap((call, n) =>
    holding.map((hold, m) => ({
      rule: "no-call-in-transaction",
      file: `app/shops/asking-${n}-${m}.server.ts`,
      source: `export const save = async () => {\n  await ${hold} => {\n    await client.query("select");\n    ${call};\n  });\n};\n`,
    })),
  ),
  ...graphql.map((text, n) => ({
    rule: "no-stray-graphql",
    file: `app/admin/help/graphql-${n}.server.ts`,
    source: `export const ask = async (name: string, context: C) => ({ text: ${text} });\n`,
  })),
  ...routeHelpers.flatMap((source, n) =>
    ["app/routes/helper", "app/admin/help/helper"].map((file) => ({
      rule: "no-route-helper",
      file: `${file}-${n}.route.tsx`,
      source,
    })),
  ),
  ...joinedNotices.map((text, n) => ({
    rule: "no-joined-notice",
    file: `app/admin/help/joined-${n}.server.ts`,
    source: `export const write = (title: string, cause: string, nextStep: string, notice: N) => [title, ${text}];\n`,
  })),
  ...unbounded.map((schema, n) => ({
    rule: "no-unbounded-text",
    file: `app/tasks/unbounded-${n}.server.ts`,
    source: `import { z } from "zod";\nexport const text = z.string();\nexport const field = ${schema};\n`,
  })),
];

/** Close to what is forbidden, and allowed. */
const legalFiles: Record<string, string> = {
  "app/admin/help/legal.route.tsx":
    "const limit = 3;\nexport type Answer = { limit: number };\n/** Of the page. */\nexport const meta = () => [];\nexport async function loader() {\n  return limit;\n}\nexport default function Page() {\n  return null;\n}\n",
  "app/events/notices/notice.ts": `export const text = (cause: string, nextStep: string) => ${joinedNotices[0]};\n`,
  "app/server.ts": "export const home = process.env.HOME;\n",
  "app/mapping/hash.server.ts": hashes[0] ?? "",
  "app/shops/asked.server.ts":
    "export async function save() {\n  const answer = await pinterest.createTag({});\n  await db.transaction((client) => client.query(answer));\n}\n",
  "app/tasks/bounded.server.ts":
    'import { z } from "zod";\nimport { boundedText } from "#app/events/bounded-text.ts";\nexport const a = [boundedText(3).regex(/a/), boundedText(9).check(z.email()), z.array(z.int()).refine(Boolean)];\n',
  "app/admin/look-up.server.ts":
    'import { lookUp } from "#app/events/look-up.ts";\nexport const words = { pos: "POS" } as const satisfies Record<string, string>;\nexport const of = (key: string, list: string[], known: keyof typeof words) => [lookUp(words, key) ?? key, list.at(2) ?? "", words[known]];\n',
  "app/shopify/orders.server.ts": `export const text = ${graphql[2]};\n`,
  "app/shops/no-graphql.server.ts": `export const at = (query: string) => [\`/app/events?\${query}\`, \`query \${query}\`, "query"];\n`,
  "app/mapping/time.server.ts": "export const at = (ms: number) => new Date(ms);\n",
  "app/platform/error.server.ts": plants.find(({ rule }) => rule === "no-bare-error")?.source ?? "",
  "app/shops/named-error.server.ts":
    'export class ShopError extends Error {}\nexport function fail(): never {\n  throw new ShopError("no");\n}\n',
  "app/shops/full.server.ts": fileOf(300),
  "test/unit/console.test.ts": 'console.log("here");\nexport {};\n',
};

const supportingFiles: Record<string, string> = {
  "app/shops/return.server.ts":
    'import { a } from "./circle.server.ts";\nexport const b = () => a;\n',
};

describe("the linter", () => {
  let tree: Tree;
  let reported: string[];

  beforeAll(() => {
    const files: Record<string, string> = { ...legalFiles, ...supportingFiles };
    for (const file of ["biome.json", "tsconfig.json", "package.json", ...plugins.map(pluginFile)])
      files[file] = readProjectFile(file);
    for (const { file, source } of plants) files[file] = source;
    tree = plantTree(files);
    reported = diagnosticsIn(tree);
  });
  afterAll(() => tree.remove());

  it("leaves what is allowed alone", () => {
    const isAboutLegalFile = (line: string) =>
      Object.keys(legalFiles).some((file) => line.endsWith(`: ${file}`));
    expect(reported.filter(isAboutLegalFile)).toEqual([]);
  });

  it.each([...new Set(plants.map(({ rule }) => rule))])("catches every plant of %s", (rule) => {
    const expected = plants.filter((plant) => plant.rule === rule).map(({ file }) => file);
    expect(expected.filter((file) => !reported.includes(`${rule}: ${file}`))).toEqual([]);
  });
});

function diagnosticsIn(tree: Tree): string[] {
  const { stdout } = tree.run("biome", "lint", "--reporter=json", "--max-diagnostics=none");
  const report = JSON.parse(stdout) as {
    diagnostics: { category: string; message: string; location: { path: string } }[];
  };
  return report.diagnostics.map(({ category, message, location }) => {
    const rule = category === "plugin" ? pluginSaying(message) : category.split("/").at(-1);
    return `${rule}: ${location.path}`;
  });
}

/** Biome names a plugin's finding by its message alone. */
function pluginSaying(message: string): string | undefined {
  return plugins.find((name) => readProjectFile(pluginFile(name)).includes(`message="${message}"`));
}

function pluginFile(name: string): string {
  return `test/architecture/${name}.grit`;
}

function readProjectFile(file: string): string {
  return readFileSync(path.join(projectRoot, file), "utf8");
}
