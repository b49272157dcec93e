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

export const INPUT_FORMATS = ["json", "jsonl", "csv"] as const;

export type InputFormat = (typeof INPUT_FORMATS)[number];

/** What the advice to a faulty file says at one door, and would be of no use at another. */
export interface FileWords {
  /** What to do with JSON Lines that were taken for JSON. */
  nameJsonLines: string;
  /** What to do with a file that is not of the format it was taken for. */
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
