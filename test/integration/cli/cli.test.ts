import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createKeyring, type Keyring } from "#app/platform/keyring.server.ts";
import { pauseConnection } from "#app/shops/connection/pause-connection.server.ts";
import { readSendingConnections } from "#app/shops/connection/read-connection.server.ts";
import { findShop } from "#app/shops/find-shop.server.ts";
import { installShop } from "#app/shops/install-shop.server.ts";
import { sendFiveOrders, uniqueAccount } from "#test/integration/admin/sent-events.ts";
import { startReceiver } from "#test/support/callback-receiver.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { commitEvents, makeShop, purchase } from "#test/support/outbox-fixture.ts";
import { type CliRun, runCli } from "./run-cli.ts";

const key = randomBytes(32);
let db: TestDatabase;
let keyring: Keyring;
let pinterest: Server;
let env: Record<string, string>;

beforeAll(async () => {
  db = await openTestDatabase();
  keyring = createKeyring([{ id: "k1", key }]);
  pinterest = createServer((_request, response) => response.writeHead(401).end());
  await new Promise<void>((resolve) => pinterest.listen(0, "127.0.0.1", resolve));
  env = {
    DATABASE_URL: db.url,
    ENCRYPTION_KEYS: `k1:${key.toString("base64")}`,
    PINTEREST_API_URL: `http://127.0.0.1:${(pinterest.address() as AddressInfo).port}/v5`,
  };
});
afterAll(async () => {
  pinterest.close();
  await db.close();
});

const TOKEN = "pina_0123456789abcdefghijklmnop";
const pinrelay = (...args: string[]): Promise<CliRun> => runCli(args, { ...env, PIN: TOKEN });

test("connecting creates the shop, hides the token, and takes what waits along", async () => {
  const shop = await makeShop({ db, keyring }, { adAccountId: null });
  await commitEvents({ db, keyring }, shop, [purchase("1001"), purchase("1002")]);
  const connect = ["--ad-account", "549755885175", "--token-env", "PIN", "--json"];
  const run = await pinrelay("shop", "connect", "--shop", shop.domain, ...connect);
  expect(run).toMatchObject({ exitCode: 0, stderr: "" });
  expect(run.stdout).not.toContain(TOKEN);
  expect(run.json()).toMatchObject({
    ok: true,
    shop: shop.domain,
    state: "installed",
    ad_account_id: "549755885175",
    connection: "active",
    created: false,
    adopted_events: 2,
  });
  expect((await readSendingConnections({ db, keyring }, [shop.id])).get(shop.id)?.token).toBe(
    TOKEN,
  );
  const list = (await pinrelay("events", "list", "--shop", shop.domain, "--json")).json();
  expect(list.events.map((event: { ad_account_id: string }) => event.ad_account_id)).toEqual([
    "549755885175",
    "549755885175",
  ]);
  const asked = ["shop", "connect", "--shop", "Fresh.myshopify.com", ...connect];
  const fresh = await pinrelay(...asked, "--country", "uk");
  expect(fresh.json()).toMatchObject({ shop: "fresh.myshopify.com", created: true });
  // What is known of the shop stays.
  await pinrelay(...asked, "--country", "DE");
  const { rows } = await db.pool.query("select country_code from shop where domain = $1", [
    "fresh.myshopify.com",
  ]);
  expect(rows).toEqual([{ country_code: "GB" }]);
});

test("a token that is not there, or is none, ends with 2 and creates nothing", async () => {
  const args = ["shop", "connect", "--shop", "empty.myshopify.com", "--ad-account", "1", "--json"];
  const missing = await runCli([...args, "--token-env", "NOWHERE"], env);
  expect(missing.exitCode).toBe(2);
  expect(missing.json().error).toMatchObject({
    code: "missing_token",
    message: expect.stringContaining("NOWHERE"),
  });
  const spoilt = await runCli([...args, "--token-env", "PIN"], { ...env, PIN: "two words\n" });
  expect(spoilt).toMatchObject({ exitCode: 2 });
  expect(spoilt.json().error.code).toBe("invalid_input");
  expect(spoilt.stdout).not.toContain("two words");
  expect(await findShop({ db }, "empty.myshopify.com")).toBeNull();
});

