import type { TaskDocument, TaskErrorCode } from "./task-document.server.ts";

/** 0 done; 1 not done, or not known, in whole or part; 2 nothing was tried for want of input. */
export function toExitCode(document: TaskDocument): 0 | 1 | 2 {
  if (document.ok) return 0;
  if ("results" in document) return 1;
  const { code } = document.error;
  return code === "missing_token" || code === "invalid_input" ? 2 : 1;
}

const HTTP_STATUS: Record<TaskErrorCode, number> = {
  missing_token: 400,
  invalid_input: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  rate_limited: 429,
  pinterest_unavailable: 502,
  undetermined: 502,
};

/** 200 also for what came to something in part: a caller that sees an error sends all again. */
export function toHttpStatus(document: TaskDocument): number {
  const { error } = document as { error?: { code: TaskErrorCode } };
  if (error === undefined) return 200;
  const results = "results" in document ? document.results : [];
  const isTaken = results.some(({ status }) => status === "accepted" || status === "pending");
  return isTaken ? 200 : HTTP_STATUS[error.code];
}
