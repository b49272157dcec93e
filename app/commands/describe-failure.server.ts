import type { CommanderError } from "commander";
import type { TaskName } from "#app/tasks/task-document.server.ts";
import type { CommandResult, Failure } from "./command.server.ts";

export const HINT = "`pinrelay --help` and `--help` after a command say what it takes.";

/** A stray word of the command line may be a token, by a slip: it is not repeated. */
export function withoutValues(text: string): string {
  return text
    .replace(/(--[a-z-]+)=[^'\s]+/g, "$1=…")
    .replace(/(but got \d+): .*/, "$1.")
    .replace(/pin[ar][_.]\S+/gi, "…");
}

/** Errors are told apart by their fields: their classes are loaded with the commands alone. */
export function describeFailure(
  error: Error & { code?: string; failure?: Failure; exitCode?: 1 | 2 },
  task: TaskName | undefined,
): CommandResult {
  const { message, code, failure, exitCode = 1 } = error;
  if (failure !== undefined) return failed(task, failure, exitCode);
  if (code === "bad_environment") {
    const action = "Set these variables as where the app runs.";
    const fields = [{ path: "environment", message }];
    if (task === undefined) return failed(task, { code, message, action }, 1);
    return failed(task, { code: "invalid_input", message, action, fields }, 2);
  }
  if (code === "unknown_key" || code === "does_not_open") {
    const action = "Set ENCRYPTION_KEYS as where the app runs.";
    return failed(task, { code: "wrong_keys", message, action }, 1);
  }
  if (code === "unknown_shop") {
    const action = "Install the app in the shop first.";
    return failed(task, { code: "not_found", message, action }, 1);
  }
  const action = "Run `pinrelay doctor`. If that finds nothing, this is a fault of Pinrelay.";
  return failed(task, { code: "failed", message: message || String(code), action }, 1);
}

/** Commander itself tells a person what is wrong: what is left is the document. */
export function describeMisuse(
  { code, message: said }: CommanderError,
  task: TaskName | undefined,
): CommandResult {
  const message = withoutValues(said.replace(/^error: /, ""));
  if (task === undefined && code !== "commander.invalidArgument") {
    return misused(task, { code: "usage", message, action: HINT });
  }
  const path = /--[a-z][a-z-]*/.exec(message)?.[0] ?? "arguments";
  const fields = [{ path, message }];
  return misused(task, { code: "invalid_input", message, action: HINT, fields });
}

function failed(task: TaskName | undefined, error: Failure, exitCode: 1 | 2): CommandResult {
  return { ...misused(task, error), complaint: `${error.message}\n${error.action}`, exitCode };
}

function misused(task: TaskName | undefined, error: Failure): CommandResult {
  return { json: { ...(task !== undefined && { task }), ok: false, error }, text: "", exitCode: 2 };
}
