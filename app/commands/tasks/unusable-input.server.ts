import { CommandError } from "#app/commands/command.server.ts";
import type { FieldFault } from "#app/tasks/task-document.server.ts";
import { inputError } from "#app/tasks/task-error.server.ts";

/** Ends the command for keys, columns or options that are wrong. `fields` is not empty. */
export function unusableInput(fields: FieldFault[]): CommandError {
  return new CommandError(inputError(fields), 2);
}
