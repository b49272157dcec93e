import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { projectRoot } from "./planted-tree.ts";
import { listFiles, readText } from "./repository-files.ts";

/**
 * `npm run structure`: how the code of app/ is cut into files, as counts. docs/architecture.md holds
 * them beside what they are to be.
 */

interface Import {
  from: string;
  to: string;
}

/** Loaded before the command: it ends the process where undici takes the request. */
const STOP_AT_REQUEST = `
  import { subscribe } from "node:diagnostics_channel";
  import { takeCoverage } from "node:v8";
  subscribe("undici:request:create", () => { takeCoverage(); process.exit(0); });
`;

const files = listFiles().filter((file) => /^app\/.+\.tsx?$/.test(file));
const imports = files.flatMap(listImports);

const lengths = files.map(countCodeLines).sort((a, b) => a - b);
print("code files", files.length);
print("lines of code in a file, median", lengths[lengths.length >> 1]);
print("lines of code in a file, most", lengths.at(-1));

const lonely = files.filter((file) => imports.filter(({ to }) => to === file).length === 1);
print("files with a single importer", share(lonely, files));

const ofScreens = imports.filter(({ from }) => isOfScreen(from));
const amongScreens = ofScreens.filter(({ to }) => isOfScreen(to));
print("imports of screen code that leave their folder", share(ofScreens.filter(leaves), ofScreens));
print("likewise, for other screen code only", share(amongScreens.filter(leaves), amongScreens));

const walked = walkBatch();
const ground = walked.filter((file) => /^(events|platform)\//.test(file));
print("files that run from `send_batch_events` to its request", walked.length);
print("likewise, without events/ and platform/", walked.length - ground.length);

function print(name: string, value: string | number | undefined): void {
  process.stdout.write(`${name.padEnd(58)} ${value}\n`);
}

function share(part: readonly unknown[], whole: readonly unknown[]): string {
  return `${part.length} of ${whole.length} (${Math.round((100 * part.length) / whole.length)}%)`;
}

function isOfScreen(file: string): boolean {
  return file.startsWith("app/admin/");
}

function leaves({ from, to }: Import): boolean {
  return path.dirname(from) !== path.dirname(to);
}

/** Type imports count too; two imports of one file by the same file are one. */
function listImports(from: string): Import[] {
  const specifiers = readText(from).matchAll(
    /(?:from|import\(|import)\s*"(#app\/|\.\.?\/)([^"]+)"/g,
  );
  const targets = [...specifiers].map(([, start = "", rest = ""]) =>
    start === "#app/" ? `app/${rest}` : path.join(path.dirname(from), start, rest),
  );
  return [...new Set(targets)].map((to) => ({ from, to }));
}

/** Neither blank nor a comment. */
function countCodeLines(file: string): number {
  const lines = readText(file).split("\n");
  return lines.filter((line) => line.trim() !== "" && !/^\s*(\/\/|\/?\*)/.test(line)).length;
}

/** The files of app/ of which a function has run when a batch of one event asks Pinterest. */
function walkBatch(): string[] {
  const folder = mkdtempSync(path.join(tmpdir(), "pinrelay-structure-"));
  const stop = path.join(folder, "stop.mjs");
  writeFileSync(stop, STOP_AT_REQUEST);
  const input = path.join(folder, "batch.csv");
  const now = new Date().toISOString();
  writeFileSync(
    input,
    `email,value,currency,orderId,eventTime\njane@example.com,12.50,EUR,1001,${now}\n`,
  );
  const flags = ["--input", input, "--ad-account", "549755885175", "--token-env", "TOKEN"];
  spawnSync(
    process.execPath,
    ["--import", stop, "app/cli.ts", "send_batch_events", ...flags, "--json"],
    {
      cwd: projectRoot,
      env: {
        ...process.env,
        TOKEN: "pina_x",
        PINTEREST_API_URL: "http://127.0.0.1:9",
        NODE_V8_COVERAGE: folder,
      },
    },
  );
  const walked = readCoverage(folder);
  rmSync(folder, { recursive: true });
  return walked;
}

interface Coverage {
  result: { url: string; functions: { ranges: { count: number }[] }[] }[];
}

function readCoverage(folder: string): string[] {
  const reports = readdirSync(folder).filter((name) => name.startsWith("coverage"));
  const root = `file://${projectRoot}/app/`;
  const results = reports.flatMap(
    (name) => (JSON.parse(readFileSync(path.join(folder, name), "utf8")) as Coverage).result,
  );
  const run = results.filter(
    ({ url, functions }) =>
      url.startsWith(root) &&
      // The first one is the file itself, which runs when it is imported.
      functions.slice(1).some(({ ranges }) => (ranges[0]?.count ?? 0) > 0),
  );
  return [...new Set(run.map(({ url }) => url.slice(root.length)))];
}
