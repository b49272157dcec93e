import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { waitBriefly } from "./quick-waits.ts";
import { type CliRun, runCli } from "./run-cli.ts";
import { ACCOUNT, openTaskWorld, TOKEN } from "./task-world.ts";

const EMAIL = "canary.person@example.com";

const world = openTaskWorld();
waitBriefly();

async function pinrelay(args: string[], { token = TOKEN, stdin = "", env = {} } = {}) {
  const run = await runCli(
    args,
    { PINTEREST_API_URL: world.pinterest.url, PIN: token, ...env },
    stdin,
  );
  for (const secret of [token, TOKEN, EMAIL, "canary.person"].filter(Boolean)) {
    expect(run.stdout).not.toContain(secret);
    expect(run.stderr).not.toContain(secret);
  }
  return run;
}

const event = (changes: object = {}) => JSON.stringify({ email: EMAIL, value: "9.50", ...changes });
const OWN = ["--token-env", "PIN", "--ad-account", ACCOUNT];
const send = (...more: string[]) => ["send_event", "--input", "-", "--json", ...OWN, ...more];

/** stdout is the document and nothing else, and stderr nothing at all. */
function documentOf(run: CliRun, exitCode: number) {
  expect(run).toMatchObject({ stderr: "", exitCode });
  const document = run.json();
  expect(document).toMatchObject({ task: expect.any(String), ok: false });
  for (const text of [document.error.message, document.error.action]) {
    expect(text).toMatch(/\S/);
  }
  return document;
}

test("without a token it ends with 2 and says how to give one", async () => {
  const none = await pinrelay(["send_event", "--input", "-", "--json"], { stdin: event() });
  expect(documentOf(none, 2).error).toMatchObject({
    code: "missing_token",
    action: expect.stringContaining("--token-env"),
  });
  const unset = await pinrelay(send("--token-env", "NOWHERE"), { stdin: event() });
  expect(documentOf(unset, 2).error).toMatchObject({
    code: "missing_token",
    message: expect.stringContaining("NOWHERE"),
  });
  const spoilt = await pinrelay(send(), { stdin: event(), token: "two words" });
  expect(documentOf(spoilt, 2).error).toMatchObject({ code: "invalid_input" });
  expect(world.pinterest.ledger.requests).toEqual([]);
});

test("a token that Pinterest does not know ends with 1", async () => {
  const run = await pinrelay(send(), { stdin: event(), token: "pina_someone_elses" });
  expect(documentOf(run, 1)).toMatchObject({
    error: { code: "unauthorized" },
    results: [{ index: 0, status: "failed", error: { code: "unauthorized" } }],
    summary: { received: 1, accepted: 0, failed: 1 },
  });
});

test("an ad account that the token may not use ends with 1", async () => {
  const run = await pinrelay(send("--ad-account", "549700000001"), { stdin: event() });
  expect(documentOf(run, 1).error).toMatchObject({
    code: "forbidden",
    message: expect.stringContaining("549700000001"),
  });
});

test("a limit that is not over in time ends with 1 and says when to come back", async () => {
  world.pinterest.fail({ kind: "status", status: 429, retryAfter: 3_600 });
  const run = await pinrelay(send(), { stdin: event() });
  expect(documentOf(run, 1).error).toMatchObject({
    code: "rate_limited",
    retry_after_seconds: 3_600,
  });
});

test("an ad account or tag that is not there ends with 1", async () => {
  world.pinterest.fail({ kind: "status", status: 404 });
  expect(documentOf(await pinrelay(send(), { stdin: event() }), 1).error.code).toBe("not_found");
  const tag = await pinrelay(["get_conversion_tag", "--tag", "2612345", "--json", ...OWN]);
  const { error } = documentOf(tag, 1);
  expect(error).toMatchObject({
    code: "not_found",
    message: expect.stringContaining("2612345"),
    action: expect.stringContaining("list_conversion_tags"),
  });
});

test("a Pinterest that is out of order ends with 1, and no event is lost in silence", async () => {
  world.pinterest.fail({ kind: "status", status: 503 });
  const run = await pinrelay(send(), { stdin: event() });
  expect(documentOf(run, 1)).toMatchObject({
    error: { code: "pinterest_unavailable" },
    results: [{ status: "undetermined" }],
    summary: { received: 1, accepted: 0, undetermined: 1 },
  });
  expect(world.pinterest.ledger.requests.length).toBeGreaterThan(1);
});

test("a Pinterest that cannot be reached ends with 1", async () => {
  const env = { PINTEREST_API_URL: "http://127.0.0.1:9/v5" };
  const run = await pinrelay(["list_conversion_tags", "--json", ...OWN], { env });
  expect(documentOf(run, 1).error.code).toBe("pinterest_unavailable");
});

test("an answer that is lost each time ends with 1, and the next run counts nothing twice", async () => {
  world.pinterest.fail({ kind: "malformed" });
  const lost = documentOf(await pinrelay(send(), { stdin: event() }), 1);
  expect(lost).toMatchObject({
    error: { code: "undetermined" },
    results: [{ status: "undetermined", error: { code: "undetermined" } }],
  });
  world.pinterest.heal();
  const again = await pinrelay(send(), { stdin: event() });
  expect(again).toMatchObject({ exitCode: 0, stderr: "" });
  expect(again.json().results[0].event_id).toBe(lost.results[0].event_id);
  expect(world.pinterest.ledger.acceptedCount).toBe(1);
});

