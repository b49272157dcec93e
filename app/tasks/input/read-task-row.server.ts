import type { FieldFault } from "#app/tasks/task-document.server.ts";
import { inputError } from "#app/tasks/task-error.server.ts";
import type { TaskRow } from "#app/tasks/task-request.server.ts";
import { deriveTaskEventId } from "./derive-task-event-id.server.ts";
import { eventInput } from "./event-input.server.ts";
import { isRecord, presentFields, readFields } from "./read-fields.server.ts";
import { readGivenEvent } from "./read-given-event.server.ts";

/** Faults of one event that are named: enough to mend it, and no flood for a hostile one. */
const MOST_FAULTS = 20;

const NO_OBJECT: FieldFault = {
  path: "row",
  message: "must be an object with the keys of an event",
};

/** One event of a batch. `defaults`: what stands beside the list, of `presentFields`. */
export function readTaskRow(
  item: unknown,
  index: number,
  { defaults, nowSeconds }: { defaults: Record<string, unknown>; nowSeconds: number },
): TaskRow {
  if (!isRecord(item)) return faultyRow(index, null, [NO_OBJECT]);
  const fields = withDefaults(presentFields(eventInput, item), defaults);
  return readRowFields(fields, index, nowSeconds);
}

/** `given` is of `presentFields`. */
export function readRowFields(
  given: Record<string, unknown>,
  index: number,
  nowSeconds: number,
): TaskRow {
  const { fields, faults, faultyKeys } = readFields(eventInput, given);
  const read = readGivenEvent(fields, { nowSeconds, faultyKeys });
  const all = [...faults, ...read.faults];
  if (all.length > 0) {
    return faultyRow(index, faultyKeys.has("eventName") ? null : read.given.name, all);
  }
  const eventId = fields.eventId ?? deriveTaskEventId(given);
  return { index, kind: "event", given: read.given, eventId };
}

/** A custom name for all is not for the events that have a standard one. */
function withDefaults(
  own: Record<string, unknown>,
  { customEventName, ...defaults }: Record<string, unknown>,
): Record<string, unknown> {
  const isStandard = own.eventName !== undefined && own.eventName !== "custom";
  const isFit = customEventName !== undefined && !isStandard;
  return { ...defaults, ...(isFit && { customEventName }), ...own };
}

function faultyRow(index: number, eventName: string | null, faults: FieldFault[]): TaskRow {
  return { index, kind: "faulty", eventName, error: inputError(faults.slice(0, MOST_FAULTS)) };
}
