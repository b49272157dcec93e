import { describe, expect, test } from "vitest";
import { type SendDocument, toExitCode, toHttpStatus } from "#app/tasks/task-document.server.ts";
import { eventRow, eventRows, openTasks, statuses } from "#test/support/task-fixture.ts";

/** Nothing listens there. */
const NOWHERE = "http://127.0.0.1:1/v5";

function end(document: SendDocument) {
  const { error } = document;
  return { code: error?.code, http: toHttpStatus(document), exit: toExitCode(document) };
}

describe("what stops a sending", () => {
  test.each([
    [401, "unauthorized", "does not accept this access token"],
    [403, "forbidden", "can't send to ad account 549755885175"],
    [404, "not_found", "does not know ad account 549755885175"],
  ] as const)("status %i is not tried again, and the rows say %s", async (status, code, words) => {
    const { local, send, waits } = await openTasks();
    local.fail({ kind: "status", status });
    const document = await send(eventRows(5_000));
    expect(end(document)).toEqual({ code, http: status, exit: 1 });
    expect(document.error?.message).toContain(words);
    expect(new Set(document.results.map(({ error }) => error?.code))).toEqual(new Set([code]));
    expect(document.summary).toMatchObject({ received: 5_000, failed: 5_000 });
    expect(local.ledger.requests.length).toBeLessThanOrEqual(4);
    expect(waits).toEqual([]);
  });

  test("what arrived before it counts", async () => {
    const { local, send } = await openTasks();
    local.fail({ kind: "status", status: 401, times: 1 });
    const document = await send(eventRows(4_000));
    expect(document.error?.code).toBe("unauthorized");
    expect(document.summary).toMatchObject({ accepted: 3_000, failed: 1_000 });
    expect(local.ledger.acceptedCount).toBe(3_000);
    expect(end(document)).toEqual({ code: "unauthorized", http: 200, exit: 1 });
  });

  test("a rate limit that lasts longer than we may wait, and it says how long", async () => {
    const { local, send, waits } = await openTasks();
    local.fail({ kind: "status", status: 429, retryAfter: 121 });
    const document = await send(eventRows(2));
    expect(end(document)).toEqual({ code: "rate_limited", http: 429, exit: 1 });
    expect(document.error?.retry_after_seconds).toBe(121);
    expect(statuses(document)).toEqual(["failed", "failed"]);
    expect(waits).toEqual([]);
  });
});

describe("what a sending waits for", () => {
  test("the end of a rate limit", async () => {
    const { local, send, waits } = await openTasks();
    local.fail({ kind: "status", status: 429, retryAfter: 7, times: 1 });
    const document = await send(eventRows(2));
    expect(document).toMatchObject({ ok: true, summary: { accepted: 2 } });
    expect(waits).toHaveLength(1);
    expect(Math.round((waits[0] ?? 0) / 100)).toBe(70);
  });

  test("a rate limit that names no time: 5 s, 10 s, 20 s, …, as long as we may", async () => {
    const { local, send, waits } = await openTasks();
    local.fail({ kind: "status", status: 429 });
    const document = await send(eventRows(1));
    expect(waits.map((ms) => Math.round(ms / 1_000))).toEqual([5, 10, 20, 40]);
    expect(document.error).toMatchObject({ code: "rate_limited", retry_after_seconds: 80 });
  });

  test.each([500, 502, 503] as const)("status %i, then the same events again", async (status) => {
    const { local, send, waits } = await openTasks();
    local.fail({ kind: "status", status, times: 2 });
    const document = await send(eventRows(2));
    expect(document).toMatchObject({ ok: true, summary: { accepted: 2 } });
    expect(waits).toEqual([5_000, 30_000]);
  });

  test("as long as Pinterest asks for, if there is time", async () => {
    const { local, send, waits } = await openTasks();
    local.fail({ kind: "status", status: 503, retryAfter: 90, times: 1 });
    expect((await send(eventRows(1))).ok).toBe(true);
    expect(waits).toEqual([90_000]);
  });

  test("a second at least when Pinterest says at once", async () => {
    const { local, send, waits } = await openTasks();
    local.fail({ kind: "status", status: 429, retryAfter: 0, times: 1 });
    local.fail({ kind: "status", status: 503, retryAfter: 0, times: 1 });
    expect((await send(eventRows(1))).ok).toBe(true);
    expect(waits.map((ms) => Math.round(ms / 100))).toEqual([10, 10]);
  });
});

