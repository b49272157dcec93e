import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { request } from "undici";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type LocalPinterest, startLocalPinterest } from "#test/sandbox/local-pinterest.ts";

const ACCOUNT = "549755885175";
const EMAIL = "86e0b9e56c17cc4d12387e1949b85053fbe73bc3ce5a1188713a9d300cc6133d";
const NOW_SECONDS = 1_800_000_000;

let pinterest: LocalPinterest;
beforeEach(async () => {
  pinterest = await startLocalPinterest({ now: () => NOW_SECONDS * 1000 });
});
afterEach(() => pinterest.close());

function event(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    event_name: "checkout",
    action_source: "web",
    event_time: NOW_SECONDS - 60,
    event_id: "order-1-checkout",
    event_source_url: "https://demo.example/",
    user_data: { em: [EMAIL] },
    custom_data: { currency: "USD", value: "72.39", order_id: "1" },
    ...changes,
  };
}

interface Reply {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the server says is looked at field by field
  body: any;
}

async function post(
  data: unknown,
  { token = "pina_test", account = ACCOUNT, query = "", type = "application/json" } = {},
): Promise<Reply> {
  const reply = await request(`${pinterest.url}/ad_accounts/${account}/events${query}`, {
    method: "POST",
    headers: { "content-type": type, ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: typeof data === "string" ? data : JSON.stringify({ data }),
  });
  return { status: reply.statusCode, body: await reply.body.json() };
}

async function call(path: string, init: Parameters<typeof request>[1] = {}): Promise<Reply> {
  const authorization = "Bearer pina_test";
  const reply = await request(pinterest.url + path, {
    ...init,
    headers: { authorization, ...(init.headers as Record<string, string>) },
  });
  return { status: reply.statusCode, body: await reply.body.json() };
}

describe("a request that Pinterest takes", () => {
  test("is answered event by event and kept once", async () => {
    const { status, body } = await post([event(), event({ event_id: "b" })]);
    expect(status).toBe(200);
    expect(body).toMatchObject({ num_events_received: 2, num_events_processed: 2 });
    expect(body.events).toHaveLength(2);
    expect(pinterest.ledger.accepted.map(({ eventId }) => eventId)).toEqual([
      "order-1-checkout",
      "b",
    ]);
    expect(pinterest.ledger.requests[0]).toMatchObject({
      adAccountId: ACCOUNT,
      token: "pina_test",
      status: 200,
      ids: ["order-1-checkout", "b"],
    });
  });

  test("is not recorded with test=true", async () => {
    const { status, body } = await post([event()], { query: "?test=true" });
    expect([status, body.num_events_processed]).toEqual([200, 1]);
    expect(pinterest.ledger.acceptedCount).toBe(0);
  });

  test("that comes again with other bytes under the same id is a violation", async () => {
    await post([event()]);
    await post([event()]);
    expect(pinterest.ledger).toMatchObject({ duplicates: 1, violations: [], acceptedCount: 1 });
    await post([event({ event_time: NOW_SECONDS - 59 })]);
    expect(pinterest.ledger.violations).toMatchObject([
      { kind: "changed_repeat", eventId: "order-1-checkout", requestNumber: 3 },
    ]);
  });
});

describe("a request that is refused whole", () => {
  test.each([
    ["an unknown key of an event", [event({ tag_id: "1" })], "tag_id"],
    ["an unknown key of custom_data", [event({ custom_data: { category_name: "x" } })], "category"],
    ["a number for a value", [event({ custom_data: { value: 72.39 } })], "string"],
    ["a text for a list of hashes", [event({ user_data: { em: EMAIL } })], "array"],
    ["null where only text goes", [event({ user_data: { client_ip_address: null } })], "string"],
    ["a time that is text", [event({ event_time: "1800000000" })], "integer"],
    ["an event without an id", [event({ event_id: undefined })], "event_id"],
    ["no event at all", [], "fewer than 1"],
    ["1,001 events", Array.from({ length: 1001 }, () => event()), "more than 1000"],
    ["text that is not JSON", "{", "JSON"],
    ["a further key beside data", JSON.stringify({ data: [event()], x: 1 }), "x"],
  ])("%s", async (_, data, word) => {
    const { status, body } = await post(data);
    expect(status).toBe(400);
    expect(body.code).toBe(4196);
    expect(body.message).toContain(word);
    expect(pinterest.ledger.acceptedCount).toBe(0);
  });

  test.each([
    ["another content type", { type: "text/plain" }, 400],
    ["no token", { token: "" }, 401],
    ["a token of another form", { token: "abc" }, 401],
    ["an ad account that is not digits", { account: "demo" }, 400],
  ])("%s", async (_, options, expected) => {
    expect((await post([event()], options)).status).toBe(expected);
    expect(pinterest.ledger.acceptedCount).toBe(0);
  });

  test("another shop's token", async () => {
    pinterest.directory.addToken("pina_a", { accounts: [ACCOUNT] });
    pinterest.directory.addToken("pina_b", { accounts: ["111"] });
    expect((await post([event()], { token: "pina_a" })).status).toBe(200);
    expect((await post([event()], { token: "pina_b" })).status).toBe(403);
    expect((await post([event()], { token: "pina_c" })).status).toBe(401);
    pinterest.directory.revokeToken("pina_a");
    expect((await post([event()], { token: "pina_a" })).status).toBe(401);
  });

  test("a role that may not send", async () => {
    pinterest.directory.addAccount({ id: ACCOUNT, permissions: ["FINANCE_VIEW"] });
    expect((await post([event()])).status).toBe(403);
    expect((await post([event()], { account: "111" })).status).toBe(403);
  });

  test("more than 5,000 calls a minute for one ad account", async () => {
    await pinterest.close();
    let now = NOW_SECONDS * 1000;
    pinterest = await startLocalPinterest({ callsPerMinute: 3, now: () => now });
    for (let index = 0; index < 3; index += 1) expect((await post([event()])).status).toBe(200);
    expect((await post([event()])).status).toBe(429);
    expect((await post([event()], { account: "111" })).status).toBe(200);
    expect(pinterest.ledger.violations).toMatchObject([{ kind: "rate_exceeded" }]);
    expect(pinterest.ledger.peakCallsPerMinute(ACCOUNT)).toBe(4);
    now += 61_000;
    expect((await post([event()])).status).toBe(200);
  });

  test("more than ten test calls a second", async () => {
    const calls = Array.from({ length: 11 }, () => post([event()], { query: "?test=true" }));
    const statuses = (await Promise.all(calls)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 429)).toHaveLength(1);
  });
});

