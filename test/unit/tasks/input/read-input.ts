import { createHash } from "node:crypto";
import type { ConversionEvent } from "#app/events/conversion-event.ts";
import { type ReadTask, readInSlices } from "#app/tasks/input/read-task-input.server.ts";
import type { FieldFault, TaskName } from "#app/tasks/task-document.server.ts";
import type { TaskRequest, TaskRow } from "#app/tasks/task-request.server.ts";

export const NOW = Date.parse("2026-11-24T10:00:00Z") / 1_000;

/** Hash of `jane.doe@example.com`. */
export const HASH = "86e0b9e56c17cc4d12387e1949b85053fbe73bc3ce5a1188713a9d300cc6133d";

export const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** As the app reads it, without giving others their turn in between. */
export function readInput(input: unknown, task?: TaskName): ReadTask {
  const reader = readInSlices(input, { nowSeconds: NOW, ...(task && { task }) });
  for (;;) {
    const step = reader.next();
    if (step.done) return step.value;
  }
}

export function requestOf(input: unknown, task?: TaskName): TaskRequest {
  const read = readInput(input, task);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.request;
}

/** By path, what is wrong; empty for an input that is right in every row. */
export function faultsOf(input: unknown, task?: TaskName): Record<string, string> {
  const read = readInput(input, task);
  if (!read.ok) return byPath(read.error.fields ?? []);
  return byPath(read.request.rows.flatMap((row) => rowFaults(row)));
}

export function rowFaults(row: TaskRow | undefined): FieldFault[] {
  return row?.kind === "faulty" ? (row.error.fields ?? []) : [];
}

/** The event that this input becomes. */
export function eventOf(input: Record<string, unknown>): ConversionEvent {
  return eventOfRow(requestOf(input).rows[0]);
}

export function eventOfRow(row: TaskRow | undefined): ConversionEvent {
  if (row?.kind !== "event") throw new Error(JSON.stringify(row));
  return row.event;
}

function byPath(faults: FieldFault[]): Record<string, string> {
  return Object.fromEntries(faults.map(({ path, message }) => [path, message]));
}
