import { dropInvisible } from "#app/events/clean-text.ts";
import { lookUp } from "#app/events/look-up.ts";
import { eventInput } from "#app/tasks/input/event-input.server.ts";
import { findMeantKey, readFields } from "#app/tasks/input/read-fields.server.ts";
import type { FieldFault } from "#app/tasks/task-document.server.ts";
import { type FileWords, tryParse } from "./raw-input.server.ts";
import { unreadableFile, unusableColumns } from "./unreadable-file-error.server.ts";

const KNOWN = Object.keys(eventInput.shape);
/** Spreadsheets are headed for people: `Order ID`, `E-Mail`. */
const BY_HEADING = new Map(KNOWN.map((key) => [key.toLowerCase(), key]));

/**
 * The keys of a CSV file's columns. A wrong one is named once, not once a row.
 *
 * @throws UnreadableFileError
 */
export function readHeader(cells: readonly string[], words: FileWords): string[] {
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
export function isRuinedId(key: string, cell: string): boolean {
  return IDS.includes(key) && /^[+-]?\d([.,]\d{1,20})?E\+?\d{1,3}$/i.test(cell.slice(0, 40));
}

/**
 * Where the semicolon separates cells, the comma is a decimal one. Three digits after it might be
 * thousands: those stay as they are, and are refused.
 */
function withDecimalPoint(cell: string): string {
  return /^-?\d+,\d{1,2}$/.test(cell) ? cell.replace(",", ".") : cell;
}
