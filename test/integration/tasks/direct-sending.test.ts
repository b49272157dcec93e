import { describe, expect, test } from "vitest";
import { toExitCode, toHttpStatus } from "#app/tasks/task-document.server.ts";
import {
  AD_ACCOUNT,
  eventRow,
  eventRows,
  NOBODY,
  openTasks,
  statuses,
  TOKEN,
} from "#test/support/task-fixture.ts";

const DAY = 24 * 60 * 60;

describe("events sent with a token of one's own", () => {
  test("arrive as the document says", async () => {
    const { local, run, progress } = await openTasks();
    const document = await run({ rows: [eventRow(0)] });
    const sent = local.ledger.find(AD_ACCOUNT, "task-0")?.event;
    expect(document).toEqual({
      task: "send_event",
      demo: false,
      test: false,
      ok: true,
      ad_account_id: AD_ACCOUNT,
      summary: { received: 1, accepted: 1, failed: 0, skipped: 0 },
      results: [
        {
          index: 0,
          event_id: "task-0",
          event_name: "checkout",
          status: "accepted",
          warning: null,
          error: null,
          event: sent,
        },
      ],
    });
    expect(local.ledger.requests[0]).toMatchObject({ token: TOKEN, adAccountId: AD_ACCOUNT });
    expect(progress.at(-1)).toEqual([1, 1]);
    expect([toHttpStatus(document), toExitCode(document)]).toEqual([200, 0]);
  });

  test("go out a thousand at a time, ten thousand in exactly ten requests", async () => {
    const { local, send, progress } = await openTasks({ latencyMs: 20 });
    const document = await send(eventRows(10_000));
    expect(document.summary).toEqual({ received: 10_000, accepted: 10_000, failed: 0, skipped: 0 });
    expect(local.ledger.acceptedCount).toBe(10_000);
    expect(local.ledger.requests.map(({ ids }) => ids.length)).toEqual(Array(10).fill(1_000));
    const firsts = local.ledger.requests.map(({ ids }) => ids[0]);
    expect(firsts.toSorted()).toEqual([...Array(10).keys()].map((n) => `task-${n * 1_000}`));
    expect(document.results.map(({ index }) => index)).toEqual([...Array(10_000).keys()]);
    expect(progress.at(-1)).toEqual([10_000, 10_000]);
  });

  test("are one event when the same input is sent twice", async () => {
    const { local, send } = await openTasks();
    await send(eventRows(3));
    const second = await send(eventRows(3));
    expect(statuses(second)).toEqual(["accepted", "accepted", "accepted"]);
    expect(local.ledger.acceptedCount).toBe(3);
  });

  test("are checked and not recorded in a test", async () => {
    const { local, send } = await openTasks();
    const document = await send(eventRows(2), { isTest: true });
    expect(document).toMatchObject({ test: true, ok: true, summary: { accepted: 2 } });
    expect(local.ledger.acceptedCount).toBe(0);
    expect(local.ledger.requests[0]?.test).toBe(true);
  });

  test("tell of Pinterest's remarks", async () => {
    const { local, send } = await openTasks();
    local.fail({ kind: "poison", eventId: "task-1", as: "warn_event", message: "np is odd" });
    const { ok, results } = await send(eventRows(2));
    expect([ok, results[1]?.status, results[1]?.warning]).toEqual([true, "accepted", "np is odd"]);
  });
});

describe("rows that are not sent", () => {
  test("say why, and keep none of the others back", async () => {
    const { local, send } = await openTasks();
    const now = Math.floor(Date.now() / 1_000);
    const error = { code: "invalid_input", message: "currency is odd", action: "Mend it" } as const;
    const document = await send([
      eventRow(0),
      { index: 1, kind: "faulty", eventName: "signup", error },
      eventRow(2, { person: { ...NOBODY, emails: [], phones: ["+14155550123"] } }),
      eventRow(3, { occurredAtSeconds: now - 7 * DAY }),
      { ...eventRow(0), index: 4 },
      { ...eventRow(0, { name: "signup" }), index: 5 },
    ]);
    expect(document.results.map(({ status, error }) => [status, error?.code])).toEqual([
      ["accepted", undefined],
      ["skipped", "invalid_input"],
      ["skipped", "no_match_key"],
      ["skipped", "too_old"],
      ["skipped", "duplicate"],
      ["accepted", undefined],
    ]);
    expect(document).toMatchObject({
      ok: false,
      summary: { received: 6, accepted: 2, failed: 0, skipped: 4 },
    });
    expect(document.results[1]).toMatchObject({ event_id: null, event_name: "signup", error });
    expect(document.results[4]?.error?.message).toContain("Row 0 ");
    expect(document.results.filter(({ event }) => event !== null)).toHaveLength(2);
    expect(local.ledger.requests.map(({ ids }) => ids)).toEqual([["task-0", "task-0"]]);
    expect(document.error).toBeUndefined();
    expect([toHttpStatus(document), toExitCode(document)]).toEqual([200, 1]);
  });

  test("make no request when there is nothing else", async () => {
    const { local, send } = await openTasks();
    const document = await send([eventRow(0, { person: NOBODY })]);
    expect(statuses(document)).toEqual(["skipped"]);
    expect(local.ledger.requests).toEqual([]);
  });
});

describe("events that Pinterest refuses", () => {
  test("are named with its words, and the others arrive", async () => {
    const { local, send } = await openTasks();
    local.fail({ kind: "poison", eventId: "task-1", as: "fail_event", message: "value is odd" });
    const document = await send(eventRows(3));
    expect(statuses(document)).toEqual(["accepted", "failed", "accepted"]);
    expect(document.results[1]?.error).toMatchObject({
      code: "rejected",
      message: expect.stringContaining('"value is odd"'),
    });
    expect(document).toMatchObject({ ok: false, summary: { accepted: 2, failed: 1 } });
    expect(document.error).toBeUndefined();
  });

  test("are found among a thousand with at most 21 requests", async () => {
    const { local, send } = await openTasks();
    local.fail({ kind: "poison", eventId: "task-617" });
    const document = await send(eventRows(1_000));
    expect(document.summary).toMatchObject({ accepted: 999, failed: 1 });
    expect(document.results[617]).toMatchObject({ status: "failed", error: { code: "rejected" } });
    expect(local.ledger.acceptedCount).toBe(999);
    expect(local.ledger.requests.length).toBeLessThanOrEqual(21);
  });

  test("are all refused by one answer when the fault is in every one of them", async () => {
    const { local, send } = await openTasks({ callsPerMinute: 100_000 });
    local.fail({ kind: "status", status: 400 });
    const document = await send(eventRows(2_000));
    expect(document.summary).toMatchObject({ failed: 2_000 });
    expect(local.ledger.requests.length).toBeLessThanOrEqual(1_002);
  });

  test("are sent again after a passing fault of Pinterest's", async () => {
    const { local, send, waits } = await openTasks();
    const message = "Temporarily unavailable";
    local.fail({ kind: "poison", eventId: "task-1", as: "fail_event", message, times: 1 });
    const document = await send(eventRows(3));
    expect(statuses(document)).toEqual(["accepted", "accepted", "accepted"]);
    expect(local.ledger.requests.map(({ ids }) => ids)).toEqual([
      ["task-0", "task-1", "task-2"],
      ["task-1"],
    ]);
    expect(waits).toEqual([5_000]);
  });
});
