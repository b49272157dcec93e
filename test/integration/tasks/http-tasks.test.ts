import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createApiKey, revokeApiKey } from "#app/shops/api-keys.server.ts";
import { pauseConnection } from "#app/shops/connection/pause-connection.server.ts";
import { uninstallShop } from "#app/shops/uninstall-shop.server.ts";
import type { TaskResult } from "#app/tasks/task-document.server.ts";
import { type LocalPinterest, startLocalPinterest } from "#test/sandbox/local-pinterest.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { deliverOnce, openDelivery } from "#test/support/delivery-fixture.ts";
import {
  commitEvents,
  makeShop,
  miscounts,
  purchase,
  readStates,
  testKeyring,
} from "#test/support/outbox-fixture.ts";
import { eventually } from "#test/support/poll.ts";
import { startTaskApi, type TaskApi } from "#test/support/task-api.ts";

const keyring = testKeyring();
const EMAIL = "canary.shopper@example.com";

let db: TestDatabase;
let pinterest: LocalPinterest;
let api: TaskApi;
let delivery: ReturnType<typeof openDelivery>;
let shop: Awaited<ReturnType<typeof makeShop>>;
let key: string;

beforeAll(async () => {
  db = await openTestDatabase();
  pinterest = await startLocalPinterest();
  api = await startTaskApi({ db, keyring }, pinterest.url);
  delivery = openDelivery({ db, keyring, pinterestUrl: pinterest.url });
});
afterAll(async () => {
  await api?.close();
  await delivery?.close();
  await pinterest?.close();
  await db?.close();
});
beforeEach(async () => {
  pinterest.heal();
  shop = await makeShop({ db, keyring });
  key = await createApiKey({ db }, { domain: shop.domain, name: "till", actor: "test" });
});

const send = (input: object, withKey = key) =>
  api.post(withKey, { task: "send_event", email: EMAIL, waitSeconds: 0, ...input });

/** The worker's turn, again and again, while a call waits for outcomes. */
async function whileDelivering<T>(call: Promise<T>): Promise<T> {
  let isOver = false;
  const ended = call.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    await deliverOnce(delivery);
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 50))]);
  }
  return ended;
}

