import { Agent, request } from "undici";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type LocalPinterest, startLocalPinterest } from "#test/sandbox/local-pinterest.ts";
import type { Fault } from "#test/sandbox/pinterest/faults.ts";

const ACCOUNT = "549755885175";
const OTHER = "111";

let pinterest: LocalPinterest;
let agent: Agent;
beforeEach(async () => {
  pinterest = await startLocalPinterest();
  agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
});
afterEach(async () => {
  await agent.destroy();
  await pinterest.close();
});

function event(id: string) {
  return {
    event_name: "checkout",
    action_source: "web",
    event_time: Math.floor(Date.now() / 1000) - 60,
    event_id: id,
    user_data: { client_ip_address: "203.0.113.1", client_user_agent: "Mozilla/5.0" },
  };
}

async function post(ids: string[], account = ACCOUNT, signal?: AbortSignal) {
  const reply = await request(`${pinterest.url}/ad_accounts/${account}/events`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: "Bearer pina_test" },
    body: JSON.stringify({ data: ids.map(event) }),
    dispatcher: agent,
    ...(signal ? { signal } : {}),
  });
  return { status: reply.statusCode, headers: reply.headers, text: await reply.body.text() };
}

const acceptedIds = () => pinterest.ledger.accepted.map(({ eventId }) => eventId);

describe("scripted answers", () => {
  test.each([400, 401, 403, 404, 429, 500, 503] as const)("a %i takes nothing", async (status) => {
    pinterest.fail({ kind: "status", status, times: 1 });
    const reply = await post(["a"]);
    expect(reply.status).toBe(status);
    expect(JSON.parse(reply.text)).toHaveProperty("code");
    expect(acceptedIds()).toEqual([]);
    expect((await post(["a"])).status).toBe(200);
  });

  test("a 502 is a page, not JSON", async () => {
    pinterest.fail({ kind: "status", status: 502 });
    const reply = await post(["a"]);
    expect([reply.status, reply.headers["content-type"]]).toEqual([
      502,
      "text/html; charset=utf-8",
    ]);
    expect(reply.text).toContain("<html>");
  });

  test("a 429 carries Retry-After only when told to", async () => {
    pinterest.fail({ kind: "status", status: 429, times: 1, retryAfter: 7 });
    pinterest.fail({ kind: "status", status: 429, times: 1 });
    expect((await post(["a"])).headers["retry-after"]).toBe("7");
    expect((await post(["a"])).headers["retry-after"]).toBeUndefined();
  });

  test("a 422 with details takes what it does not name as failed", async () => {
    pinterest.fail({ kind: "status", status: 422, details: "events", failedIds: ["b"], times: 1 });
    const reply = await post(["a", "b", "c"]);
    const { details } = JSON.parse(reply.text);
    expect(details.events.map(({ status }: { status: string }) => status)).toEqual([
      "processed",
      "failed",
      "processed",
    ]);
    expect(acceptedIds()).toEqual(["a", "c"]);
    pinterest.fail({ kind: "status", status: 422, recorded: true });
    expect(JSON.parse((await post(["d"])).text).details).toEqual({});
    expect(acceptedIds()).toEqual(["a", "c", "d"]);
  });

  test("lists that do not match, in number or in order", async () => {
    pinterest.fail({ kind: "wrong_length", times: 1 });
    expect(JSON.parse((await post(["a", "b"])).text).events).toHaveLength(1);
    pinterest.fail({ kind: "poison", eventId: "c", as: "fail_event" });
    pinterest.fail({ kind: "shuffled" });
    const { events } = JSON.parse((await post(["c", "d"])).text);
    expect(events[1].status).toBe("failed");
    expect(acceptedIds()).toEqual(["a", "b", "d"]);
  });

  test.each(["malformed", "truncated"] as const)(
    "%s JSON after taking the events",
    async (kind) => {
      pinterest.fail({ kind });
      const reply = await post(["a"]);
      expect(reply.status).toBe(200);
      expect(() => JSON.parse(reply.text)).toThrow();
      expect(acceptedIds()).toEqual(["a"]);
    },
  );

  test("an answer of 10 MB", async () => {
    pinterest.fail({ kind: "huge" });
    expect((await post(["a"])).text.length).toBeGreaterThan(10 * 1024 * 1024);
  });

  test("a poisoned event: its batch refused, it alone refused, or taken with a warning", async () => {
    pinterest.fail({ kind: "poison", eventId: "x" });
    expect((await post(["a", "x"])).status).toBe(400);
    expect((await post(["a"])).status).toBe(200);
    pinterest.heal();
    pinterest.fail({ kind: "poison", eventId: "x", as: "fail_event", message: "no" });
    pinterest.fail({ kind: "poison", eventId: "y", as: "warn_event", message: "hm" });
    const { events } = JSON.parse((await post(["b", "x", "y"])).text);
    expect(events[1].error_message).toBe("no");
    expect(events[2]).toMatchObject({ status: "processed", warning_message: "hm" });
    expect(acceptedIds()).toEqual(["a", "b", "y"]);
  });
});

