import {
  type CommandContext,
  CommandError,
  type CommandResult,
} from "#app/commands/command.server.ts";
import { withBrokenRows } from "#app/tasks/files/raw-input.server.ts";
import { readTaskInput } from "#app/tasks/input/read-task-input.server.ts";
import type { TaskDocument, TaskError, TaskName } from "#app/tasks/task-document.server.ts";
import { toExitCode } from "#app/tasks/task-end.server.ts";
import { readInput } from "./input/read-input.server.ts";
import { describeDocument } from "./output/describe-document.server.ts";
import type { Terminal } from "./output/show-progress.server.ts";
import { type Callback, planCallback } from "./plan-callback.server.ts";
import { runRequest } from "./run-request.server.ts";
import { applyFlags, type TaskFlags } from "./task-flags.server.ts";

export interface TaskContext extends CommandContext {
  /** Streams are touched when they are needed, not before: opening stdin has a cost. */
  process: { readonly stdin: AsyncIterable<Uint8Array>; readonly stderr: Terminal };
}

/** `pinrelay send_event` and its three siblings: every failure is the task's document, too. */
export async function runTaskCommand(
  context: TaskContext,
  task: TaskName,
  flags: TaskFlags,
): Promise<CommandResult> {
  try {
    return await readAndRun(context, task, flags);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return failed(task, error.failure as TaskError, error.exitCode);
  }
}

async function readAndRun(
  context: TaskContext,
  task: TaskName,
  flags: TaskFlags,
): Promise<CommandResult> {
  const input = await readInput(task, flags, () => context.process.stdin);
  const nowSeconds = Math.floor(Date.now() / 1_000);
  const given = applyFlags(context, input.value, flags);
  const read = await readTaskInput(given, { nowSeconds, task });
  if (!read.ok) return failed(task, read.error, 2);
  const request = { ...read.request, rows: withBrokenRows(read.request.rows, input) };
  const callBack = await planCallback(context, request, flags);
  const document = await runRequest(context, request, flags.shop);
  return conclude(document, await callBack(document), input.lines);
}

function conclude(
  document: TaskDocument,
  callback: Callback | null,
  lines: readonly number[],
): CommandResult {
  const { text, complaint } = describeDocument(document, lines);
  const complaints = [complaint, callback?.text].filter((part) => part !== undefined);
  const exitCode = toExitCode(document);
  return {
    json: callback === null ? document : withCallback(document, callback),
    text,
    ...(complaints.length > 0 && { complaint: complaints.join("\n") }),
    exitCode: exitCode === 0 && callback?.isFailure ? 1 : exitCode,
  };
}

/** `ok` says of all that was asked for whether it was done. */
function withCallback(document: TaskDocument, { json, isFailure }: Callback): object {
  return { ...document, ok: document.ok && !isFailure, callback: json };
}

function failed(task: TaskName, error: TaskError, exitCode: 1 | 2): CommandResult {
  const document: TaskDocument = { task, ok: false, error };
  return { json: document, exitCode, ...describeDocument(document) };
}