test("every faulty key is named, unknown ones too, and nothing is sent", async () => {
  const stdin = event({ emial: "x", currency: "dollars", orderQuantity: 1.5 });
  const { error } = documentOf(await pinrelay(send(), { stdin }), 2);
  expect(error.code).toBe("invalid_input");
  expect(error.fields.map(({ path }: { path: string }) => path).sort()).toEqual([
    "currency",
    "emial",
    "orderQuantity",
  ]);
  expect(world.pinterest.ledger.requests).toEqual([]);
  const forPeople = await pinrelay(["send_event", "--input", "-", ...OWN], { stdin });
  expect(forPeople).toMatchObject({ exitCode: 2, stdout: "" });
  for (const key of ["emial", "currency", "orderQuantity"]) {
    expect(forPeople.stderr).toContain(key);
  }
});

test("input that cannot be read ends with 2 and says what is wrong, and where", async () => {
  const write = async (name: string, content: string | Uint8Array) => {
    await writeFile(path.join(world.folder, name), content);
    return path.join(world.folder, name);
  };
  const utf16 = Buffer.from("\ufeffemail\n", "utf16le");
  const latin1 = Buffer.from(`email\n${EMAIL}\nm\u00fcller@example.com\n`, "latin1");
  await mkdir(path.join(world.folder, "sub"));
  const cases: [string, RegExp][] = [
    [path.join(world.folder, "nowhere.csv"), /is not there/],
    [path.join(world.folder, "sub"), /is a folder/],
    [await write("empty.csv", ""), /is empty/],
    [await write("book.csv", "PK\u0003\u0004xl/workbook.xml"), /workbook/],
    [await write("utf16.csv", utf16), /UTF-16/],
    [await write("latin1.csv", latin1), /not UTF-8: line 3/],
    [await write("broken.json", `[\n{"email":"${EMAIL}"\n`), /line 3, column 1/],
    [await write("open.csv", `email\n"${EMAIL}\n`), /line \d/],
    [await write("columns.csv", `email,colour\n${EMAIL},red\n`), /colour/],
    [await write("huge.json", Buffer.alloc(16 * 1024 * 1024 + 1, " ")), /larger than 16 MiB/],
  ];
  for (const [file, message] of cases) {
    const run = await pinrelay(["send_batch_events", "--input", file, "--json", ...OWN]);
    const { error } = documentOf(run, 2);
    expect(error).toMatchObject({ code: "invalid_input", message: expect.stringMatching(message) });
    expect(error.fields).not.toEqual([]);
  }
  const people = await pinrelay(["send_event", "--input", path.join(world.folder, "sub"), ...OWN]);
  expect(people).toMatchObject({
    exitCode: 2,
    stdout: "",
    stderr: expect.stringMatching(/folder/),
  });
});

test.each([
  ["no input", ["send_event", "--json"], "--input"],
  ["a list for one event", ["send_event", "--input", "-", "--json"], "input"],
  [
    "a secret for signing that is not there",
    [...send("--webhook-secret-env", "NOWHERE")],
    "--webhook-secret-env",
  ],
])("%s ends with 2", async (_name, args, field) => {
  const stdin = args.includes("--webhook-secret-env") ? event() : `[${event()}]`;
  const { error } = documentOf(await pinrelay(args, { stdin }), 2);
  expect(error.code).toBe("invalid_input");
  expect(error.fields).toMatchObject([{ path: field }]);
});

test("a token in the input and a shop's own are not both used", async () => {
  const args = ["send_event", "--input", "-", "--json", "--shop", "demo.myshopify.com"];
  const run = await pinrelay(args, { stdin: event({ accessToken: TOKEN }) });
  expect(documentOf(run, 2).error.fields).toMatchObject([{ path: "accessToken" }]);
});

test("a failure is told to people on stderr, with the next step", async () => {
  world.pinterest.fail({ kind: "status", status: 401 });
  const run = await pinrelay(["send_event", "--input", "-", ...OWN], { stdin: event() });
  expect(run.exitCode).toBe(1);
  expect(run.stdout).toMatch(/^1 event for ad account 549755885175: 0 accepted, 1 failed\.\n$/);
  expect(run.stderr).toMatch(/does not accept this access token[\s\S]*Ads Manager/);
});

test.each([
  ["as the name of a variable", ["--token-env", "pina_CANARY_BY_A_SLIP"]],
  ["as an option of its own", ["--token=pina_CANARY_BY_A_SLIP"]],
  ["as a stray word", ["pina_CANARY_BY_A_SLIP"]],
  ["as the secret's variable", ["--webhook-secret-env", "whsec_CANARY_BY_A_SLIP"]],
])(
  "a token that is given %s is not repeated, and the document says what is wrong",
  async (_, args) => {
    const command = ["send_event", "--input", "-", "--ad-account", "549755885175", ...args];
    const input = JSON.stringify({ email: "a@example.com", accessToken: "pina_other" });
    const json = await runCli([...command, "--json"], {}, input);
    expect([json.exitCode, json.json().task, json.json().error.code]).toEqual([
      2,
      "send_event",
      "invalid_input",
    ]);
    expect(json.json().error.fields).toHaveLength(1);
    const text = await runCli(command, {}, input);
    expect(text.exitCode).toBe(2);
    for (const run of [json, text]) expect(run.stdout + run.stderr).not.toContain("CANARY");
  },
);

test("a faulty environment is named in the task's own document", async () => {
  const run = await runCli(["list_conversion_tags", "--json"], {
    PINTEREST_API_URL: "http://x.example",
  });
  expect([run.exitCode, run.json().task, run.json().error.code]).toEqual([
    2,
    "list_conversion_tags",
    "invalid_input",
  ]);
});
