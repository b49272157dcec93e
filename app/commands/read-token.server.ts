import { type CommandContext, CommandError } from "./command.server.ts";

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

/** What is no name may be the secret itself, by a slip, and is not repeated. */
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
