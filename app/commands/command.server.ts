import type { CommanderError } from "commander";
import type { TaskName } from "#app/tasks/task-document.server.ts";

/** The parts of the process that a command uses. */
export interface CommandContext {
  env: Record<string, string | undefined>;
}

/** The output of a command, and its exit code. */
export interface CommandResult {
  /** The one document on stdout with `--json`. */
  json: object;
  /** The text that a person reads instead of the JSON. */
  text: string;
  /** The text for a person on stderr. */
  complaint?: string;
  /** 1: it was done, but not what was asked for came of it; 2: the caller can mend the input. */
  exitCode?: 0 | 1 | 2;
}

export interface Failure {
  /** The code as in docs/tasks.md: `invalid_input`, `missing_token`, `not_found`, … */
  code: string;
  message: string;
  /** The next step. */
  action: string;
  fields?: { path: string; message: string }[];
}

/** Ends a command; 2 is for what the caller can mend by calling differently. */
export class CommandError extends Error {
  override name = "CommandError";
  failure: Failure;
  exitCode: 1 | 2;
  constructor(failure: Failure, exitCode: 1 | 2) {
    super(failure.message);
    this.failure = failure;
    this.exitCode = exitCode;
  }
}

/** Tokens come by the environment alone: arguments stand in `ps` and in the shell's history. */
export function readToken({ env }: CommandContext, variable: string): string {
  requireVariableName("--token-env", variable);
  const token = env[variable]?.trim() ?? "";
  if (token === "") {
    throw new CommandError(
      {
        code: "missing_token",
        message: `The environment variable ${variable} is not set, or empty.`,
        action: `Put the Pinterest access token into ${variable} and name the variable with --token-env.`,
      },
      2,
    );
  }
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new CommandError(
    {
      code: "invalid_input",
      message: `What ${variable} holds is not a token: it has spaces or special characters.`,
      action: "Copy the token once more, alone and on one line.",
      fields: [{ path: "--token-env", message: `names ${variable}, which holds no token` }],
    },
    2,
  );
}

/**
 * A text that is not a variable's name may be the secret itself, by mistake, so it is not repeated.
 */
export function requireVariableName(flag: string, variable: string): void {
  if (/^[A-Z_][A-Z0-9_]{0,99}$/.test(variable)) return;
  const message = "must be the name of an environment variable, such as PINTEREST_TOKEN";
  throw new CommandError(
    {
      code: "invalid_input",
      message: `What follows ${flag} ${message}.`,
      action: "Put the secret into a variable, and give the variable's name.",
      fields: [{ path: flag, message }],
    },
    2,
  );
}

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
