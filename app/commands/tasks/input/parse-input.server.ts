import { CommandError } from "#app/commands/command.server.ts";
import {
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

export interface InputSource {
  /** As after `--input`. */
  source: string;
  text: string;
  /** As after `--format`. */
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
export async function asCommand<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw error instanceof UnreadableFileError ? new CommandError(error.failure, 2) : error;
  }
}
