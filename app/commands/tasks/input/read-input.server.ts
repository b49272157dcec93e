import type { TaskFlags } from "#app/commands/tasks/task-flags.server.ts";
import { unusableInput } from "#app/commands/tasks/unusable-input.server.ts";
import type { RawInput } from "#app/tasks/files/raw-input.server.ts";
import type { TaskName } from "#app/tasks/task-document.server.ts";
import { parseInput } from "./parse-input.server.ts";
import { readInputText } from "./read-input-text.server.ts";

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
