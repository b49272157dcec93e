import { createReadStream } from "node:fs";
import { lookUp } from "#app/events/look-up.ts";
import {
  decodeText,
  formatByName,
  parseBatchFile,
  parseJsonInput,
} from "#app/tasks/files/parse-batch-file.server.ts";
import type { FileWords, InputFormat, RawInput } from "#app/tasks/files/raw-input.server.ts";
import {
  UnreadableFileError,
  unreadableFile,
} from "#app/tasks/files/unreadable-file-error.server.ts";
import type { TaskName } from "#app/tasks/task-document.server.ts";
import { CommandError } from "./command.server.ts";
import { type TaskFlags, unusableInput } from "./flags.server.ts";

const TAG_TASKS: readonly TaskName[] = ["list_conversion_tags", "get_conversion_tag"];

/**
 * The input of a task. Tags are asked for by flags alone as well.
 *
 * @throws CommandError
 */
export async function readInput(
  task: TaskName,
  { input: source, format }: TaskFlags,
  stdin: () => AsyncIterable<Uint8Array>,
): Promise<RawInput> {
  if (source !== undefined) {
    const text = await readInputText(source, stdin);
    return parseInput(task, { source, text, format });
  }
  if (TAG_TASKS.includes(task)) return { value: {}, broken: new Map(), lines: [] };
  throw unusableInput([{ path: "--input", message: "is missing: name a file, or - for stdin" }]);
}

interface InputSource {
  /** The value of `--input`. */
  source: string;
  text: string;
  /** The value of `--format`. */
  format: InputFormat | undefined;
}

const WORDS: FileWords = {
  nameJsonLines: "add --format jsonl",
  nameFormat: "name the file's real format with --format",
  saidElsewhere: {
    accessToken: "use --token-env",
    adAccountId: "use --ad-account",
    demoMode: "use --demo",
    test: "use --test",
    waitSeconds: "use --wait",
  },
};

/** @throws CommandError */
export async function parseInput(task: TaskName, source: InputSource): Promise<RawInput> {
  return asCommand(() =>
    task === "send_batch_events"
      ? parseBatchFile({ ...source, name: source.source }, WORDS)
      : parseSingle(task, source),
  );
}

async function parseSingle(
  task: TaskName,
  { source, text, format = formatByName(source) }: InputSource,
): Promise<RawInput> {
  const isList = text.trimStart().startsWith("[");
  if (!isList && (format === undefined || format === "json")) return parseJsonInput(text, WORDS);
  throw unreadableFile(
    `The input is a list, and ${task} takes one JSON object.`,
    "Lists are for `pinrelay send_batch_events`.",
  );
}

/** Ends the command for a file that cannot be read. */
async function asCommand<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw error instanceof UnreadableFileError ? new CommandError(error.failure, 2) : error;
  }
}

/** 10,000 events with every key filled take about half of it. */
const MAX_BYTES = 16 * 1024 * 1024;

const FAULTS = {
  ENOENT: "is not there",
  EISDIR: "is a folder",
  EACCES: "may not be read by this user",
  ENOTDIR: "is not there",
};

/**
 * The text of a file, or of stdin for `-`, without a byte order mark.
 *
 * @throws CommandError
 */
function readInputText(source: string, stdin: () => AsyncIterable<Uint8Array>): Promise<string> {
  const name = source === "-" ? "What came on stdin" : source;
  return asCommand(async () => {
    const bytes = await readBytes(name, source === "-" ? stdin() : createReadStream(source));
    return decodeText(name, bytes);
  });
}

async function readBytes(name: string, stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of stream) {
      size += chunk.length;
      if (size > MAX_BYTES) break;
      chunks.push(chunk);
    }
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    const action = "Check the path after --input; `--input -` reads stdin.";
    throw unreadableFile(`${name} ${lookUp(FAULTS, code) ?? `cannot be read (${code})`}.`, action);
  }
  if (size <= MAX_BYTES) return Buffer.concat(chunks);
  throw unreadableFile(
    `${name} is larger than ${MAX_BYTES / 1024 / 1024} MiB.`,
    "Split it: the same event in two files is still one event.",
  );
}