test("the list of shops is what it promises", async () => {
  const { domain, adAccountId } = await makeShop({ db, keyring });
  const run = await pinrelay("shop", "list", "--json");
  expect(run).toMatchObject({ exitCode: 0, stderr: "" });
  const { shops } = run.json();
  expect(shops.find(({ shop }: { shop: string }) => shop === domain)).toMatchObject({
    shop: domain,
    state: "installed",
    ad_account_id: adAccountId,
    connection: "active",
    pixel_key: expect.any(String),
    installed_at: expect.any(String),
  });
  expect((await pinrelay("shop", "list")).stdout).toMatch(
    new RegExp(`^${domain.replaceAll(".", "\\.")} +installed +active +${adAccountId}`, "m"),
  );
});

test("settings are set all or none, and shown", async () => {
  const domain = "settings.myshopify.com";
  await installShop({ db }, { domain });
  const set = (...args: string[]) => pinrelay("shop", "set", "--shop", domain, ...args, "--json");
  const done = await set("hold_seconds=45", "source.pos=skip", "alert_emails=a@x.test, b@x.test");
  expect(done).toMatchObject({ exitCode: 0, stderr: "" });
  const { ok, changed, settings_version: version } = done.json();
  expect([ok, version]).toEqual([true, 2]);
  expect(changed.sort()).toEqual(["alert_emails", "hold_seconds", "source.pos"]);
  const wrong = await set(
    "value_basis=total",
    "hold_seconds=9999",
    "hold_seconds=1",
    "colour=red",
    "x",
  );
  expect(wrong.exitCode).toBe(2);
  const { fields } = wrong.json().error;
  expect(fields.map(({ path }: { path: string }) => path).sort()).toEqual([
    "colour",
    "hold_seconds",
    "hold_seconds",
    "x",
  ]);
  const shown = (await pinrelay("shop", "show", "--shop", domain, "--json")).json();
  expect(shown).toMatchObject({
    shop: domain,
    settings_version: 2,
    settings: {
      hold_seconds: 45,
      "source.pos": "skip",
      alert_emails: ["a@x.test", "b@x.test"],
      value_basis: "subtotal_before_tax",
    },
  });
  const back = await set("hold_seconds=default", "alert_emails=");
  expect(back.json().settings).toMatchObject({ hold_seconds: 30, alert_emails: [] });
  const empty = await set("hold_seconds=");
  expect(empty).toMatchObject({ exitCode: 2 });
});

test("an API key is printed once and works for nothing else", async () => {
  const { domain } = await makeShop({ db, keyring });
  const run = await pinrelay("shop", "api-key", "--shop", domain, "--json");
  expect(run.json()).toEqual({ shop: domain, api_key: expect.stringMatching(/^prk_[\w-]{43}$/) });
  const other = await pinrelay("shop", "api-key", "--shop", domain);
  expect(other.stdout).toMatch(/^prk_[\w-]{43}\n$/);
  expect(other.stdout).not.toContain(run.json().api_key);
});

test.each([
  ["shop", "show"],
  ["shop", "set", "hold_seconds=1"],
  ["shop", "api-key"],
  ["events", "list"],
  ["events", "show", "order-1-checkout"],
  ["events", "replay", "--state", "expired"],
])("%s %s of an unknown shop ends with 1 and says what to do", async (...args) => {
  const run = await pinrelay(...args, "--shop", "never.myshopify.com", "--json");
  expect(run.exitCode).toBe(1);
  expect(run.json().error).toMatchObject({
    code: "not_found",
    message: expect.stringContaining("never.myshopify.com"),
    action: expect.stringContaining("pinrelay shop"),
  });
});

