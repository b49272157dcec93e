import type { CommandContext } from "#app/commands/command.server.ts";
import { readToken, requireVariableName } from "#app/commands/read-token.server.ts";
import type { InputFormat } from "#app/tasks/files/raw-input.server.ts";
import { unusableInput } from "./unusable-input.server.ts";

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
  // A demo needs no token, so none has to be there.
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
