import type { InputFormat } from "#app/tasks/files/raw-input.server.ts";
import type { FieldFault } from "#app/tasks/task-document.server.ts";
import { inputError } from "#app/tasks/task-error.server.ts";
import { type CommandContext, CommandError } from "./command.server.ts";

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
function requireVariableName(flag: string, variable: string): void {
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

/** Ends the command for keys, columns or options that are wrong. `fields` is not empty. */
export function unusableInput(fields: FieldFault[]): CommandError {
  return new CommandError(inputError(fields), 2);
}