describe("an answer that was lost", () => {
  test.each([
    ["the connection is cut", { kind: "reset", recorded: true }, [3, 2, 1]],
    ["the answer is cut off", { kind: "cut" }, [3, 2, 1]],
    ["the answer can't be read", { kind: "malformed" }, [3, 2, 1]],
    ["the answer speaks of fewer events", { kind: "wrong_length" }, [3, 3]],
  ] as const)(
    "is asked for again, by halves where none came, and is one event: %s",
    async (_what, fault, sizes) => {
      const { local, send, waits } = await openTasks();
      local.fail({ ...fault, times: 1 });
      const document = await send(eventRows(3));
      expect(statuses(document)).toEqual(["accepted", "accepted", "accepted"]);
      const { acceptedCount, duplicates, violations, requests } = local.ledger;
      expect([acceptedCount, duplicates]).toEqual([3, 3]);
      expect(requests.map(({ ids }) => ids.length)).toEqual(sizes);
      expect(violations).toEqual([]);
      expect(waits).toEqual([5_000]);
    },
  );

  test("leaves events undetermined when there is no time left", async () => {
    const { local, send } = await openTasks({ deadlineMs: 4_000 });
    local.fail({ kind: "reset", recorded: true });
    const document = await send(eventRows(2));
    expect(end(document)).toEqual({ code: "undetermined", http: 502, exit: 1 });
    expect(document).toMatchObject({
      ok: false,
      summary: { accepted: 0, failed: 0, undetermined: 2 },
      results: [{ status: "undetermined", error: { code: "undetermined" } }, {}],
    });
    expect(local.ledger.requests).toHaveLength(1);
  });

  test("leaves them undetermined also when the token is refused meanwhile", async () => {
    const { local, send } = await openTasks();
    local.fail({ kind: "reset", recorded: true, times: 1 });
    local.fail({ kind: "status", status: 401, times: 1 });
    const document = await send(eventRows(1));
    expect(document.error?.code).toBe("unauthorized");
    expect(document.results[0]).toMatchObject({
      status: "undetermined",
      error: { code: "undetermined" },
    });
    expect(local.ledger.acceptedCount).toBe(1);
  });

  test("keeps no other batch back when it came and can't be read", async () => {
    const { local, send } = await openTasks({ deadlineMs: 0 });
    local.fail({ kind: "wrong_length", times: 1 });
    const document = await send(eventRows(6_000));
    expect(document.summary).toMatchObject({ accepted: 5_000, undetermined: 1_000 });
    expect(end(document)).toEqual({ code: "undetermined", http: 200, exit: 1 });
  });
});

describe("a Pinterest that is down", () => {
  test("is tried for as long as we may, and then said to be down", async () => {
    const { local, send, waits } = await openTasks();
    local.fail({ kind: "status", status: 503 });
    const document = await send(eventRows(1));
    expect(waits).toEqual([5_000, 30_000]);
    expect(end(document)).toEqual({ code: "pinterest_unavailable", http: 502, exit: 1 });
    expect(statuses(document)).toEqual(["undetermined"]);
  });

  test("is not asked for every batch anew", async () => {
    const { local, send } = await openTasks({ deadlineMs: 0 });
    local.fail({ kind: "status", status: 503 });
    const document = await send(eventRows(10_000));
    expect(document.summary).toMatchObject({ undetermined: 10_000 });
    expect(local.ledger.requests.length).toBeLessThanOrEqual(4);
  });

  test("or out of reach has none of the events", async () => {
    const { send } = await openTasks({ apiUrl: NOWHERE, deadlineMs: 0 });
    const document = await send([eventRow(0)]);
    expect(end(document)).toEqual({ code: "pinterest_unavailable", http: 502, exit: 1 });
    expect(document.error?.message).toContain("ECONNREFUSED");
  });

  test("or never answers: whether it took the events is not known", async () => {
    const { local, send } = await openTasks({ deadlineMs: 0, attemptTimeoutMs: 200 });
    local.fail({ kind: "hang", recorded: true });
    const document = await send([eventRow(0)]);
    expect(end(document)).toEqual({ code: "undetermined", http: 502, exit: 1 });
  });
});
