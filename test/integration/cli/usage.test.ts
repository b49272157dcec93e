import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { runCli, startCli } from "./run-cli.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const SHOP = ["--shop", "demo.myshopify.com"];

test("the help names every command, and ends with 0", async () => {
  const { exitCode, stdout } = await runCli(["--help"]);
  expect(exitCode).toBe(0);
  const [, commands = ""] = stdout.split("Commands:\n");
  const names = commands
    .split("\n")
    .flatMap((line) => /^ {2}(pinrelay .+?) {2,}\S/.exec(line)?.[1]);
  expect(names).toEqual(expect.arrayContaining(NAMES.map((name) => `pinrelay ${name}`)));
  // Each name stands apart from what is said of it.
  expect(commands).not.toMatch(/^ {2}pinrelay(?!( \S+)+ {2,}\S)/m);
});

const NAMES = [
  ...["send_event", "send_batch_events", "list_conversion_tags", "get_conversion_tag"],
  ...["shop connect", "shop set", "shop callback-secret", "events list", "events replay"],
  ...["alerts list", "alerts test", "doctor"],
];

test("the version is that of the package", async () => {
  const { version } = JSON.parse(
    await readFile(new URL("../../../package.json", import.meta.url), "utf8"),
  );
  expect(await startCli(["--version"])).toMatchObject({ exitCode: 0, stdout: `${version}\n` });
});

test("a file of variables that an editor on Windows wrote is read, and one that can't be read is named", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "pinrelay-env-"));
  const file = path.join(folder, "odd.env");
  const listing = (PINRELAY_ENV_FILE: string) => startCli(["shop", "list"], { PINRELAY_ENV_FILE });
  for (const encoding of ["utf8", "utf16le"] as const) {
    await writeFile(file, "\ufeffDATABASE_URL=nonsense\r\n", encoding);
    expect((await listing(file)).stderr).toContain("DATABASE_URL must be a URL");
  }
  for (const place of [folder, path.join(folder, "missing")]) {
    expect(await listing(place)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(
        `^The file of variables ${place} can't be read \\(E\\w+\\): .*\n$`,
      ),
    });
  }
  await rm(folder, { recursive: true });
});

test("on a Node that is too old every way in says which one it takes", async () => {
  const pretend = `Object.defineProperty(process, "versions", { value: { node: "22.22.0" } })`;
  const run = spawnSync(
    process.execPath,
    ["--import", `data:text/javascript,${pretend}`, "app/pinrelay.mjs", "--help"],
    { cwd: ROOT, encoding: "utf8" },
  );
  expect([run.status, run.stdout]).toEqual([1, ""]);
  expect(run.stderr).toBe(
    "Pinrelay needs Node 24.12 or newer; this is 22.22.0. Get it from https://nodejs.org\n",
  );
});

test("doctor gives each fault of the environment a line of its own", async () => {
  const { stdout } = await runCli(["doctor"], { LOG_LEVEL: "loud", PORT: "high" });
  expect(stdout).toMatch(/^ +LOG_LEVEL\b/m);
  expect(stdout).toMatch(/^ +PORT\b/m);
  // Outside sandbox mode the app does not start without a place for its database.
  expect(stdout).toMatch(/^ +DATABASE_URL is missing: /m);
});

test("the help opens no database and loads none of its libraries", async () => {
  const dataDir = await mkdtemp(path.join(tmpdir(), "pinrelay-cli-"));
  const env = { DATA_DIR: dataDir, NODE_DEBUG: "esm", NODE_OPTIONS: "--trace-uncaught" };
  const { exitCode, stderr } = await startCli(["events", "list", "--help"], env);
  expect(exitCode).toBe(0);
  expect(stderr).not.toMatch(/node_modules\/(pg|@prisma|zod|@shopify)\//);
  expect(await readdir(dataDir)).toEqual([]);
  await rm(dataDir, { recursive: true });
});

test("the file runs by itself, as npx runs it", () => {
  const env = { PATH: `${ROOT}node_modules/.bin:/usr/bin:/bin` };
  const run = spawnSync(`${ROOT}app/cli.ts`, ["doctor", "--help"], { env, encoding: "utf8" });
  expect(run.error).toBeUndefined();
  expect(run.stdout).toContain("Usage: pinrelay doctor");
});

test.each([
  ["an unknown command", ["bake"], "usage"],
  ["an unknown option", ["shop", "list", "--colour"], "usage"],
  ["a missing option", ["shop", "show"], "usage"],
  [
    "a country that there is not",
    ["shop", "connect", ...SHOP, "--ad-account", "1", "--token-env", "T", "--country", "ZZ"],
    "invalid_input",
  ],
  ["a name that is no shop's", ["shop", "show", "--shop", "demo.example.com"], "invalid_input"],
  [
    "an ad account that is no number",
    ["shop", "connect", ...SHOP, "--ad-account", "a1", "--token-env", "T"],
    "invalid_input",
  ],
  ["an unknown state", ["events", "list", ...SHOP, "--state", "lost"], "invalid_input"],
  ["a limit of none", ["events", "list", ...SHOP, "--limit", "0"], "invalid_input"],
  ["no settings", ["shop", "set", ...SHOP], "usage"],
  ["a replay of nothing", ["events", "replay", ...SHOP], "usage"],
  [
    "a replay by id and by state",
    ["events", "replay", ...SHOP, "--event", "a", "--state", "expired"],
    "usage",
  ],
  [
    "a replay by id since a time",
    ["events", "replay", ...SHOP, "--event", "a", "--since", "1d"],
    "usage",
  ],
  [
    "a time that is none",
    ["events", "replay", ...SHOP, "--state", "expired", "--since", "soon"],
    "invalid_input",
  ],
  ["a time that has not come", ["backfill", ...SHOP, "--since", "2999-01-01"], "invalid_input"],
])("%s ends with 2 and says what is wrong", async (_name, args, code) => {
  const forPeople = await runCli(args);
  expect(forPeople).toMatchObject({ exitCode: 2, stdout: "" });
  expect(forPeople.stderr).toMatch(/^error: .+\n(.+\n)*`pinrelay --help`/);
  const forPrograms = await runCli([...args, "--json"]);
  expect(forPrograms).toMatchObject({ exitCode: 2, stderr: "" });
  expect(forPrograms.json()).toMatchObject({
    ok: false,
    error: { code, message: expect.stringMatching(/.+/), action: expect.stringMatching(/.+/) },
  });
});

test.each([[[]], [["shop"]], [["events"]]])(
  "%j is no command: what there is, and 2",
  async (args) => {
    const run = await runCli(args);
    expect(run).toMatchObject({ exitCode: 2, stdout: "" });
    expect(run.stderr).toMatch(/^Usage: pinrelay/);
  },
);

test("a bad environment ends with 1 and names every faulty variable", async () => {
  const run = await runCli(["shop", "list", "--json"], { LOG_LEVEL: "loud", PORT: "high" });
  expect(run.exitCode).toBe(1);
  const { error } = run.json();
  expect(error.code).toBe("bad_environment");
  for (const name of ["LOG_LEVEL", "PORT", "ENCRYPTION_KEYS"])
    expect(error.message).toContain(name);
});