describe("an event by the shop's connection", () => {
  test("is stored, sent by the worker, and answered as Pinterest answered", async () => {
    const call = send({ value: "72.39", currency: "EUR", orderId: "A-1", waitSeconds: 30 });
    const { status, json } = await whileDelivering(call);
    expect(status).toBe(200);
    expect(json).toMatchObject({ task: "send_event", ok: true, ad_account_id: shop.adAccountId });
    expect(json.summary).toEqual({ received: 1, accepted: 1, failed: 0, skipped: 0 });
    const [result] = json.results;
    const [entry] = pinterest.ledger.accepted.filter(({ eventId }) => eventId === result.event_id);
    expect(result.event).toEqual(entry?.event);
    expect(JSON.stringify(json)).not.toContain(EMAIL);
    expect(await miscounts(db)).toEqual([]);
  });

  test("is pending where the call does not wait, and the same call later tells its outcome", async () => {
    const first = await send({ eventId: "mine-1" });
    expect(first.json).toMatchObject({
      ok: true,
      summary: { received: 1, accepted: 0, pending: 1 },
    });
    expect(first.json.results[0]).toMatchObject({ status: "pending", event_id: "mine-1" });
    await deliverOnce(delivery);
    const second = await send({ eventId: "mine-1" });
    expect(second.json.results[0]).toMatchObject({ status: "accepted", event_id: "mine-1" });
    expect(await readStates(db, shop.id)).toHaveLength(1);
  });

  test("is one event at Pinterest when the same input is sent twice without an id", async () => {
    const first = await send({ orderId: "A-2" });
    const second = await send({ orderId: "A-2" });
    expect(second.json.results[0].event_id).toBe(first.json.results[0].event_id);
    await deliverOnce(delivery);
    expect(await readStates(db, shop.id)).toMatchObject([{ state: "accepted" }]);
  });

  test("under an order's own id is that order's event, and never counts beside it", async () => {
    await commitEvents({ db, keyring }, shop, [purchase("4711")]);
    const { json } = await send({ eventId: "order-4711-checkout", value: "1.00" });
    expect(json.results[0]).toMatchObject({ status: "pending", event_id: "order-4711-checkout" });
    expect(json.results[0]).toMatchObject({ stored: true });
    expect(json.results[0]).not.toHaveProperty("event");
    expect(await readStates(db, shop.id)).toHaveLength(1);
  });

  test("is shown again to who gives the same, and to nobody who gives something else", async () => {
    const given = { eventId: "shown", clientIpAddress: "203.0.113.66", clientUserAgent: "M" };
    const first = await send(given);
    expect(first.json.results[0].event.user_data.client_ip_address).toBe("203.0.113.66");
    const again = await send(given);
    expect(again.json.results[0].event).toEqual(first.json.results[0].event);
    const other = await send({ eventId: "shown", value: "1" });
    expect(other.json.results[0]).toMatchObject({ event_id: "shown", stored: true });
    expect(JSON.stringify(other.json)).not.toContain("203.0.113.66");
  });

  test("with a name of the advertiser's own goes the same way", async () => {
    pinterest.directory.defineEvent(shop.adAccountId, "quiz done");
    const { json } = await send({
      eventName: "custom",
      customEventName: "quiz done",
      eventId: "q",
    });
    expect(json.results[0]).toMatchObject({ event_name: "quiz done", status: "pending" });
    await deliverOnce(delivery);
    expect(await readStates(db, shop.id)).toMatchObject([
      { event_id: "q", reason: null, state: "accepted" },
    ]);
    expect(await miscounts(db)).toEqual([]);
  });

  test("that Pinterest refuses says so in its words", async () => {
    const message = "value is not plausible";
    pinterest.fail({ kind: "poison", eventId: "bad-1", as: "fail_event", message });
    const { json, status } = await whileDelivering(send({ eventId: "bad-1", waitSeconds: 30 }));
    expect(status).toBe(200);
    expect(json).toMatchObject({ ok: false, summary: { failed: 1 } });
    expect(json.results[0].error).toMatchObject({ code: "rejected" });
    expect(json.results[0].error.message).toContain(message);
  });

  test("that Pinterest refused is sent again, as it is given now, under the same id", async () => {
    pinterest.fail({ kind: "poison", eventId: "again-1", as: "fail_event" });
    await send({ eventId: "again-1", value: "1.00" });
    await deliverOnce(delivery);
    expect(await readStates(db, shop.id)).toMatchObject([{ state: "rejected" }]);
    pinterest.heal();
    const { json } = await send({ eventId: "again-1", value: "2.00" });
    expect(json.results[0]).toMatchObject({ status: "pending", error: null });
    await deliverOnce(delivery);
    expect(await readStates(db, shop.id)).toMatchObject([
      { event_id: "again-1", state: "accepted" },
    ]);
    const sent = pinterest.ledger.find(shop.adAccountId, "again-1")?.event;
    expect(sent).toMatchObject({ custom_data: { value: "2.00" } });
    expect(await miscounts(db)).toEqual([]);
  });

  test("waits while the connection is paused, and says so", async () => {
    await pauseConnection({ db }, shop.id, "unauthorized", "system");
    const { json } = await send({ eventId: "later-1", waitSeconds: 30 });
    expect(json.results[0]).toMatchObject({ status: "pending", error: { code: "paused" } });
    expect(await readStates(db, shop.id)).toMatchObject([{ state: "pending" }]);
  });

  test("in demo mode is neither stored nor sent", async () => {
    const requests = pinterest.ledger.requests.length;
    const { json } = await send({ demoMode: true });
    expect(json).toMatchObject({ demo: true, summary: { accepted: 1 } });
    expect(json.requests[0].body.data[0]).toEqual(json.results[0].event);
    expect(await readStates(db, shop.id)).toEqual([]);
    expect(pinterest.ledger.requests).toHaveLength(requests);
  });

  test("as a test goes to Pinterest at once, is recorded nowhere, and is not in the outbox", async () => {
    const { json, status } = await send({ test: true, eventId: "tried-1" });
    expect([status, json.test, json.results[0].status]).toEqual([200, true, "accepted"]);
    expect(pinterest.ledger.find(shop.adAccountId, "tried-1")).toBeUndefined();
    expect(await readStates(db, shop.id)).toEqual([]);
  });
});