test("events are listed, shown and sent again, but never what Pinterest has accepted", async () => {
  const shop = await makeShop({ db, keyring }, { adAccountId: uniqueAccount() });
  await db.pool.query("update due_account set next_at = 'infinity'");
  await sendFiveOrders({ db, keyring }, shop);
  const of = ["--shop", shop.domain, "--json"];

  const list = (await pinrelay("events", "list", ...of, "--state", "rejected")).json();
  expect(list.events).toMatchObject([{ event_id: "order-3-checkout", state: "rejected" }]);
  expect(list.counts).toMatchObject({ received: 5, accepted: 2, rejected: 1, pending: 1 });
  const byOrder = (await pinrelay("events", "list", ...of, "--order", "2", "--limit", "5")).json();
  expect(byOrder.events).toMatchObject([{ order_id: "2", state: "accepted" }]);

  const shown = (await pinrelay("events", "show", "order-3-checkout", ...of)).json();
  expect(shown).toMatchObject({
    payload: { event_id: "order-3-checkout" },
    attempts: [{ answer: null }, { answer: { message: "currency is missing" } }],
  });
  expect((await pinrelay("events", "show", "order-9-checkout", ...of)).exitCode).toBe(1);
  const text = (await pinrelay("events", "show", "order-3-checkout", "--shop", shop.domain)).stdout;
  expect(text).toContain("currency is missing");

  const events = ["--event", "order-1-checkout", "--event", "order-3-checkout"];
  const replay = await pinrelay("events", "replay", ...of, ...events);
  expect(replay.exitCode).toBe(0);
  expect(replay.json()).toMatchObject({
    ok: true,
    replayed: ["order-3-checkout"],
    left: [{ event_id: "order-1-checkout", state: "accepted" }],
  });
  const nothing = await pinrelay("events", "replay", ...of, "--state", "accepted", "--since", "1h");
  expect(nothing.exitCode).toBe(1);
  expect(nothing.json()).toMatchObject({ ok: false, replayed: [], left: [{}, {}] });
});

test("words of Pinterest cannot move the terminal's cursor", async () => {
  const shop = await makeShop({ db, keyring });
  await commitEvents({ db, keyring }, shop, [purchase("7001")]);
  await db.pool.query(
    "update event set state = 'rejected', reason = E'\\x1b[2Jgone\\nnow' where shop_id = $1",
    [shop.id],
  );
  const { stdout } = await pinrelay("events", "list", "--shop", shop.domain);
  expect(stdout).toContain(" [2Jgone now");
});

const SHOPIFY = {
  SHOPIFY_API_KEY: "app",
  SHOPIFY_API_SECRET: "new-secret-of-the-app,old-secret-of-the-app",
  SHOPIFY_APP_URL: "https://pinrelay.example",
  SCOPES: "read_orders",
};

test("the doctor finds a healthy system healthy, and sends no event", async () => {
  let requests = 0;
  pinterest.on("request", () => {
    requests += 1;
  });
  const run = await runCli(["doctor", "--json"], { ...env, ...SHOPIFY });
  expect(run.json()).toMatchObject({ ok: true });
  expect(run).toMatchObject({ exitCode: 0, stderr: "" });
  expect(run.json().checks.map(({ check }: { check: string }) => check)).toEqual([
    "environment",
    "shopify",
    "database",
    "migrations",
    "clock",
    "connections",
    "pinterest",
  ]);
  expect(requests).toBe(1);
  expect((await runCli(["doctor"], { ...env, ...SHOPIFY })).stdout).toMatch(/^ok {4}environment/);
});

test("the doctor names what is broken, and what to do", async () => {
  const shop = await makeShop({ db, keyring });
  await pauseConnection({ db }, shop.id, "unauthorized", "system");
  const broken = { ...env, PINTEREST_API_URL: "http://127.0.0.1:9/v5" };
  const run = await runCli(["doctor", "--json"], broken);
  expect(run.exitCode).toBe(1);
  const failing = run.json().checks.filter(({ ok }: { ok: boolean }) => !ok);
  expect(failing).toMatchObject([
    { check: "environment", message: expect.stringContaining("SHOPIFY_API_SECRET") },
    { check: "connections", message: expect.stringContaining(`${shop.domain} (unauthorized)`) },
    { check: "pinterest", message: expect.stringContaining("ECONNREFUSED") },
  ]);
  for (const { action } of failing) expect(action).toMatch(/.+/);
});