describe("an event that is refused alone", () => {
  test.each([
    ["an unknown name", { event_name: "purchase" }, "event_name"],
    ["an unknown source", { action_source: "website" }, "action_source"],
    ["a time in the future", { event_time: NOW_SECONDS + 1 }, "future"],
    ["a time more than 7 days ago", { event_time: NOW_SECONDS - 7 * 86_400 - 1 }, "7 days"],
    ["milliseconds for a time", { event_time: NOW_SECONDS * 1000 }, "future"],
    ["a phone as the only identity", { user_data: { ph: [EMAIL] } }, "user_data needs"],
    ["an IP without a user agent", { user_data: { client_ip_address: "203.0.113.1" } }, "needs"],
    ["an empty list of e-mails", { user_data: { em: [] } }, "needs"],
    ["an e-mail in plain text", { user_data: { em: ["jane@example.com"] } }, "SHA-256"],
    ["an upper-case hash", { user_data: { em: [EMAIL.toUpperCase()] } }, "SHA-256"],
    ["money that is no number", { custom_data: { value: "12,50" } }, "value"],
  ])("%s", async (_, changes, word) => {
    const { status, body } = await post([event(changes), event({ event_id: "good" })]);
    expect(status).toBe(200);
    expect(body.num_events_processed).toBe(1);
    expect(body.events[0]).toMatchObject({ status: "failed" });
    expect(body.events[0].error_message).toContain(word);
    expect(pinterest.ledger.accepted.map(({ eventId }) => eventId)).toEqual(["good"]);
  });

  test("exactly seven days old is still taken, and so is a name the advertiser defined", async () => {
    pinterest.directory.defineEvent(ACCOUNT, "quiz_done");
    const { body } = await post([
      event({ event_time: NOW_SECONDS - 7 * 86_400 }),
      event({ event_name: "quiz_done" }),
    ]);
    expect(body.num_events_processed).toBe(2);
  });
});

