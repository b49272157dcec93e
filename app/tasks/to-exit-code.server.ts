import type { TaskDocument } from "./task-document.server.ts";

/** 0 done; 1 not done, or not known, in whole or part; 2 nothing was tried for want of input. */
export function toExitCode(document: TaskDocument): 0 | 1 | 2 {
  if (document.ok) return 0;
  if ("results" in document) return 1;
  const { code } = document.error;
  return code === "missing_token" || code === "invalid_input" ? 2 : 1;
}
