import { brokenRow } from "./broken-row.server.ts";
import type { FileWords } from "./file-words.server.ts";
import { findJsonFault } from "./find-json-fault.server.ts";
import type { RawInput } from "./raw-input.server.ts";
import { tryParse } from "./try-parse.server.ts";
import { unreadableFile } from "./unreadable-file-error.server.ts";

/**
 * A JSON object as it stands, or a JSON array as the `events` of one.
 *
 * @throws UnreadableFileError where it is broken.
 */
export async function parseJsonInput(text: string, words: FileWords): Promise<RawInput> {
  const parsed = tryParse(text);
  if (parsed !== null) {
    const { value } = parsed;
    return {
      value: Array.isArray(value) ? { events: value } : value,
      broken: new Map(),
      lines: [],
    };
  }
  const { line, column } = await findJsonFault(text);
  const isLines = tryParse(text.slice(0, text.indexOf("\n"))) !== null;
  throw unreadableFile(
    `The input is not valid JSON: line ${line}, column ${column}.`,
    isLines
      ? `If every line is an event of its own (JSON Lines), ${words.nameJsonLines}.`
      : "Look there for a missing comma, quote or bracket.",
  );
}

/**
 * JSON Lines: one object a line, empty lines aside. A broken line is a broken row, and stops no
 * other.
 *
 * @throws UnreadableFileError where no line can be read.
 */
export async function parseJsonLines(text: string, words: FileWords): Promise<RawInput> {
  const events: unknown[] = [];
  const lines: number[] = [];
  const broken: Map<number, ReturnType<typeof brokenRow>> = new Map();
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const parsed = tryParse(line);
    if (parsed === null) {
      const { column } = await findJsonFault(line);
      const message = `is not valid JSON from column ${column} on`;
      broken.set(events.length, brokenRow(message));
    }
    events.push(parsed === null ? {} : parsed.value);
    lines.push(index + 1);
  }
  if (broken.size < events.length) return { value: { events }, broken, lines };
  throw unreadableFile(
    "The input is not JSON Lines: no line of it is valid JSON by itself.",
    `Give one JSON object a line, or ${words.nameFormat}.`,
  );
}
