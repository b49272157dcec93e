import { isUtf8 } from "node:buffer";
import {
  brokenRow,
  type FileWords,
  type InputFormat,
  type RawInput,
  tryParse,
  unreadableFile,
} from "./raw-input.server.ts";

interface BatchFile {
  /** Its ending names the format, where it has one. */
  name: string;
  text: string;
  format?: InputFormat | undefined;
}

/**
 * Takes a file of many events apart.
 *
 * @throws UnreadableFileError
 */
export async function parseBatchFile(
  { name, text, format: named }: BatchFile,
  words: FileWords,
): Promise<RawInput & { format: InputFormat }> {
  const format: InputFormat = named ?? formatByName(name) ?? formatByContent(text);
  switch (format) {
    case "json":
      return { ...(await parseJsonInput(text, words)), format };
    case "jsonl":
      return { ...(await parseJsonLines(text, words)), format };
    case "csv": {
      const { parseCsvInput } = await import("./parse-csv-input.server.ts");
      return { ...parseCsvInput(text, words), format };
    }
  }
}

export function formatByName(name: string): InputFormat | undefined {
  const ending = /\.(json|jsonl|ndjson|csv|tsv)$/i.exec(name)?.[1]?.toLowerCase();
  if (ending === "ndjson") return "jsonl";
  return ending === "tsv" ? "csv" : (ending as InputFormat | undefined);
}

function formatByContent(text: string): InputFormat {
  const trimmed = text.trim();
  if (trimmed.startsWith("[")) return "json";
  if (!trimmed.startsWith("{")) return "csv";
  const whole = tryParse(trimmed);
  if (whole !== null) {
    // One line that is no task's object is a list of one event.
    const isTask = trimmed.includes("\n") || Object.hasOwn(whole.value as object, "events");
    return isTask ? "json" : "jsonl";
  }
  return tryParse(trimmed.split("\n", 1)[0] ?? "") === null ? "json" : "jsonl";
}

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
async function parseJsonLines(text: string, words: FileWords): Promise<RawInput> {
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

/**
 * The position at which text stops being JSON; both count from 1. Node does not always report it;
 * this parser does.
 */
async function findJsonFault(text: string): Promise<{ line: number; column: number }> {
  const { parse } = await import("lossless-json");
  let message = "";
  try {
    parse(text);
  } catch (error) {
    message = (error as Error).message;
  }
  const position = Number(/at position (\d+)$/.exec(message)?.[1] ?? 0);
  const before = text.slice(0, position).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/**
 * The text of a file, without a byte order mark. Encodings that spreadsheets use by default are named.
 *
 * @throws UnreadableFileError
 */
export function decodeText(name: string, bytes: Buffer): string {
  if (bytes.length === 0) {
    throw unreadableFile(`${name} is empty.`, "Check that it was written to its end.");
  }
  const fault = findFault(bytes);
  if (fault !== null) throw unreadableFile(`${name} ${fault.what}.`, fault.action);
  return new TextDecoder().decode(bytes);
}

function findFault(bytes: Buffer): { what: string; action: string } | null {
  const start = bytes.subarray(0, 4).toString("latin1");
  if (start === "PK\u0003\u0004") {
    return {
      what: "is a workbook or a ZIP file",
      action: "Save the sheet as CSV (UTF-8), and give that file.",
    };
  }
  if (isUtf8(bytes)) return null;
  if (/^(\u00ff\u00fe|\u00fe\u00ff)/.test(start)) {
    return { what: "is UTF-16", action: "Save it as UTF-8, and give that file." };
  }
  return {
    what: `is not UTF-8: line ${firstBadLine(bytes)} holds a byte that has no meaning there`,
    action: "Save it as UTF-8 (in a spreadsheet: CSV UTF-8), and give that file.",
  };
}

function firstBadLine(bytes: Buffer): number {
  let start = 0;
  for (let line = 1; ; line += 1) {
    const end = bytes.indexOf(0x0a, start);
    if (end === -1 || !isUtf8(bytes.subarray(start, end))) return line;
    start = end + 1;
  }
}
