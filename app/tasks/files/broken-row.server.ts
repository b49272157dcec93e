import type { RowError } from "#app/tasks/task-document.server.ts";
import { inputError } from "#app/tasks/task-error.server.ts";

/** The fault of a row that cannot be taken apart into keys and values. */
export function brokenRow(message: string): RowError {
  return inputError([{ path: "row", message }]);
}
