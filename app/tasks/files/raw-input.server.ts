import type { RowError } from "#app/tasks/task-document.server.ts";

/** An input file, taken apart but not checked: what it says is read like that of every other door. */
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
