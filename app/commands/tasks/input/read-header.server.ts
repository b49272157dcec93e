import { unusableInput } from "#app/commands/tasks/unusable-input.server.ts";
import { eventInput } from "#app/tasks/input/event-input.server.ts";
import { readFields } from "#app/tasks/input/read-fields.server.ts";
import type { FieldFault } from "#app/tasks/task-document.server.ts";
import { unreadableInput } from "./unreadable-input.server.ts";

/** Keys that are said once for all events, and where a CSV file has no place for them. */
const FLAGS: Record<string, string> = {
  accessToken: "--token-env",
  adAccountId: "--ad-account",
  demoMode: "--demo",
  test: "--test",
  waitSeconds: "--wait",
};

const KNOWN = Object.keys(eventInput.shape);

/**
 * The keys of a CSV file's columns. A wrong one is named once, not once a row.
 *
 * @throws CommandError
 */
export function readHeader(cells: readonly string[]): string[] {
  const keys = cells.map((cell) => cell.trim());
  // Spreadsheets pad the header, too.
  while (keys.at(-1) === "") keys.pop();
  // Then it is an event, and what it holds is personal.
  if (!keys.some((key) => KNOWN.includes(key))) {
    throw unreadableInput(
      "The first line of the input names no key of an event.",
      `Put a header row above the events, such as email,value,currency. The keys are ${KNOWN.join(", ")}.`,
    );
  }
  const faults = keys.flatMap((key, column) => findFaults(key, column, keys));
  if (faults.length === 0) return keys;
  throw unusableInput(faults);
}

function findFaults(key: string, column: number, keys: readonly string[]): FieldFault[] {
  if (key === "") return [{ path: `column ${column + 1}`, message: "has no name" }];
  if (keys.indexOf(key) < column) return [{ path: key, message: "is the name of two columns" }];
  const flag = FLAGS[key];
  if (flag !== undefined) return [{ path: key, message: `is no column: use ${flag}` }];
  return KNOWN.includes(key) ? [] : readFields(eventInput, { [key]: null }).faults;
}
