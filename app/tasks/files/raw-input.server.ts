import type { FieldFault, RowError, TaskError } from "#app/tasks/task-document.server.ts";
import { inputError } from "#app/tasks/task-error.server.ts";

/**
 * An input file, parsed but not checked: its values are checked like those of every other caller.
 */
export interface RawInput {
  /** The object of a task, with `events` where the file is a list. */
  value: unknown;
  /** Rows that are broken as rows, by index. In `value` an empty object stands for each. */
  broken: ReadonlyMap<number, RowError>;
  /** The line on which each row starts, by index; empty where rows have no lines. */
  lines: readonly number[];
  /**
   * What a spreadsheet calls each row, where that differs from its line: a cell may have several
   * lines.
   */
  rowNumbers?: readonly number[];
}

export const INPUT_FORMATS = ["json", "jsonl", "csv"] as const;

export type InputFormat = (typeof INPUT_FORMATS)[number];

/** The advice for a faulty file, which differs between the command and the page. */
export interface FileWords {
  /** The advice for JSON Lines that were parsed as JSON. */
  nameJsonLines: string;
  /** The advice for a file that is not in the assumed format. */
  nameFormat: string;
  /** Where what is no column is said instead, by the column's name. */
  saidElsewhere: Readonly<Record<string, string>>;
}

/** Null: broken. Node's own error repeats a piece of the text, which may be somebody's email. */
export function tryParse(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

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
