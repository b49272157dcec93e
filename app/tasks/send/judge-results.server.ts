import type { RowStatus, Summary, TaskResult } from "#app/tasks/task-document.server.ts";

/** What the results say as a whole. Undetermined and pending are counted only where there are any. */
export function judgeResults(results: readonly TaskResult[]): { ok: boolean; summary: Summary } {
  const count = (status: RowStatus) => results.filter((result) => result.status === status).length;
  const [accepted, undetermined, pending] = [
    count("accepted"),
    count("undetermined"),
    count("pending"),
  ];
  const summary = {
    received: results.length,
    accepted,
    failed: count("failed"),
    skipped: count("skipped"),
    ...(undetermined > 0 ? { undetermined } : {}),
    ...(pending > 0 ? { pending } : {}),
  };
  return { ok: accepted + pending === results.length, summary };
}
