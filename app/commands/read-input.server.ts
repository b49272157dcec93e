import { createReadStream } from "node:fs";
import { lookUp } from "#app/events/look-up.ts";
import {
  decodeText,
  formatByName,
  parseBatchFile,
  parseJsonInput,
} from "#app/tasks/files/parse-batch-file.server.ts";
import {
  type FileWords,
  type InputFormat,
  type RawInput,
  UnreadableFileError,
  unreadableFile,
} from "#app/tasks/files/raw-input.server.ts";
import type { FieldFault, TaskName } from "#app/tasks/task-document.server.ts";
import { inputError } from "#app/tasks/task-error.server.ts";
import {
  type CommandContext,
  CommandError,
  readToken,
  requireVariableName,
} from "./command.server.ts";

/** The options of a task's command, by commander's names. */
export interface TaskFlags {
  input?: string;
  format?: InputFormat;
  /** Names of environment variables: secrets are never arguments. */
  tokenEnv?: string;
  webhookSecretEnv?: string;
  shop?: string;
  adAccount?: string;
  tag?: string;
  wait?: number;
  demo?: boolean;
  test?: boolean;
}

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

/**
 * The input with what the flags say over it. An input that is no object stays as it is, and is
 * refused where all inputs are checked.
 *
 * @throws CommandError for a token that is not there, and for two that are.
 */
export function applyFlags(context: CommandContext, input: unknown, flags: TaskFlags): unknown {
  if (typeof input !== "object" || input === null || Array.isArray(input)) return input;
  const given = input as Record<string, unknown>;
  const isDemo = flags.demo ?? given.demoMode === true;
  // A demo needs no token, so the variable may be missing.
  const token =
    flags.tokenEnv === undefined || isDemo ? given.accessToken : readToken(context, flags.tokenEnv);
  if (flags.shop !== undefined && token) {
    const message = "is given, and --shop sends by the shop's own token: leave out one of them";
    throw unusableInput([{ path: "accessToken", message }]);
  }
  const over = {
    accessToken: token,
    adAccountId: flags.adAccount,
    conversionTagId: flags.tag,
    waitSeconds: flags.wait,
    demoMode: flags.demo,
    test: flags.test,
  };
  const said = Object.entries(over).filter(([, value]) => value !== undefined);
  return { ...given, ...Object.fromEntries(said) };
}

/** The secret that signs what goes to `webhookUrl`; null: it goes unsigned. */
export function readWebhookSecret(
  { env }: CommandContext,
  { webhookSecretEnv: variable }: TaskFlags,
): string | null {
  if (variable === undefined) return null;
  requireVariableName("--webhook-secret-env", variable);
  const secret = env[variable]?.trim() ?? "";
  if (secret !== "") return secret;
  const message = `names ${variable}, which is not set, or empty`;
  throw unusableInput([{ path: "--webhook-secret-env", message }]);
}

/** Ends the command for keys, columns or options that are wrong. `fields` is not empty. */
export function unusableInput(fields: FieldFault[]): CommandError {
  return new CommandError(inputError(fields), 2);
}