test("a batch sends the good rows and names the bad ones by place and field", async () => {
  const events = [
    { eventId: "b-0" },
    { eventId: "b-1", e_mail: "x@example.com" },
    { eventId: "b-2", value: "1,5" },
    { eventId: "b-3", email: "" },
    { eventId: "b-0" },
  ];
  const call = api.post(key, {
    task: "send_batch_events",
    events,
    clientIpAddress: "203.0.113.9",
    clientUserAgent: "Mozilla/5.0",
    waitSeconds: 30,
  });
  const { json, status } = await whileDelivering(call);
  expect(status).toBe(200);
  expect(json.summary).toEqual({ received: 5, accepted: 2, failed: 0, skipped: 3 });
  const told = json.results.map((row: TaskResult) => [
    row.status,
    row.error?.code ?? null,
    row.error?.fields?.[0]?.path ?? null,
  ]);
  expect(told).toEqual([
    ["accepted", null, null],
    ["skipped", "invalid_input", "e_mail"],
    ["skipped", "invalid_input", "value"],
    ["accepted", null, null],
    ["skipped", "duplicate", null],
  ]);
});

test("ten thousand events of a batch are stored once, with counters that add up", async () => {
  const events = Array.from({ length: 10_000 }, (_, index) => ({ eventId: `m-${index}` }));
  const { json } = await api.post(key, {
    task: "send_batch_events",
    email: EMAIL,
    clientUserAgent: "M".repeat(900),
    events,
    waitSeconds: 0,
  });
  expect(json.summary).toMatchObject({ received: 10_000, pending: 10_000 });
  // With the events it would be over 8 MiB.
  expect(json.events_omitted).toBe(true);
  expect(json.results.some((row: object) => "event" in row || "stored" in row)).toBe(false);
  expect(await readStates(db, shop.id)).toHaveLength(10_000);
  expect(await miscounts(db)).toEqual([]);
});

describe("tags", () => {
  test("are those of the shop's ad account", async () => {
    const own = { ...(await makeShop({ db, keyring }, { adAccountId: "549755885175" })) };
    const its = await createApiKey({ db }, { domain: own.domain, name: "", actor: "test" });
    const { json, status } = await api.post(its, { task: "list_conversion_tags" });
    expect([status, json.ok, json.ad_account_id]).toEqual([200, true, "549755885175"]);
    const [tag] = json.tags;
    const one = await api.post(its, { task: "get_conversion_tag", conversionTagId: tag.id });
    expect(one.json.tag).toEqual(tag);
    const none = await api.post(its, { task: "get_conversion_tag", conversionTagId: "1" });
    expect([none.status, none.json.error.code]).toEqual([404, "not_found"]);
  });
});

