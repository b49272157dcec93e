import type { TaskName } from "#app/tasks/task-name.server.ts";
import type { InputFormat } from "./input-format.server.ts";
import { parseJsonInput, parseJsonLines } from "./parse-json-input.server.ts";
import type { RawInput } from "./raw-input.server.ts";
import { tryParse } from "./try-parse.server.ts";
import { unreadableInput } from "./unreadable-input.server.ts";

export interface InputSource {
  /** As after `--input`. */
  source: string;
  text: string;
  /** As after `--format`. */
  format: InputFormat | undefined;
}

/** @throws CommandError */
export async function parseInput(
  task: TaskName,
  { source, text, format = formatByName(source) }: InputSource,
): Promise<RawInput> {
  if (task !== "send_batch_events") return parseSingle(task, text, format);
  switch (format ?? formatByContent(text)) {
    case "json":
      return parseJsonInput(text);
    case "jsonl":
      return parseJsonLines(text);
    case "csv":
      return (await import("./parse-csv-input.server.ts")).parseCsvInput(text);
  }
}

async function parseSingle(
  task: TaskName,
  text: string,
  format: InputFormat | undefined,
): Promise<RawInput> {
  const isList = text.trimStart().startsWith("[");
  if (!isList && (format === undefined || format === "json")) return parseJsonInput(text);
  throw unreadableInput(
    `The input is a list, and ${task} takes one JSON object.`,
    "Lists are for `pinrelay send_batch_events`.",
  );
}

function formatByName(source: string): InputFormat | undefined {
  const ending = /\.(json|jsonl|ndjson|csv|tsv)$/i.exec(source)?.[1]?.toLowerCase();
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
