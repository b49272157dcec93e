import { type CsvError, type Info, parse } from "csv-parse/sync";
import { dropInvisible } from "#app/events/clean-text.ts";
import { lookUp } from "#app/events/look-up.ts";
import { eventInput } from "#app/tasks/input/event-input.server.ts";
import { findMeantKey, readFields } from "#app/tasks/input/read-fields.server.ts";
import { MAX_EVENTS } from "#app/tasks/input/task-input.server.ts";
import type { FieldFault, RowError } from "#app/tasks/task-document.server.ts";
import { inputError } from "#app/tasks/task-error.server.ts";
import {
  brokenRow,
  type FileWords,
  type RawInput,
  tryParse,
  unreadableFile,
  unusableColumns,
} from "./raw-input.server.ts";

const QUOTING =
  "Put a cell that holds a quote or a separator in quotes, and double the quotes in it.";

/** Matches Excel's line that names the separator; it is not a row. */
const SEPARATOR_LINE = /^\ufeff?"?sep=([,;\t|])"?[,;\t ]*(?:\n|$)/i;

/**
 * CSV as spreadsheets write it: a header row with the keys of an event, separated by comma,
 * semicolon or tab. Rows without a filled cell are none.
 *
 * @throws UnreadableFileError for a header that is wrong, and for quotes that leave open where a row ends.
 */
export function parseCsvInput(text: string, words: FileWords): RawInput {
  // The parser counts a line break in quotes twice when it is two characters.
  const given = text.replace(/\r\n?/g, "\n");
  const [told = "", mark] = SEPARATOR_LINE.exec(given) ?? [];
  const delimiter = mark ?? findDelimiter(given);
  // The line stays as an empty one, so that all others keep their numbers.
  const table = told === "" ? given : `\n${given.slice(told.length)}`;
  const [header, ...rows] = parseRows(table, delimiter);
  const keys = readHeader(header?.record ?? [], words);
  const events: Record<string, unknown>[] = [];
  const broken = new Map<number, RowError>();
  for (const [index, { record }] of rows.entries()) {
    const fault = countFault(record, keys.length) ?? idFault(keys, record);
    if (fault !== null) broken.set(index, fault);
    events.push(fault === null ? readRow(keys, record, delimiter) : {});
  }
  return {
    value: { events },
    broken,
    lines: rows.map(({ line }) => line),
    rowNumbers: rows.map(({ number }) => number),
  };
}

interface CsvRow {
  record: string[];
  /** The line on which the row starts. */
  line: number;
  /** The row's number in a spreadsheet: a row counts once, however many lines it has. */
  number: number;
}

function parseRows(text: string, delimiter: string): CsvRow[] {
  let breaksBefore = 0;
  const toRow = (record: string[], { lines }: Info): CsvRow => {
    const breaks = record.join("").split("\n").length - 1;
    const line = lines - breaks;
    const number = line - breaksBefore;
    breaksBefore += breaks;
    return { record, line, number };
  };
  try {
    return parse(text, {
      delimiter,
      // Each alone: with what the parser says of all of them, a file is in memory once more.
      on_record: toRow as never,
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      // The header, and one too many, so that too many are told from enough.
      to: MAX_EVENTS + 2,
    }) as unknown as CsvRow[];
  } catch (error) {
    const { lines } = error as CsvError & Partial<Info>;
    throw unreadableFile(
      `The input is not valid CSV: the quotes on line ${lines} do not match.`,
      QUOTING,
    );
  }
}

/** The separator is the most frequent candidate in the header, outside quotes. */
function findDelimiter(text: string): string {
  const header = (/^.*$/m.exec(text.trimStart())?.[0] ?? "").replace(/"[^"]*"/g, "");
  const count = (mark: string) => header.split(mark).length;
  return [",", ";", "\t"].reduce((best, mark) => (count(mark) > count(best) ? mark : best));
}

function countFault(record: readonly string[], expected: number): RowError | null {
  // Spreadsheets pad rows with empty cells as far as the widest goes.
  const filled = record.findLastIndex((cell) => cell !== "") + 1;
  if (record.length >= expected && filled <= expected) return null;
  const cells = record.length < expected ? record.length : filled;
  const message = `has ${cells} ${cells === 1 ? "cell" : "cells"}, and the header ${expected}`;
  return brokenRow(message);
}

function idFault(keys: readonly string[], record: readonly string[]): RowError | null {
  const ruined = keys.filter((key, column) => isRuinedId(key, record[column]?.trim() ?? ""));
  const message =
    "is a number such as 4.5E+13, for which a spreadsheet threw digits away: export it again, with this column as text";
  return ruined.length === 0 ? null : inputError(ruined.map((path) => ({ path, message })));
}