describe("a key of one scope", () => {
  const keyOf = (scope: "send" | "read") =>
    createApiKey({ db }, { domain: shop.domain, name: scope, actor: "test", scopes: [scope] });

  test("that reads sends nothing, by no task and in no form, and says what it lacks", async () => {
    const reader = await keyOf("read");
    for (const input of [
      {},
      { demoMode: true },
      { task: "send_batch_events", events: [{ email: EMAIL }] },
      { accessToken: "pina_own", adAccountId: "549755885175" },
      { webhookUrl: "http://127.0.0.1:9/hook" },
    ]) {
      const { status, json } = await send(input, reader);
      const { code, message, action } = json.error;
      expect([status, json.ok, code]).toEqual([403, false, "forbidden"]);
      expect([message, action].join(" ")).toMatch(/scope send.*--scope send/s);
    }
    expect(await readStates(db, shop.id)).toEqual([]);
    expect((await api.post(reader, { task: "list_conversion_tags" })).status).toBe(200);
  });

  test("that sends reads no tag", async () => {
    const sender = await keyOf("send");
    const get = { task: "get_conversion_tag", conversionTagId: "1" };
    for (const input of [{ task: "list_conversion_tags" }, get]) {
      const { status, json } = await api.post(sender, input);
      expect([status, json.error.code]).toEqual([403, "forbidden"]);
    }
    expect((await send({}, sender)).status).toBe(200);
  });
});

describe("results to a URL", () => {
  test("are kept in the queue, sealed, until a worker posts them", async () => {
    const webhookUrl = "http://127.0.0.1:9/hook?key=canary-of-the-receiver";
    const clientIpAddress = "203.0.113.77";
    await send({ webhookUrl, clientIpAddress, clientUserAgent: "canary-agent" });
    const { rows } = await db.pool.query("select data::text from pgboss.job where name = $1", [
      "post-callback",
    ]);
    expect(rows).toHaveLength(1);
    expect(rows[0].data).toContain(shop.domain);
    for (const canary of ["canary", clientIpAddress]) expect(rows[0].data).not.toContain(canary);
  });

  test("to an address that is not allowed: 400, and nothing is sent", async () => {
    const { status, json } = await send({ webhookUrl: "https://10.0.0.1/hook" });
    expect([status, json.error.fields[0].path]).toEqual([400, "webhookUrl"]);
    expect(await readStates(db, shop.id)).toEqual([]);
  });
});

describe("a call that can't be done says why, and what to do", () => {
  const call = { task: "list_conversion_tags" };
  const own = { accessToken: "pina_CANARYTOKEN0123456789", adAccountId: "549755885175" };

  test.each([
    [400, "invalid_input", "[]"],
    [400, "invalid_input", "{nope"],
    [400, "invalid_input", { task: "send_event", email: "no address" }],
    [400, "invalid_input", { task: "fly" }],
    [400, "invalid_input", { task: "list_conversion_tags", adAccountId: "123" }],
  ])("%i %s: %j", async (status, code, input) => {
    const answer = await api.post(key, input);
    expect([answer.status, answer.json.error.code]).toEqual([status, code]);
    expect(answer.json).toMatchObject({ ok: false });
    expect(answer.json.error.action).not.toBe("");
    expect(JSON.stringify(answer.json)).not.toContain("no address");
  });

  test("400 missing_token: the shop is not connected", async () => {
    const loose = await makeShop({ db, keyring }, { adAccountId: null });
    const its = await createApiKey({ db }, { domain: loose.domain, name: "", actor: "test" });
    const { json, status } = await send({}, its);
    expect([status, json.error.code]).toEqual([400, "missing_token"]);
  });

  test.each([
    [401, "unauthorized", 401],
    [403, "forbidden", 403],
    [404, "not_found", 404],
    [429, "rate_limited", 429],
    [502, "pinterest_unavailable", 503],
  ] as const)("%i %s, from Pinterest", async (status, code, fault) => {
    const where = { endpoint: "accounts", retryAfter: 90 } as const;
    pinterest.fail({ kind: "status", status: fault, ...where });
    const answer = await api.post(key, { ...call, ...own });
    expect([answer.status, answer.json.error.code]).toEqual([status, code]);
    if (code === "rate_limited") expect(answer.headers.get("retry-after")).toBe("90");
    expect(JSON.stringify(answer.json)).not.toContain(own.accessToken);
  });

  test("502 undetermined: the answer to a send of one's own was lost", async () => {
    pinterest.fail({ kind: "malformed" });
    const { json, status } = await send({ ...own, eventId: "lost-1" });
    expect([status, json.error.code]).toEqual([502, "undetermined"]);
    expect(json.results[0].status).toBe("undetermined");
  });
});

