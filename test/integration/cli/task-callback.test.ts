import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type LocalPinterest, startLocalPinterest } from "#test/sandbox/local-pinterest.ts";
import { startReceiver } from "#test/support/callback-receiver.ts";
import { waitBriefly } from "./quick-waits.ts";
import { type CliRun, runCli } from "./run-cli.ts";

const TOKEN = "pina_0123456789canarytoken";
const SECRET = "a secret of the receiver";
const SEND = ["send_event", "--input", "-", "--token-env", "PIN", "--ad-account", "549755885175"];

let pinterest: LocalPinterest;
waitBriefly();

beforeAll(async () => {
  pinterest = await startLocalPinterest();
});
beforeEach(() => {
  pinterest.heal();
  pinterest.ledger.clear();
});
afterAll(() => pinterest.close());

/** In sandbox mode, where a receiver on this machine is allowed. */
function pinrelay(args: string[], webhookUrl: string, env: Record<string, string> = {}) {
  const stdin = JSON.stringify({ email: "ann@example.com", value: "5", webhookUrl });
  const all = {
    PINTEREST_API_URL: pinterest.url,
    SHOPIFY_SANDBOX_URL: "http://127.0.0.1:9",
    PIN: TOKEN,
    SIGNING: SECRET,
    ...env,
  };
  return runCli(args, all, stdin);
}

test("the result is posted, signed, and is the document that is printed", async () => {
  const { received, url } = await startReceiver();
  const run = await pinrelay([...SEND, "--json", "--webhook-secret-env", "SIGNING"], url);
  expect(run).toMatchObject({ exitCode: 0, stderr: "" });
  const { callback, ...document } = run.json();
  expect(callback).toEqual({ delivered: true, attempts: 1 });
  const [{ headers, body } = { headers: {}, body: "" }] = received;
  const receiverSide = new Webhook(Buffer.from(SECRET), { format: "raw" });
  expect(receiverSide.verify(body, headers)).toEqual(document);
  expect(body).not.toContain(TOKEN);
  expect(run.stdout).not.toContain(SECRET);
});

test("without a secret it goes unsigned", async () => {
  const { received, url } = await startReceiver();
  expect(await pinrelay([...SEND, "--json"], url)).toMatchObject({ exitCode: 0 });
  expect(received[0]?.headers["webhook-id"]).toMatch(/^msg_/);
  expect(received[0]?.headers["webhook-signature"]).toBeUndefined();
});

test("a receiver that fails gets it again under the same id", async () => {
  const { received, url } = await startReceiver((count) => ({ status: count < 3 ? 503 : 204 }));
  const run = await pinrelay([...SEND, "--json"], url);
  expect(run.json()).toMatchObject({ ok: true, callback: { delivered: true, attempts: 3 } });
  expect(new Set(received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
});

test("a result that cannot be posted is still printed, and the command ends with 1", async () => {
  const { url } = await startReceiver(() => ({ status: 500 }));
  const run = await pinrelay([...SEND, "--json"], url);
  expect(run).toMatchObject({ exitCode: 1, stderr: "" });
  expect(run.json()).toMatchObject({
    ok: false,
    results: [{ status: "accepted" }],
    callback: { delivered: false, message: expect.any(String) },
  });
  const people = await pinrelay(SEND, url);
  expect(people.stdout).toContain("1 accepted");
  expect(people.stderr).toMatch(/could not be posted to webhookUrl/);
});

test("a failure of the task is posted as well", async () => {
  const { received, url } = await startReceiver();
  pinterest.fail({ kind: "status", status: 401, endpoint: "accounts" });
  const args = ["list_conversion_tags", ...SEND.slice(1), "--json"];
  const run = await pinrelay(args, url);
  expect(run.exitCode).toBe(1);
  expect(JSON.parse(received[0]?.body ?? "")).toMatchObject({ error: { code: "unauthorized" } });
});

test("where it may not go is refused before anything is sent", async () => {
  const { received, url } = await startReceiver();
  const cases: [string, Record<string, string>][] = [
    [url, { SHOPIFY_SANDBOX_URL: "" }],
    ["https://192.168.1.1/results", {}],
    ["http://example.com/results", {}],
  ];
  for (const [target, env] of cases) {
    const run: CliRun = await pinrelay([...SEND, "--json"], target, env);
    expect(run).toMatchObject({ exitCode: 2, stderr: "" });
    expect(run.json().error).toMatchObject({
      code: "invalid_input",
      fields: [{ path: "webhookUrl" }],
    });
  }
  expect([received, pinterest.ledger.requests]).toEqual([[], []]);
});

test("a demo posts nothing, and says so", async () => {
  const { received, url } = await startReceiver();
  const run = await pinrelay([...SEND, "--demo", "--json"], url);
  expect(run).toMatchObject({ exitCode: 0 });
  expect(run.json().callback).toMatchObject({ delivered: false });
  expect((await pinrelay([...SEND, "--demo"], url)).stderr).toMatch(/nothing was posted/);
  expect(received).toEqual([]);
});