describe("neighbours of the events endpoint", () => {
  const schema = JSON.parse(readFileSync("test/fixtures/pinterest/events.schema.json", "utf8"));
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  ajv.addSchema(schema);
  const fits = (name: string, body: unknown) =>
    ajv.validate(`urn:pinterest:capi:v5:events#/$defs/${name}`, body) || ajv.errorsText();

  test("answer in the official forms", async () => {
    const offline = event({ action_source: "offline", event_id: "pos" });
    expect(fits("EventsResponse", (await post([event(), offline])).body)).toBe(true);
    expect(fits("Error", (await post("{")).body)).toBe(true);
    const accounts = await call("/ad_accounts");
    expect(fits("AdAccountList", accounts.body)).toBe(true);
    expect(fits("UserAccount", (await call("/user_account")).body)).toBe(true);
    const created = await call(`/ad_accounts/${ACCOUNT}/conversion_tags`, {
      method: "POST",
      body: JSON.stringify({ name: "Shop tag", aem_enabled: true }),
    });
    expect(created.status).toBe(201);
    expect(fits("ConversionTag", created.body)).toBe(true);
    const tags = await call(`/ad_accounts/${ACCOUNT}/conversion_tags`);
    expect(fits("ConversionTagList", tags.body)).toBe(true);
    expect(tags.body.items).toHaveLength(2);
    const one = await call(`/ad_accounts/${ACCOUNT}/conversion_tags/${created.body.id}`);
    expect(one.body).toEqual(created.body);
    const scores = await call(`/ad_accounts/${ACCOUNT}/conversion_eqs?lookback_period=1d`);
    expect(fits("EventQualityScoreList", scores.body)).toBe(true);
    expect(scores.body[0].quality_components.hashed_email.checkout.coverage).toBe(100);
    expect((await call(`/ad_accounts/${ACCOUNT}/conversion_eqs`)).status).toBe(400);
    expect((await call(`/ad_accounts/${ACCOUNT}/conversion_tags/999`)).status).toBe(404);
  });

  test("take a code once, rotate refresh tokens, and issue tokens good for events only", async () => {
    const { id, secret } = pinterest.oauthClient;
    const redirect_uri = "http://127.0.0.1:9/pinterest/callback";
    const token = async (form: Record<string, string>, password = secret) => {
      const basic = Buffer.from(`${id}:${password}`).toString("base64");
      const headers = {
        "content-type": "application/x-www-form-urlencoded",
        authorization: `Basic ${basic}`,
      };
      const body = new URLSearchParams(form).toString();
      return call("/oauth/token", { method: "POST", body, headers });
    };
    const code = pinterest.issueCode(redirect_uri);
    const form = { grant_type: "authorization_code", code, redirect_uri };
    expect((await token(form, "wrong")).status).toBe(401);
    const first = await token(form);
    expect(fits("OauthTokenResponseCode", first.body)).toBe(true);
    expect((await token(form)).status).toBe(400);
    const refresh = { grant_type: "refresh_token", refresh_token: first.body.refresh_token };
    const second = await token(refresh);
    expect(fits("OauthTokenResponseRefresh", second.body)).toBe(true);
    expect(second.body.refresh_token).not.toBe(first.body.refresh_token);
    expect((await token(refresh)).status).toBe(400);

    const bearer = { authorization: `Bearer ${second.body.access_token}` };
    const conversion = await call("/oauth/conversion_token", { method: "POST", headers: bearer });
    expect(fits("ConversionAccessTokenResponse", conversion.body)).toBe(true);
    const narrow = conversion.body.access_token;
    expect((await post([event()], { token: narrow })).status).toBe(200);
    const headers = { authorization: `Bearer ${narrow}` };
    expect((await call("/ad_accounts", { headers })).status).toBe(403);
  });

  test("ask the merchant first, and refuse a question that is not theirs", async () => {
    const back = "http://127.0.0.1:9/pinterest/callback";
    const query = { client_id: pinterest.oauthClient.id, redirect_uri: back, state: "s1" };
    const ask = (more: Record<string, string>) =>
      request(`${pinterest.oauthUrl}?${new URLSearchParams({ ...query, ...more })}`);
    const page = await ask({ response_type: "code" });
    expect(page.statusCode).toBe(200);
    expect(await page.body.text()).toContain("state=s1");
    const other = await ask({ response_type: "code", client_id: "999" });
    expect(other.statusCode).toBe(400);
    await other.body.dump();
  });
});
