import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createKeyring, type Keyring } from "#app/platform/keyring.server.ts";
import { pauseConnection } from "#app/shops/connection/pause-connection.server.ts";
import { uninstallShop } from "#app/shops/uninstall-shop.server.ts";
import { uniqueAccount } from "#test/integration/admin/sent-events.ts";
import { type LocalPinterest, startLocalPinterest } from "#test/sandbox/local-pinterest.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { deliverDue, deliverOnce, openDelivery } from "#test/support/delivery-fixture.ts";
import { makeShop, TOKEN } from "#test/support/outbox-fixture.ts";
import { eventually } from "#test/support/poll.ts";
import { type CliRun, runCli } from "./run-cli.ts";

const key = randomBytes(32);
const EMAIL = "canary.person@example.com";

let db: TestDatabase;
let keyring: Keyring;
let pinterest: LocalPinterest;
let delivery: ReturnType<typeof openDelivery>;

beforeAll(async () => {
  db = await openTestDatabase();
  keyring = createKeyring([{ id: "k1", key }]);
  pinterest = await startLocalPinterest();
  delivery = openDelivery({ db, keyring, pinterestUrl: pinterest.url });
});
afterAll(async () => {
  await delivery.close();
  await pinterest.close();
  await db.close();
});

async function pinrelay(args: string[], stdin = ""): Promise<CliRun> {
  const env = {
    DATABASE_URL: db.url,
    ENCRYPTION_KEYS: `k1:${key.toString("base64")}`,
    PINTEREST_API_URL: pinterest.url,
  };
  const run = await runCli(args, env, stdin);
  for (const secret of [TOKEN, EMAIL]) {
    expect(run.stdout).not.toContain(secret);
    expect(run.stderr).not.toContain(secret);
  }
  return run;
}

const connectedShop = () => makeShop({ db, keyring }, { adAccountId: uniqueAccount() });
const event = (changes: object = {}) => JSON.stringify({ email: EMAIL, value: "5", ...changes });
const send = (shop: { domain: string }, ...more: string[]) => [
  "send_event",
  "--input",
  "-",
  "--shop",
  shop.domain,
  ...more,
];

test("an event is kept in the outbox, and later it is the same event with its outcome", async () => {
  const shop = await connectedShop();
  const first = await pinrelay(send(shop, "--wait", "0", "--json"), event());
  expect(first).toMatchObject({ exitCode: 0, stderr: "" });
  expect(first.json()).toMatchObject({
    ok: true,
    ad_account_id: shop.adAccountId,
    summary: { received: 1, accepted: 0, pending: 1 },
    results: [{ status: "pending", event: { event_name: "checkout" } }],
  });
  const forPeople = await pinrelay(send(shop, "--wait", "0"), event());
  expect(forPeople.stdout).toMatch(/row 0 {2}pending/);

  await deliverOnce(delivery);
  const later = await pinrelay(send(shop, "--wait", "0", "--json"), event());
  expect(later.json()).toMatchObject({ results: [{ status: "accepted" }] });
  expect(later.json().results[0].event_id).toBe(first.json().results[0].event_id);
  expect(pinterest.ledger.accepted.filter((one) => one.adAccountId === shop.adAccountId)).toEqual([
    expect.objectContaining({ count: 1 }),
  ]);
});

test("the command waits for the outcome while the app sends", async () => {
  const shop = await connectedShop();
  let run: CliRun | undefined;
  const running = pinrelay(send(shop, "--wait", "30", "--json"), event()).then((done) => {
    run = done;
  });
  await eventually(
    async () => {
      await deliverDue(delivery);
      return run;
    },
    { deadlineMs: 60_000 },
  );
  await running;
  expect(run?.json()).toMatchObject({ ok: true, results: [{ status: "accepted" }] });
});

test("the id of an order's purchase is that purchase", async () => {
  const shop = await connectedShop();
  const given = event({ eventId: "order-5210499102-checkout", orderId: "5210499102" });
  await pinrelay(send(shop, "--wait", "0"), given);
  const list = await pinrelay(["events", "list", "--shop", shop.domain, "--json"]);
  expect(list.json().events).toMatchObject([
    { event_id: "order-5210499102-checkout", order_id: "5210499102", state: "pending" },
  ]);
});

test("a test is sent at once, and leaves nothing in the outbox", async () => {
  const shop = await connectedShop();
  const run = await pinrelay(send(shop, "--test", "--json"), event());
  expect(run.json()).toMatchObject({ ok: true, test: true, results: [{ status: "accepted" }] });
  const list = await pinrelay(["events", "list", "--shop", shop.domain, "--json"]);
  expect(list.json().counts.received).toBe(0);
});

test("the tags are those of the shop's ad account", async () => {
  const shop = await connectedShop();
  const run = await pinrelay(["list_conversion_tags", "--shop", shop.domain, "--json"]);
  expect(run.json()).toMatchObject({ ok: true, ad_account_id: shop.adAccountId, tags: [{}] });
});

test("a shop that is paused, not connected, uninstalled or unknown says so", async () => {
  const paused = await connectedShop();
  await pauseConnection({ db }, paused.id, "unauthorized", "system");
  const kept = await pinrelay(send(paused, "--json"), event());
  expect(kept.json()).toMatchObject({
    ok: true,
    results: [{ status: "pending", error: { code: "paused" } }],
  });
  const tags = await pinrelay(["list_conversion_tags", "--shop", paused.domain, "--json"]);
  expect(tags.json()).toMatchObject({ ok: false, error: { code: "unauthorized" } });

  const loose = await makeShop({ db, keyring }, { adAccountId: null });
  const unconnected = await pinrelay(send(loose, "--json"), event());
  expect(unconnected).toMatchObject({ exitCode: 2, stderr: "" });
  expect(unconnected.json()).toMatchObject({
    task: "send_event",
    error: { code: "missing_token", action: expect.stringContaining("pinrelay shop connect") },
  });

  const gone = await connectedShop();
  await uninstallShop({ db }, { domain: gone.domain, triggeredAt: null });
  for (const domain of [gone.domain, "never.myshopify.com"]) {
    const run = await pinrelay(send({ domain }, "--json"), event());
    expect(run).toMatchObject({ exitCode: 1, stderr: "" });
    expect(run.json()).toMatchObject({
      task: "send_event",
      ok: false,
      error: { code: "not_found", message: expect.stringContaining(domain) },
    });
  }
});

test("another ad account than the shop's is refused", async () => {
  const shop = await connectedShop();
  const run = await pinrelay(send(shop, "--ad-account", "549700000009", "--json"), event());
  expect(run).toMatchObject({ exitCode: 2, stderr: "" });
  expect(run.json().error).toMatchObject({
    code: "invalid_input",
    fields: [{ path: "adAccountId" }],
  });
});

test("a database that is away is named", async () => {
  const env = {
    DATABASE_URL: "postgresql://127.0.0.1:9/none",
    ENCRYPTION_KEYS: `k1:${key.toString("base64")}`,
  };
  const run = await runCli(send({ domain: "a.myshopify.com" }, "--json"), env, event());
  expect(run).toMatchObject({ exitCode: 1, stderr: "" });
  expect(run.json()).toMatchObject({
    task: "send_event",
    error: { code: "database_unavailable" },
  });
});