describe("what one API key has under way", () => {
  test("is at most fifty requests: another key is served meanwhile", async () => {
    const other = await createApiKey({ db }, { domain: shop.domain, name: "", actor: "test" });
    const waiting = Array.from({ length: 50 }, (_, n) =>
      send({ eventId: `w-${n}`, waitSeconds: 8 }),
    );
    await eventually(async () => (await readStates(db, shop.id)).length === 50);
    const { status, json, headers } = await send({ eventId: "one-more" });
    expect([status, json.error.code, headers.get("retry-after")]).toEqual([
      429,
      "rate_limited",
      "5",
    ]);
    expect((await send({ eventId: "by-another" }, other)).status).toBe(200);
    expect((await Promise.all(waiting)).map((answer) => answer.status)).toEqual(
      Array(50).fill(200),
    );
    expect((await send({ eventId: "one-more" })).status).toBe(200);
  });
});

describe("an API key", () => {
  const call = { task: "list_conversion_tags", demoMode: true };

  test("is needed", async () => {
    const { status, headers, json } = await api.post(null, call);
    expect([status, json.error.code]).toEqual([401, "unauthorized"]);
    expect(headers.get("www-authenticate")).toBe("Bearer");
  });

  test("that is wrong, revoked, or of a shop without the app is refused", async () => {
    expect((await api.post("prk_wrong", call)).status).toBe(401);
    expect((await api.post(key, call)).status).toBe(200);
    const { rows } = await db.pool.query("select id from shop_api_key where shop_id = $1", [
      shop.id.toString(),
    ]);
    await revokeApiKey({ db }, { shopId: shop.id, keyId: rows[0].id, actor: "test" });
    expect((await api.post(key, call)).status).toBe(401);
    const other = await createApiKey({ db }, { domain: shop.domain, name: "", actor: "test" });
    expect((await api.post(other, call)).status).toBe(200);
    await uninstallShop({ db }, { domain: shop.domain, triggeredAt: new Date() });
    expect((await api.post(other, call)).status).toBe(401);
  });

  test("notes when it was used, and stores neither itself nor more than its hash", async () => {
    await api.post(key, call);
    const { rows } = await db.pool.query("select * from shop_api_key where shop_id = $1", [
      shop.id.toString(),
    ]);
    expect(rows[0].last_used_at).toBeInstanceOf(Date);
    expect(JSON.stringify(rows, (_, value) => String(value))).not.toContain(key);
  });

  test("may be used a hundred times at once and then ten times a second", async () => {
    const drained = "update shop_api_key set tokens = 0.5, tokens_at = now() + interval '1 hour'";
    await db.pool.query(`${drained} where shop_id = $1`, [shop.id.toString()]);
    const { status, headers, json } = await api.post(key, call);
    expect([status, json.error.code, headers.get("retry-after")]).toEqual([
      429,
      "rate_limited",
      "1",
    ]);
    const waited = "update shop_api_key set tokens_at = now() - interval '1 hour'";
    await db.pool.query(`${waited} where shop_id = $1`, [shop.id.toString()]);
    expect((await api.post(key, call)).status).toBe(200);
    const { rows } = await db.pool.query("select tokens from shop_api_key where shop_id = $1", [
      shop.id.toString(),
    ]);
    expect(rows[0].tokens).toBe(99);
  });
});

test("a database that is down is 503 with Retry-After, and nothing is lost in silence", async () => {
  const down = { ...db, pool: { query: () => Promise.reject(new Error("down")) } as never };
  const other = await startTaskApi({ db: down, keyring }, pinterest.url);
  const { status, headers, json } = await other.post(key, { task: "send_event", email: EMAIL });
  await other.close();
  expect([status, json.ok, headers.get("retry-after")]).toEqual([503, false, "5"]);
});
