import { type CommandContext, CommandError } from "./command.server.ts";

/** Tokens come by the environment alone: arguments stand in `ps` and in the shell's history. */
export function readToken({ env }: CommandContext, variable: string): string {
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
    },
    2,
  );
}
