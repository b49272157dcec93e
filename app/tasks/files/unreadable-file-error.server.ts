import type { FieldFault, RowError, TaskError } from "#app/tasks/task-document.server.ts";
import { inputError } from "#app/tasks/task-error.server.ts";

/** Says why no event of a file can be read. Its texts repeat nothing of the file: it may be personal. */
export class UnreadableFileError extends Error {
  override name = "UnreadableFileError";
  failure: TaskError;
  constructor(failure: TaskError) {
    super(failure.message);
    this.failure = failure;
  }
}

/** Thrown for a file that cannot be parsed at all: `message` says what is wrong and where. */
export function unreadableFile(message: string, action: string): UnreadableFileError {
  const fields = [{ path: "input", message }];
  return new UnreadableFileError({ code: "invalid_input", message, action, fields });
}

/** Thrown for wrong columns; `faults` is not empty. */
export function unusableColumns(faults: FieldFault[]): UnreadableFileError {
  return new UnreadableFileError(inputError(faults));
}

/** The fault of a row that cannot be parsed into keys and values. */
export function brokenRow(message: string): RowError {
  return inputError([{ path: "row", message }]);
}
