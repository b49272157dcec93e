import { dropInvisible } from "#app/events/clean-text.ts";
import { lookUp } from "#app/events/look-up.ts";
import { eventInput } from "#app/tasks/input/event-input.server.ts";
import { readFields } from "#app/tasks/input/read-fields.server.ts";
import type { FieldFault } from "#app/tasks/task-document.server.ts";
import type { FileWords } from "./file-words.server.ts";
import { unreadableFile, unusableColumns } from "./unreadable-file-error.server.ts";

const KNOWN = Object.keys(eventInput.shape);
/** Spreadsheets are headed for people: `Order ID`. */
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
  if (!keys.some((key) => KNOWN.includes(key))) {
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
  return BY_HEADING.get(heading.replace(/\s+/g, "").toLowerCase()) ?? heading;
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
