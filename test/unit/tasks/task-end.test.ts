import { describe, expect, test } from "vitest";
import {
  type RowStatus,
  type SendDocument,
  type TaskDocument,
  type TaskErrorCode,
  type TaskResult,
  toExitCode,
  toHttpStatus,
} from "#app/tasks/task-document.server.ts";
import { taskError } from "#app/tasks/task-error.server.ts";

const CODES: [TaskErrorCode, number, number][] = [
  ["missing_token", 400, 2],
  ["invalid_input", 400, 2],
  ["unauthorized", 401, 1],
  ["forbidden", 403, 1],
  ["not_found", 404, 1],
  ["rate_limited", 429, 1],
  ["pinterest_unavailable", 502, 1],
  ["undetermined", 502, 1],
];

function failure(code: TaskErrorCode): TaskDocument {
  return { task: "send_event", ok: false, error: taskError(code, "answer_unreadable", {}) };
}

function sending(status: RowStatus, code: TaskErrorCode | null): SendDocument {
  return {
    task: "send_event",
    demo: false,
    test: false,
    ok: status === "accepted" || status === "pending",
    ad_account_id: "1",
    summary: { received: 1, accepted: 0, failed: 0, skipped: 0 },
    results: [{ status } as TaskResult],
    ...(code === null ? {} : { error: taskError(code, "answer_unreadable", {}) }),
  };
}

describe("how a task ends", () => {
  test.each(CODES)("with %s: HTTP %i, exit code %i", (code, http, exit) => {
    expect([toHttpStatus(failure(code)), toExitCode(failure(code))]).toEqual([http, exit]);
  });

  test.each([
    ["accepted", 200, 0],
    ["pending", 200, 0],
    ["failed", 200, 1],
    ["skipped", 200, 1],
    ["undetermined", 200, 1],
  ] as const)("with a row %s and nothing that stopped it: HTTP %i, exit code %i", (...row) => {
    const [status, http, exit] = row;
    const document = sending(status, null);
    expect([toHttpStatus(document), toExitCode(document)]).toEqual([http, exit]);
  });

  test("stopped with nothing taken: the status of what stopped it", () => {
    expect(toHttpStatus(sending("failed", "unauthorized"))).toBe(401);
    expect(toHttpStatus(sending("undetermined", "undetermined"))).toBe(502);
  });

  test("stopped with something taken: 200, so that nobody sends all of it again", () => {
    expect(toHttpStatus({ ...sending("accepted", "unauthorized"), ok: false })).toBe(200);
    expect(toHttpStatus({ ...sending("pending", "unauthorized"), ok: false })).toBe(200);
  });

  test("by a row's input fault is not an input that can't be used", () => {
    expect(toExitCode(sending("skipped", null))).toBe(1);
  });
});
