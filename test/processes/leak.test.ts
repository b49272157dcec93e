import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createPinterestClient } from "#app/pinterest/client.server.ts";
import { type Database, openDatabase } from "#app/platform/db.server.ts";
import { parseEnv } from "#app/platform/env/env.server.ts";
import { createKeyring } from "#app/platform/keyring.server.ts";
import { createLogger } from "#app/platform/logger.server.ts";
import { actOnRequests } from "#app/privacy/act-on-requests.server.ts";
import { type LocalPinterest, startLocalPinterest } from "#test/sandbox/local-pinterest.ts";
import { personalCanaries } from "#test/sandbox/personal-canaries.ts";
import { sampleDay } from "#test/sandbox/sample-day.ts";
import { createWebhookSender, type WebhookSender } from "#test/sandbox/shopify/deliver-webhooks.ts";
import { webhookHeaders } from "#test/sandbox/shopify/webhook-signing.ts";
import { type AppProcess, startApp } from "#test/support/app-process.ts";
import { type OtlpReceiver, startOtlpReceiver } from "#test/support/otlp-receiver.ts";
import { TOKEN } from "#test/support/outbox-fixture.ts";
import { eventually } from "#test/support/poll.ts";
import { type DataFolder, makeDataFolder } from "./data-folder.ts";
import { findInFiles } from "./find-in-files.ts";
import { makeShops, type SandboxShop, SECRET, sandboxEnv } from "./sandbox-app.ts";
import { untilDrained } from "./until-drained.ts";

const HOUR_MS = 3_600_000;
const PLANTED = "planted.canary.4711@leak.example";
/** Shorter ones would be found by chance among so many bytes. */
const MIN_LENGTH = 9;
/** Keys to a shopper's visit, checkout or order, in the addresses that Shopify sends. */
const KEYS = /(?:epik|key)=([\w-]{20,})/g;

let folder: DataFolder;
let pinterest: LocalPinterest;
let db: Database;
let app: AppProcess;
let sender: WebhookSender;
let receiver: OtlpReceiver;
let shop: SandboxShop;
let env: Record<string, string>;
const canaries = new Set<string>([TOKEN]);

beforeAll(async () => {
  folder = await makeDataFolder({ isPrepared: true });
  pinterest = await startLocalPinterest();
  db = await openDatabase({ DATA_DIR: folder.dataDir });
  env = sandboxEnv(pinterest, { DATA_DIR: folder.dataDir });
  [shop] = (await makeShops(db, env, 1)) as [SandboxShop];
  receiver = await startOtlpReceiver();
  app = await startApp({
    ...env,
    LOG_LEVEL: "trace",
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_METRIC_EXPORT_INTERVAL: "500",
    OTEL_BSP_SCHEDULE_DELAY: "200",
  });
  sender = createWebhookSender({
    secret: SECRET,
    target: () => `${app.url}/webhooks`,
    timeScale: 0,
    connections: 8,
  });
  await sendEverything();
  await untilDrained(db);
});
afterAll(async () => {
  await sender.close();
  await app.kill("SIGKILL");
  await receiver.close();
  await db.close();
  await pinterest.close();
  await folder.remove();
});

/** What a body holds that must stay in it. */
function remember(body: object): void {
  const keys = [...JSON.stringify(body).matchAll(KEYS)].map(([, key]) => key as string);
  for (const text of [...personalCanaries(body), ...keys]) {
    if (text.length >= MIN_LENGTH) canaries.add(text);
  }
}

async function deliver(topic: string, body: object, expected = 200): Promise<void> {
  remember(body);
  const forged = expected === 401 ? { secret: "somebody else's" } : {};
  const { status } = await sender.deliver(topic, shop.domain, body, { retries: 0, ...forged });
  expect([topic, status]).toEqual([topic, expected]);
}

/** An order that reached Pinterest, by what stands in clear of it. */
const redacted = { id: null as unknown, customerId: null as unknown, keys: [] as string[] };
/** A checkout that no order followed, which leads to its shopper by what is encrypted alone. */
const LEFT_TOKEN = "leftcheckouttoken0004711";
const LEFT_BY = "left.the.checkout@leak.example";