describe("answers that never arrive", () => {
  const expectTaken = async (expected: string[]) => {
    expect(acceptedIds()).toEqual(expected);
    expect((await post(["a"])).status).toBe(200);
    expect(pinterest.ledger.duplicates).toBe(expected.length);
  };

  const silent: [string, Fault, string[]][] = [
    ["hangs before taking", { kind: "hang", recorded: false }, []],
    ["hangs after taking", { kind: "hang", recorded: true }, ["a"]],
    ["drips too slowly", { kind: "drip", everyMs: 60_000 }, ["a"]],
  ];
  test.each(silent)("%s, until the caller gives up", async (_, fault, expected) => {
    pinterest.fail({ ...fault, times: 1 });
    const patience = new AbortController();
    const asked = post(["a"], ACCOUNT, patience.signal).then(
      () => "answered",
      () => "gave up",
    );
    await expect.poll(() => pinterest.ledger.requests[0]?.fault).toBe(fault.kind);
    patience.abort();
    expect(await asked).toBe("gave up");
    await expectTaken(expected);
  });

  const broken: [string, Fault, string[]][] = [
    ["resets before taking", { kind: "reset", recorded: false }, []],
    ["resets after taking", { kind: "reset", recorded: true }, ["a"]],
    ["cuts the body in half", { kind: "cut" }, ["a"]],
  ];
  test.each(broken)("%s", async (_, fault, expected) => {
    pinterest.fail({ ...fault, times: 1 });
    await expect(post(["a"])).rejects.toThrow();
    expect(pinterest.ledger.requests[0]?.fault).toBe(fault.kind);
    await expectTaken(expected);
  });

  test("latency delays, and close does not wait for what hangs", async () => {
    pinterest.fail({ kind: "latency", ms: 150, times: 1 });
    const started = performance.now();
    await post(["a"]);
    expect(performance.now() - started).toBeGreaterThan(140);
    pinterest.fail({ kind: "hang", recorded: false });
    const hanging = post(["b"]).catch(() => "cut");
    await expect.poll(() => pinterest.ledger.requests.length).toBe(2);
    await pinterest.close();
    expect(await hanging).toBe("cut");
  });
});

describe("who is hit", () => {
  test("one ad account fails, its neighbour does not, until healed", async () => {
    pinterest.fail({ kind: "status", status: 500, adAccountId: ACCOUNT });
    expect((await post(["a"])).status).toBe(500);
    expect((await post(["a"], OTHER)).status).toBe(200);
    pinterest.heal(OTHER);
    expect((await post(["a"])).status).toBe(500);
    pinterest.heal(ACCOUNT);
    expect((await post(["a"])).status).toBe(200);
  });

  test("faults of the account and OAuth endpoints are scripted apart", async () => {
    pinterest.fail({ kind: "status", status: 503, endpoint: "accounts" });
    const authorization = "Bearer pina_test";
    const reply = await request(`${pinterest.url}/ad_accounts`, { headers: { authorization } });
    await reply.body.dump();
    expect(reply.statusCode).toBe(503);
    expect((await post(["a"])).status).toBe(200);
  });

  test("other processes use the control door", async () => {
    const control = new URL("/_control/", pinterest.url).href;
    const send = async (path: string, body = "") => {
      const reply = await request(control + path, { method: "POST", body });
      await reply.body.dump();
      return reply.statusCode;
    };
    expect(await send("faults", '{"kind":"nonsense"}')).toBe(400);
    expect(await send("faults", '[{"kind":"status","status":429}]')).toBe(204);
    expect((await post(["a"])).status).toBe(429);
    expect(await send("heal")).toBe(204);
    expect((await post(["a"])).status).toBe(200);
    const reply = await request(`${control}ledger`);
    expect(await reply.body.json()).toMatchObject({
      accepted: [{ eventId: "a", count: 1 }],
      requests: [{ status: 429 }, { status: 200 }],
      duplicates: 0,
      violations: [],
      peakCallsPerMinute: { [ACCOUNT]: 2 },
    });
  });
});

test("without kept bodies a changed repeat is still noticed", async () => {
  await pinterest.close();
  pinterest = await startLocalPinterest({ keepEvents: false });
  const data = event("a");
  const send = (body: object) =>
    request(`${pinterest.url}/ad_accounts/${ACCOUNT}/events`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: "Bearer pina_test" },
      body: JSON.stringify({ data: [body] }),
    }).then((reply) => reply.body.dump());
  await send(data);
  await send({ ...data, language: "en" });
  expect(pinterest.ledger.accepted[0]).not.toHaveProperty("event");
  expect(pinterest.ledger.violations).toHaveLength(1);
});