test("the doctor finds tokens under a lost key, and a database that is away", async () => {
  await makeShop({ db, keyring });
  const lostKey = { ...env, ...SHOPIFY, ENCRYPTION_KEYS: `k2:${key.toString("base64")}` };
  const lost = (await runCli(["doctor", "--json"], lostKey)).json();
  expect(lost.checks).toContainEqual(
    expect.objectContaining({
      check: "connections",
      ok: false,
      message: expect.stringContaining("k1"),
    }),
  );
  const away = { ...env, ...SHOPIFY, DATABASE_URL: "postgresql://127.0.0.1:9/none" };
  const run = await runCli(["doctor", "--json"], away);
  expect(run.exitCode).toBe(1);
  expect(run.json().checks).toContainEqual(
    expect.objectContaining({ check: "database", ok: false }),
  );
  const list = await runCli(["shop", "list", "--json"], away);
  expect(list).toMatchObject({ exitCode: 1, stderr: "" });
  const { code, ...said } = list.json().error;
  expect(code).toBe("database_unavailable");
  expect(run.json().checks).toContainEqual({ check: "database", ok: false, ...said });
});

test("alerts are listed, and a test alert says of each address what became of it", async () => {
  const shop = await makeShop({ db, keyring });
  const receiver = await startReceiver();
  const change = (sql: string, value: unknown) => db.pool.query(sql, [shop.id.toString(), value]);
  await change(
    `insert into alert (shop_id, cause, facts, noticed_at, begun_at, ended_at) values
      ($1, 'privacy_late', '{"n":2}', now(), now(), null), ($1, 'orders_dropped', '{"n":0}', now(), now(), $2)`,
    new Date(),
  );
  const list = async (...more: string[]) =>
    (await pinrelay("alerts", "list", "--shop", shop.domain, "--json", ...more)).json().alerts;
  expect(await list()).toEqual([
    {
      cause: "privacy_late",
      severity: "warning",
      title: "2 privacy requests are late",
      text: expect.any(String),
      next_step: expect.any(String),
      begun_at: expect.any(String),
      ended_at: null,
    },
  ]);
  expect(await list("--all")).toHaveLength(2);

  const sandbox = { ...env, SHOPIFY_SANDBOX_URL: "http://127.0.0.1:1" };
  const send = ["alerts", "test", "--shop", shop.domain];
  const nobody = await runCli(send, sandbox);
  expect(nobody).toMatchObject({ exitCode: 1, stdout: "" });
  expect(nobody.stderr).toContain("name no webhook, and without SMTP_URL no email is sent");
  expect((await runCli([...send, "--json"], sandbox)).json()).toMatchObject({
    ok: false,
    error: { code: "no_address", action: expect.stringContaining(`--shop ${shop.domain} alert_`) },
  });
  const urls = [receiver.url, "https://10.0.0.8/x"];
  await change("update shop set settings = $2 where id = $1", { alert_webhook_url: urls });
  const run = await runCli([...send, "--json"], sandbox);
  expect(run).toMatchObject({ exitCode: 1, stderr: "" });
  expect(run.json().results).toEqual([
    { channel: "webhook", name: new URL(receiver.url).host, ok: true, why: null },
    { channel: "webhook", name: "10.0.0.8", ok: false, why: expect.stringContaining("internet") },
  ]);
  expect(receiver.received.map(({ body }) => JSON.parse(body).type)).toEqual(["alert.test"]);
  for (const _ of [2, 3]) await runCli(send, sandbox);
  // As if all three had been sent at this moment, however long the commands took.
  await db.pool.query("update alert_test set free_at = now() + interval '10 minutes'");
  const tooOften = await runCli([...send, "--json"], sandbox);
  expect(tooOften).toMatchObject({ exitCode: 1, stderr: "" });
  expect(tooOften.json().error).toMatchObject({
    code: "rate_limited",
    action: expect.stringMatching(/^Try again in \d+ s\.$/),
  });
  expect(receiver.received).toHaveLength(3);
});