async function sendEverything(): Promise<void> {
  const day = sampleDay({ seed: 99, start: new Date(Date.now() - 25 * HOUR_MS), count: 16 });
  const orders = day.filter(({ topic }) => topic === "orders/create");
  for (const { body, conversionEventId, note } of orders) {
    if (note === "poison") refuseRepeating(String(conversionEventId), body);
  }
  for (const { topic, body, webhookId, note } of day) {
    remember(body);
    const delivered = await sender.deliver(topic, shop.domain, body, { webhookId });
    expect([note, delivered.status]).toEqual([note, 200]);
  }
  const order = (orders[0]?.body ?? {}) as Record<string, unknown>;
  const { id, name, customer } = order as { id: unknown; name: string; customer?: { id: unknown } };
  Object.assign(redacted, { id, customerId: customer?.id ?? null });
  // Long ids are not numbers, and print as themselves.
  redacted.keys = [JSON.stringify(id), name, JSON.stringify(customer?.id ?? "no customer")];
  const sample = day.find(({ note }) => note === "checkout_started")?.body;
  await deliver("checkouts/create", { ...sample, token: LEFT_TOKEN, email: LEFT_BY });
  const misplaced = { id: order.email, admin_graphql_api_id: null, line_items: order.browser_ip };
  await deliver("orders/create", { ...order, ...misplaced });
  await deliver("orders/create", [order], 400);
  await deliver("orders/create", { ...order, id: 4_711 }, 401);
  await deliver("orders/fulfilled", order);
  await sendComplianceRequests(order);
}

/** Pinterest refuses the event, and says with what words: a message that nobody may keep as it is. */
function refuseRepeating(eventId: string, body: object): void {
  const { email, browser_ip, client_details, landing_site } = body as Record<string, unknown>;
  const agent = (client_details as { user_agent?: unknown } | null)?.user_agent;
  const clickId = /epik=([\w-]+)/.exec(String(landing_site))?.[1];
  const message = `Not valid: ${email}, ${browser_ip}, ${agent}, ${clickId}, Bearer ${TOKEN}`;
  pinterest.fail({ kind: "poison", eventId, as: "fail_event", message });
}

async function sendComplianceRequests(order: object): Promise<void> {
  const { email, shipping_address } = order as {
    email?: string;
    shipping_address?: { phone: string };
  };
  const customer = { id: 191_167, email, phone: shipping_address?.phone };
  const of = { shop_id: 954_889, shop_domain: shop.domain };
  await deliver("customers/data_request", { ...of, customer, orders_requested: [1] });
  await deliver("customers/redact", { ...of, customer, orders_to_redact: [1] });
  await deliver("shop/redact", { ...of, contact: { email: "owner.of.the.shop@shop.example" } });
}

async function listTables(): Promise<string[]> {
  const { rows } = await db.pool.query<{ name: string }>(
    `select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')`,
  );
  return rows.map(({ name }) => name);
}

/** Every row of every table as text: in a file Postgres may have compressed what is long. */
async function readAllRows(): Promise<string> {
  const texts: string[] = [];
  for (const name of await listTables()) {
    const { rows } = await db.pool.query<{ row: string }>(`select t::text as row from ${name} t`);
    texts.push(...rows.map(({ row }) => row));
  }
  return texts.join("\n");
}

function findInText(text: string): string[] {
  return [...canaries].filter((canary) => text.includes(canary));
}

test("the day had everything in it: taken, refused, skipped, unreadable, compliance", async () => {
  expect(canaries.size).toBeGreaterThan(100);
  const { rows } = await db.pool.query<{ state: string }>("select distinct state from event");
  expect(rows.map(({ state }) => state).sort()).toEqual(["accepted", "rejected", "skipped"]);
  const unreadable = await db.pool.query("select from event where reason = 'unreadable'");
  expect(unreadable.rowCount).toBe(1);
  expect((await db.pool.query("select from compliance_request")).rowCount).toBe(3);
});

test("no shopper's data, click id or token is in any file of DATA_DIR, its log and WAL included", async () => {
  await db.pool.query("checkpoint");
  expect(await findInFiles(folder.dataDir, [...canaries])).toEqual([]);
  expect(findInText(await readAllRows())).toEqual([]);
});

test("traces lead from a webhook to its commit, and from a turn to Pinterest's answer, without any of it", async () => {
  const spans = await eventually(() => {
    const all = receiver.spans();
    const hasEnded = all.some(({ name }) => name === "settle batch");
    return hasEnded ? all : null;
  });
  const named = (name: string) => spans.filter((span) => span.name === name);
  const request = named("request").find(
    ({ attributes }) => attributes["pinrelay.result"] === "stored",
  );
  expect(request?.attributes).toMatchObject({
    "http.request.method": "POST",
    "http.route": "/webhooks",
    "http.response.status_code": 200,
  });
  const commit = named("store").find(({ links }) => links.includes(request?.spanId ?? ""));
  expect(Number(commit?.attributes["pinrelay.rows"])).toBeGreaterThan(0);
  expect(commit?.parentId).toBe("");
  const sent = named("send batch").find(
    ({ attributes }) => attributes["pinrelay.verdict"] === "outcomes",
  );
  const turn = named("deliver ad account").find(({ spanId }) => spanId === sent?.parentId);
  expect(turn?.attributes).toEqual({ "pinrelay.adAccountId": shop.adAccountId });
  expect(sent?.attributes).toMatchObject({ "http.response.status_code": 200 });
  expect(named("settle batch").some(({ parentId }) => parentId === turn?.spanId)).toBe(true);
  expect(named("claim ad accounts").length).toBeGreaterThan(0);
  // A line of the log leads to the trace.
  const lines = app
    .output()
    .split("\n")
    .filter((line) => line.includes("batch sent"));
  expect(lines.map((line) => JSON.parse(line).traceId)).toContain(turn?.traceId);
  expect(findInText(receiver.text())).toEqual([]);
  expect(receiver.text()).not.toContain(shop.domain);
});

