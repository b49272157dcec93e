import { hash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { type CliRun, runCli } from "./run-cli.ts";
import { ACCOUNT, openTaskWorld, TOKEN } from "./task-world.ts";

/** None of it may be found in what a command prints. */
const PERSON = {
  email: "canary.person@example.com",
  phone: "+491701234567",
  firstName: "Canaria",
  lastName: "Birdsong",
  city: "Canarytown",
  zip: "98765",
  dateOfBirth: "1979-03-14",
};
const OWN = ["--token-env", "PIN", "--ad-account", ACCOUNT];

const world = openTaskWorld();

async function pinrelay(args: string[], stdin = ""): Promise<CliRun> {
  const run = await runCli(args, { PINTEREST_API_URL: world.pinterest.url, PIN: TOKEN }, stdin);
  for (const secret of [TOKEN, ...Object.values(PERSON), "491701234567", "canaria"]) {
    expect(run.stdout).not.toContain(secret);
    expect(run.stderr).not.toContain(secret);
  }
  return run;
}

/** Writes the file and gives its path. */
async function file(name: string, content: string): Promise<string> {
  await writeFile(path.join(world.folder, name), content);
  return path.join(world.folder, name);
}

const batch = (input: string, ...more: string[]) => [
  "send_batch_events",
  "--input",
  input,
  ...OWN,
  ...more,
];
const sha256 = (text: string) => hash("sha256", text, "hex");
const acceptedEmails = () =>
  world.pinterest.ledger.accepted.map(
    ({ event }) => (event?.user_data as { em?: string[] })?.em?.[0],
  );

test("an event arrives as it was given, its personal data hashed", async () => {
  const given = { ...PERSON, country: "DE", value: "1234567890123.10", currency: "EUR" };
  const stdin = JSON.stringify({ ...given, orderId: "A-17", clientIpAddress: "203.0.113.9" });
  const run = await pinrelay(["send_event", "--input", "-", "--json", ...OWN], stdin);
  expect(run).toMatchObject({ exitCode: 0, stderr: "" });
  expect(run.json()).toMatchObject({
    task: "send_event",
    demo: false,
    test: false,
    ok: true,
    ad_account_id: ACCOUNT,
    summary: { received: 1, accepted: 1, failed: 0, skipped: 0 },
    results: [{ index: 0, event_name: "checkout", status: "accepted", error: null }],
  });
  const [result] = run.json().results;
  const [accepted] = world.pinterest.ledger.accepted;
  expect(result.event).toEqual(accepted?.event);
  expect(accepted?.event).toMatchObject({
    event_id: expect.stringMatching(/^task-[0-9a-f]{32}$/),
    user_data: { em: [sha256(PERSON.email)], client_ip_address: "203.0.113.9" },
    custom_data: { value: "1234567890123.10", currency: "EUR", order_id: "A-17" },
  });
});

test("the same input sent twice is one event at Pinterest", async () => {
  const stdin = JSON.stringify({ email: PERSON.email, value: 5 });
  const args = ["send_event", "--input", "-", "--json", ...OWN];
  const ids = [await pinrelay(args, stdin), await pinrelay(args, stdin)].map(
    (run) => run.json().results[0].event_id,
  );
  expect(new Set(ids).size).toBe(1);
  expect(world.pinterest.ledger.acceptedCount).toBe(1);
});

test("bad rows of a CSV file are named by index, line and field, and the good ones arrive", async () => {
  const csv = await file(
    "events.csv",
    [
      "\ufeffemail,value,currency,orderQuantity",
      "one@example.com,10.00,EUR,1",
      `${PERSON.email},ten,EUR,1`,
      '"two@example.com","1,000.50",EUR,',
      "three@example.com,30.00,EUR,2",
      "",
      "four@example.com,40.00",
      "five@example.com,50.00,,",
    ].join("\r\n"),
  );
  const run = await pinrelay(batch(csv, "--json"));
  expect(run).toMatchObject({ exitCode: 1, stderr: "" });
  const { summary, results } = run.json();
  expect(summary).toEqual({ received: 6, accepted: 3, failed: 0, skipped: 3 });
  const bad = results.filter(({ status }: { status: string }) => status === "skipped");
  expect(bad).toMatchObject([
    { index: 1, event: null, error: { code: "invalid_input", fields: [{ path: "value" }] } },
    { index: 2, event: null, error: { code: "invalid_input", fields: [{ path: "value" }] } },
    { index: 4, event: null, error: { code: "invalid_input", fields: [{ path: "row" }] } },
  ]);
  expect(acceptedEmails().sort()).toEqual(
    ["one@example.com", "three@example.com", "five@example.com"].map(sha256).sort(),
  );
  expect(world.pinterest.ledger.requests).toHaveLength(1);

  const forPeople = await pinrelay(batch(csv));
  expect(forPeople).toMatchObject({ exitCode: 1, stderr: "" });
  expect(forPeople.stdout).toMatch(/^6 events for ad account \d+: 3 accepted, 3 skipped\.\n/);
  expect(forPeople.stdout).toMatch(/row 1 \(line 3\) {2}skipped[\s\S]*value/);
  expect(forPeople.stdout).toMatch(/row 4 \(line 7\) {2}skipped[\s\S]*2 cells/);
  expect(forPeople.stdout).not.toContain("row 0");
});

test("a German spreadsheet's file is read as it is", async () => {
  const csv = await file(
    "umsatz.csv",
    "email;value;currency;optOut;city\r\nä@example.com;12,50;EUR;FALSCH;München\r\n",
  );
  expect(await pinrelay(batch(csv))).toMatchObject({ exitCode: 0 });
  expect(world.pinterest.ledger.accepted).toMatchObject([
    { event: { opt_out: false, custom_data: { value: "12.50" } } },
  ]);
});

test("JSON Lines, a JSON array and an object with a list are all batches", async () => {
  const [a, b] = ["one@example.com", "two@example.com"].map((email) => ({ email, value: "1" }));
  const inputs: [string, string, string[]][] = [
    [`${JSON.stringify(a)}\n${JSON.stringify(b)}\n`, "lines.jsonl", []],
    [JSON.stringify([a, b]), "list.json", []],
    [JSON.stringify({ value: "1", events: [{ email: a?.email }, { email: b?.email }] }), "-", []],
    [JSON.stringify({ events: JSON.stringify([a, b]) }), "-", []],
    [`email,value\none@example.com,1\ntwo@example.com,1\n`, "-", ["--format", "csv"]],
  ];
  for (const [content, name, more] of inputs) {
    const source = name === "-" ? "-" : await file(name, content);
    const run = await pinrelay(batch(source, "--json", ...more), content);
    expect(run.json()).toMatchObject({ ok: true, summary: { received: 2, accepted: 2 } });
  }
  // However they are written, they are the same two events.
  expect(world.pinterest.ledger.acceptedCount).toBe(2);
});

test("a batch has 1 to 10,000 events", async () => {
  const many = `email\n${"a@example.com\n".repeat(10_001)}`;
  for (const [content, name] of [
    [many, "many.csv"],
    ["[]", "none.json"],
    ["email\n", "header-only.csv"],
  ] as const) {
    const run = await pinrelay(batch(await file(name, content), "--json"));
    expect(run).toMatchObject({ exitCode: 2, stderr: "" });
    expect(run.json().error).toMatchObject({
      code: "invalid_input",
      fields: [{ path: "events" }],
    });
  }
});

test("what cannot be matched, is too old or stands there twice is skipped with its reason", async () => {
  const old = new Date(Date.now() - 7 * 24 * 60 * 60 * 1_000).toISOString();
  const events = [
    { phone: PERSON.phone },
    { email: PERSON.email, eventTime: old },
    { email: PERSON.email, eventId: "e-1" },
    { email: PERSON.email, eventId: "e-1", value: "2" },
  ];
  const run = await pinrelay(batch("-", "--json"), JSON.stringify(events));
  expect(run.exitCode).toBe(1);
  expect(
    run.json().results.map(({ error }: { error: { code: string } | null }) => error?.code),
  ).toEqual(["no_match_key", "too_old", undefined, "duplicate"]);
  const people = await pinrelay(batch("-"), JSON.stringify(events));
  expect(people.stdout).toMatch(/row 0 {2}skipped/);
  expect(people.stdout).toMatch(/clientIpAddress and clientUserAgent/);
});

test("what Pinterest refuses fails alone, in its words, and its warnings are passed on", async () => {
  world.pinterest.fail({
    kind: "poison",
    eventId: "bad",
    as: "fail_event",
    message: "no such currency",
  });
  world.pinterest.fail({
    kind: "poison",
    eventId: "odd",
    as: "warn_event",
    message: "value is\u001b[2J",
  });
  const events = ["bad", "odd", "good"].map((eventId) => ({ email: PERSON.email, eventId }));
  const run = await pinrelay(batch("-", "--json"), JSON.stringify(events));
  expect(run.exitCode).toBe(1);
  expect(run.json().results).toMatchObject([
    { status: "failed", error: { code: "rejected" } },
    { status: "accepted", warning: expect.stringContaining("value is") },
    { status: "accepted", warning: null },
  ]);
  const people = await pinrelay(batch("-"), JSON.stringify(events));
  expect(people.stdout).toContain("no such currency");
  expect(people.stdout).toMatch(/row 1 {2}accepted {2}checkout {2}odd {2}value is \[2J/);
  expect(people.stdout).not.toContain("row 2");
});

test("a test is checked by Pinterest and not recorded", async () => {
  const stdin = JSON.stringify({ email: PERSON.email });
  const run = await pinrelay(["send_event", "--input", "-", "--test", "--json", ...OWN], stdin);
  expect(run.json()).toMatchObject({ ok: true, test: true });
  expect(world.pinterest.ledger.requests).toMatchObject([{ test: true, status: 200 }]);
  expect(world.pinterest.ledger.acceptedCount).toBe(0);
});

test("flags win over what the input says, and the input may say all of it", async () => {
  const stdin = JSON.stringify({
    accessToken: TOKEN,
    adAccountId: "549700000009",
    email: PERSON.email,
    demoMode: true,
  });
  const flagged = await pinrelay(["send_event", "--input", "-", "--json", ...OWN], stdin);
  expect(flagged.json()).toMatchObject({ demo: true, ad_account_id: ACCOUNT });
  const whole = stdin.replace(',"demoMode":true', "").replace("549700000009", ACCOUNT);
  const run = await pinrelay(["send_event", "--input", "-", "--json"], whole);
  expect(run.json()).toMatchObject({ demo: false, ok: true });
});

test("the tags of an ad account are listed, and one is shown", async () => {
  world.pinterest.directory.tags(ACCOUNT).length = 0;
  const none = await pinrelay(["list_conversion_tags", ...OWN]);
  expect(none).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/no tags.*\n$/s) });
  const { id } = world.pinterest.directory.createTag(ACCOUNT, { name: "Shop\u001b[2J tag" });
  const list = await pinrelay(["list_conversion_tags", "--json", ...OWN]);
  expect(list.json()).toMatchObject({ ok: true, ad_account_id: ACCOUNT, tags: [{ id }] });
  const table = await pinrelay(["list_conversion_tags", ...OWN]);
  expect(table.stdout).toMatch(new RegExp(`TAG ID +NAME +STATUS[^\\n]*\\n${id} +Shop \\[2J tag`));
  const one = await pinrelay(["get_conversion_tag", "--tag", id, "--json", ...OWN]);
  expect(one.json()).toMatchObject({ task: "get_conversion_tag", ok: true, tag: { id } });
  expect((await pinrelay(["get_conversion_tag", "--tag", id, ...OWN])).stdout).toContain(id);
});
