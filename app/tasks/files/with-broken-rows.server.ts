import type { TaskRow } from "#app/tasks/task-request.server.ts";
import type { RawInput } from "./raw-input.server.ts";

/** What could not be taken apart is no event, whatever stands in its place. */
export function withBrokenRows(rows: TaskRow[], { broken }: Pick<RawInput, "broken">): TaskRow[] {
  return rows.map((row) => {
    const error = broken.get(row.index);
    return error === undefined ? row : { index: row.index, kind: "faulty", eventName: null, error };
  });
}
