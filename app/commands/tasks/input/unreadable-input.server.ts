import { CommandError } from "#app/commands/command.server.ts";

/**
 * Ends the command for an input that cannot be read at all. `message` says what is wrong and where,
 * and repeats nothing of the input: it may be personal.
 */
export function unreadableInput(message: string, action: string): CommandError {
  const fields = [{ path: "input", message }];
  return new CommandError({ code: "invalid_input", message, action, fields }, 2);
}
