import type { FileWords } from "./file-words.server.ts";
import type { InputFormat } from "./input-format.server.ts";
import { parseJsonInput, parseJsonLines } from "./parse-json-input.server.ts";
import type { RawInput } from "./raw-input.server.ts";
import { tryParse } from "./try-parse.server.ts";

export interface BatchFile {
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