test("the metrics that are exported are those of /metrics, and none of it is in them", async () => {
  const text = await (await fetch(`${app.url}/metrics`)).text();
  const declared = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name ?? "");
  await eventually(() => expect([...receiver.metrics()].sort()).toEqual(declared.sort()) ?? true);
  expect(findInText(receiver.text())).toEqual([]);
});

test("none is in the metrics, nor in what the app logs at the level trace", async () => {
  expect(findInText(await (await fetch(`${app.url}/metrics`)).text())).toEqual([]);
  expect(app.output()).toContain("batch sent");
  expect(findInText(app.output())).toEqual([]);
});

test("a request's log lines have the id of its answer: a proxy's, or ours where that says anything else", async () => {
  const body = JSON.stringify({ myshopify_domain: "another.myshopify.com" });
  const dispute = async (requestId: string) => {
    const headers = webhookHeaders({
      topic: "app/uninstalled",
      shop: shop.domain,
      secret: SECRET,
      body,
    });
    const init = { method: "POST", headers: { ...headers, "x-request-id": requestId }, body };
    const { headers: answered } = await fetch(`${app.url}/webhooks`, init);
    return answered.get("x-request-id") ?? "";
  };
  const ids = [
    await dispute("proxy_id-4711"),
    await dispute("+49 151 23456789, jane@leak.example"),
  ];
  expect(ids).toEqual(["proxy_id-4711", expect.stringMatching(/^[\da-f-]{36}$/)]);
  await eventually(() => {
    const lines = app
      .output()
      .split("\n")
      .filter((line) => line.includes("names another shop"));
    expect(lines.map((line) => JSON.parse(line).requestId)).toEqual(ids);
    return true;
  });
});

test("after a redaction no file of the database leads to the order, or to a checkout without one, once its tables are vacuumed", async () => {
  const base = path.join(folder.dataDir, "pg", "base");
  const [orderId = ""] = redacted.keys;
  await db.pool.query("checkpoint");
  expect(await findInFiles(base, [orderId])).not.toEqual([]);
  expect(await findInFiles(base, [LEFT_TOKEN])).not.toEqual([]);
  await deliver("customers/redact", {
    shop_domain: shop.domain,
    customer: { id: redacted.customerId },
    orders_to_redact: [redacted.id],
  });
  await deliver("customers/redact", {
    shop_domain: shop.domain,
    customer: { email: LEFT_BY },
    orders_to_redact: [],
  });
  const keyring = createKeyring(parseEnv(env).ENCRYPTION_KEYS);
  const services = {
    keyring,
    log: createLogger("silent"),
    pinterest: createPinterestClient({ apiUrl: pinterest.url }),
  };
  await actOnRequests({ db: { ...db.upkeep, queryAsShop: db.queryAsShop }, ...services });
  // The app itself may have taken it.
  await eventually(async () => {
    const { rowCount } = await db.pool.query(
      "select from compliance_request where topic = 'customers/redact' and state <> 'done'",
    );
    return rowCount === 0;
  });
  const client = await db.pool.connect();
  // A job of the app may have a table in use: what waits behind it would in turn keep the app waiting.
  await client.query("set lock_timeout = '2s'");
  for (const table of await listTables()) {
    await eventually(() => client.query(`vacuum full ${table}`));
  }
  client.release(true);
  await db.pool.query("checkpoint");
  const keys = [...redacted.keys, LEFT_TOKEN];
  expect(await findInFiles(base, keys)).toEqual([]);
  const rows = await readAllRows();
  expect(keys.filter((key) => rows.includes(key))).toEqual([]);
});

test("a canary that is planted in a table is found, in the files and in the rows", async () => {
  canaries.add(PLANTED);
  await db.pool.query("insert into audit_entry (shop_id, actor, action) values ($1, $2, 'plant')", [
    shop.id.toString(),
    PLANTED,
  ]);
  await db.pool.query("checkpoint");
  const found = await findInFiles(folder.dataDir, [PLANTED]);
  expect(found.some((place) => place.includes("pg/base/"))).toBe(true);
  expect(found.some((place) => place.includes("pg/pg_wal/"))).toBe(true);
  expect(findInText(await readAllRows())).toEqual([PLANTED]);
});