function readRow(
  keys: readonly string[],
  record: readonly string[],
  delimiter: string,
): Record<string, unknown> {
  return Object.fromEntries(
    keys.flatMap((key, column) => {
      const cell = record[column]?.trim() ?? "";
      return cell === "" ? [] : [[key, readCell(key, cell, delimiter)]];
    }),
  );
}

const KNOWN = Object.keys(eventInput.shape);
/** Spreadsheets are headed for people: `Order ID`, `E-Mail`. */
const BY_HEADING = new Map(KNOWN.map((key) => [key.toLowerCase(), key]));

/**
 * The keys of a CSV file's columns. A wrong one is named once, not once a row.
 *
 * @throws UnreadableFileError
 */
function readHeader(cells: readonly string[], words: FileWords): string[] {
  const keys = cells.map(readHeading);
  // Spreadsheets pad the header, too.
  while (keys.at(-1) === "") keys.pop();
  // Then it is an event, and what it holds is personal.
  if (keys.every((key) => findMeantKey(key) === undefined)) {
    throw unreadableFile(
      "The first line of the input names no key of an event.",
      `Put a header row above the events, such as email,value,currency. The keys are ${KNOWN.join(", ")}.`,
    );
  }
  const faults = keys.flatMap((key, column) => findFaults(key, column, { keys, words }));
  if (faults.length === 0) return keys;
  throw unusableColumns(faults);
}

function readHeading(cell: string): string {
  const heading = dropInvisible(cell).trim();
  return BY_HEADING.get(heading.replace(/[\s\p{Pd}]+/gu, "").toLowerCase()) ?? heading;
}

function findFaults(
  key: string,
  column: number,
  { keys, words }: { keys: readonly string[]; words: FileWords },
): FieldFault[] {
  if (key === "") return [{ path: `column ${column + 1}`, message: "has no name" }];
  if (keys.indexOf(key) < column) return [{ path: key, message: "is the name of two columns" }];
  const elsewhere = lookUp(words.saidElsewhere, key);
  if (elsewhere) return [{ path: key, message: `is no column: ${elsewhere}` }];
  return KNOWN.includes(key) ? [] : readFields(eventInput, { [key]: null }).faults;
}

/** Also as German spreadsheets write them. */
const BOOLEANS = {
  true: true,
  wahr: true,
  1: true,
  false: false,
  falsch: false,
  0: false,
};

/**
 * A cell by the type of its key. What it cannot be read as stays text, so that the reader of the
 * input refuses it by the same words as everywhere.
 */
export function readCell(key: string, cell: string, delimiter: string): unknown {
  switch (key) {
    case "isAlreadyHashed":
    case "optOut":
      return lookUp(BOOLEANS, cell.toLowerCase()) ?? cell;
    case "orderQuantity":
      return withNumber(cell);
    case "eventTime":
      return withNumber(withLetterT(cell));
    case "value":
      return delimiter === ";" ? withDecimalPoint(cell) : cell;
    case "contents":
      return tryParse(cell)?.value ?? cell;
    default:
      return cell;
  }
}

function withNumber(cell: string): number | string {
  return /^\d{1,15}$/.test(cell) ? Number(cell) : cell;
}

/** `2026-11-24 10:00:00 +0100`, as databases and Shopify's exports write a moment; without an offset it is UTC. */
function withLetterT(cell: string): string {
  const [, day, time, offset = ""] =
    /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(?: ?(Z|UTC|[+-]\d{2}:?\d{2}))?$/.exec(
      cell.slice(0, 50),
    ) ?? [];
  return day === undefined ? cell : `${day}T${time}${offset === "UTC" ? "Z" : offset}`;
}

/** Keys whose values are no numbers, whatever a spreadsheet takes them for. */
const IDS: readonly string[] = ["orderId", "productId", "eventId", "externalId", "phone"];

/** Tells whether a spreadsheet has cut an id to its first digits: `4.5E+13`. */
function isRuinedId(key: string, cell: string): boolean {
  return IDS.includes(key) && /^[+-]?\d([.,]\d{1,20})?E\+?\d{1,3}$/i.test(cell.slice(0, 40));
}

/**
 * Where the semicolon separates cells, the comma is a decimal one. Three digits after it might be
 * thousands: those stay as they are, and are refused.
 */
function withDecimalPoint(cell: string): string {
  return /^-?\d+,\d{1,2}$/.test(cell) ? cell.replace(",", ".") : cell;
}
