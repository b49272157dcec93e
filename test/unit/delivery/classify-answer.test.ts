import { describe, expect, test } from "vitest";
import { classifyAnswer } from "#app/delivery/classify-answer.server.ts";
import type { SendAnswer } from "#app/pinterest/send-events.server.ts";

const processed = { status: "processed", errorMessage: null, warningMessage: null } as const;

function failed(errorMessage: string | null) {
  return { status: "failed", errorMessage, warningMessage: null } as const;
}

function answered(events: Extract<SendAnswer, { kind: "answered" }>["events"]): SendAnswer {
  return { kind: "answered", httpStatus: 200, events, received: events.length, processed: 0 };
}

function refused(
  httpStatus: number,
  more: Partial<Extract<SendAnswer, { kind: "refused" }>> = {},
): SendAnswer {
  const message = "no";
  return {
    kind: "refused",
    httpStatus,
    code: 29,
    isJson: true,
    message,
    retryAfterSeconds: null,
    events: null,
    ...more,
  };
}

describe("Pinterest's answer to a batch", () => {
  test("only an event that Pinterest itself marked processed is accepted", () => {
    const verdict = classifyAnswer(answered([processed, failed("value is not a number")]), 2);
    expect(verdict).toEqual({
      kind: "outcomes",
      outcomes: [
        { kind: "accepted", warning: null },
        { kind: "rejected", message: "value is not a number" },
      ],
    });
  });

  test("a failed event without a reason is refused, not accepted", () => {
    const verdict = classifyAnswer(answered([failed(null)]), 1);
    expect(verdict).toMatchObject({ outcomes: [{ kind: "rejected" }] });
  });

  test("a failed event whose reason is a passing fault is tried again", () => {
    for (const message of ["Internal error", "temporarily unavailable", "Please try again later"]) {
      expect(classifyAnswer(answered([failed(message)]), 1)).toMatchObject({
        outcomes: [{ kind: "retry" }],
      });
    }
  });

  test("a note on an accepted event is kept", () => {
    const noted = { ...processed, warningMessage: "fields are not standard" };
    expect(classifyAnswer(answered([noted]), 1)).toMatchObject({
      outcomes: [{ kind: "accepted", warning: "fields are not standard" }],
    });
  });

  test("an answer for fewer or more events than were sent counts for none of them", () => {
    expect(classifyAnswer(answered([processed]), 2).kind).toBe("unknown");
    expect(classifyAnswer(answered([processed, processed]), 1).kind).toBe("unknown");
    expect(classifyAnswer(answered([]), 1).kind).toBe("unknown");
    const miscounted = { ...answered([processed, processed]), received: 1 };
    expect(classifyAnswer(miscounted, 2).kind).toBe("unknown");
  });

  test("a lost answer counts for none of its events", () => {
    const lost = {
      kind: "lost",
      reason: "timeout",
      httpStatus: null,
      message: "no answer",
    } as const;
    expect(classifyAnswer(lost, 3).kind).toBe("unknown");
  });

  test.each([400, 413, 422])(
    "status %i for many events is halved, for one it is final",
    (status) => {
      expect(classifyAnswer(refused(status), 2).kind).toBe("bisect");
      expect(classifyAnswer(refused(status), 1)).toEqual({
        kind: "outcomes",
        outcomes: [{ kind: "rejected", message: "no" }],
      });
    },
  );

  test("422 with an answer per event is read by index", () => {
    const verdict = classifyAnswer(refused(422, { events: [failed("bad"), processed] }), 2);
    expect(verdict).toMatchObject({ outcomes: [{ kind: "rejected" }, { kind: "accepted" }] });
    expect(classifyAnswer(refused(422, { events: [processed] }), 2).kind).toBe("bisect");
  });

  test.each([
    [401, "unauthorized"],
    [403, "forbidden"],
    [404, "account_not_found"],
  ])("status %i stops the account and keeps its events", (status, reason) => {
    expect(classifyAnswer(refused(status), 5)).toMatchObject({ kind: "not_authorized", reason });
  });

  test.each([
    [400, null, false],
    [401, null, false],
    [403, null, true],
    [404, null, false],
    [413, null, false],
    [422, null, false],
  ])("status %i that is not in Pinterest's own form says nothing", (status, code, isJson) => {
    expect(classifyAnswer(refused(status, { code, isJson }), 1).kind).toBe("unknown");
  });

  test("413 is halved, whoever said it", () => {
    expect(classifyAnswer(refused(413, { code: null, isJson: false }), 2).kind).toBe("bisect");
  });

  test("429 says when to come back, if Pinterest said so", () => {
    expect(classifyAnswer(refused(429, { retryAfterSeconds: 7 }), 5)).toEqual({
      kind: "rate_limited",
      retryAfterSeconds: 7,
    });
  });

  test.each([301, 405, 408, 409, 425, 500, 502, 503, 504])(
    "status %i says nothing of any event: all are tried again",
    (status) => {
      expect(classifyAnswer(refused(status), 2).kind).toBe("unknown");
      expect(classifyAnswer(refused(status), 1).kind).toBe("unknown");
    },
  );
});
