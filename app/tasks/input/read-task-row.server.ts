import type { GivenEvent } from "#app/events/given-event.ts";
import { UnfitEventError } from "#app/mapping/check-event.server.ts";
import { mapGivenEvent } from "#app/mapping/map-given-event.server.ts";
import { fingerprint } from "#app/mapping/person/hash-values.server.ts";
import type { FieldFault } from "#app/tasks/task-document.server.ts";
import { inputError } from "#app/tasks/task-error.server.ts";
import type { GivenRow, TaskRow } from "#app/tasks/task-request.server.ts";
import { eventInput } from "./event-input.server.ts";
import { isBlank, isRecord, presentFields, readFields } from "./read-fields.server.ts";
import { readGivenEvent } from "./read-given-event.server.ts";

/** Faults of one event that are named: enough to mend it, and no flood for a hostile one. */
export const MOST_FAULTS = 20;

const NO_OBJECT: FieldFault = {
  path: "row",
  message: "must be an object with the keys of an event",
};

interface RowContext {
  /** The keys beside the list, from `presentFields`. */
  defaults: Record<string, unknown>;
  nowSeconds: number;
  /** Faults that are named. */
  mostFaults: number;
}

/** One event of a batch. */
export function readTaskRow(
  item: unknown,
  index: number,
  { defaults, nowSeconds, mostFaults }: RowContext,
): TaskRow {
  if (!isRecord(item)) return faultyRow(index, null, [NO_OBJECT]);
  const fields = withDefaults(presentFields(eventInput, item), defaults);
  const read = readEvent(fields, nowSeconds);
  if (!read.ok) return faultyRow(index, read.eventName, read.faults.slice(0, mostFaults));
  const row = mapRow(read.given, read.eventId, nowSeconds);
  return "path" in row
    ? faultyRow(index, read.given.name, [row])
    : { index, kind: "event", ...row };
}

/** One event as it was given, before it becomes what is sent. */
type ReadEvent =
  | { ok: true; given: GivenEvent; eventId: string }
  | { ok: false; eventName: string | null; faults: FieldFault[] };

/** `fields` is of `presentFields`. */
export function readEvent(fields: Record<string, unknown>, nowSeconds: number): ReadEvent {
  const sound = readFields(eventInput, fields);
  const { faultyKeys } = sound;
  const read = readGivenEvent(sound.fields, { nowSeconds, faultyKeys });
  const faults = [...sound.faults, ...read.faults];
  if (faults.length > 0) {
    return { ok: false, eventName: faultyKeys.has("eventName") ? null : read.given.name, faults };
  }
  const eventId = sound.fields.eventId ?? deriveTaskEventId(fields);
  return { ok: true, given: read.given, eventId };
}

/** One row that the reader let pass and Pinterest would not must not take the others with it. */
function mapRow(given: GivenEvent, eventId: string, nowSeconds: number): GivenRow | FieldFault {
  try {
    const row = mapGivenEvent(given, eventId, nowSeconds);
    return { ...row, bytes: Buffer.byteLength(JSON.stringify(row.event)) };
  } catch (error) {
    if (!(error instanceof UnfitEventError)) throw error;
    return { path: "event", message: `is ${error.message}` };
  }
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
  return { index, kind: "faulty", eventName, error: inputError(faults) };
}

/**
 * The id of an event that was given none: the same fields are one event, however they are ordered.
 * `fields` are as given, defaults of the batch among them.
 */
function deriveTaskEventId(fields: Record<string, unknown>): string {
  return `task-${fingerprint(JSON.stringify(inOrder(fields)))}`;
}

/** Lists of key and value keep their order: an object would move keys that are numbers. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => !isBlank(item)).map(inOrder);
  if (!isRecord(value)) return value;
  return Object.keys(value)
    .filter((key) => !isBlank(value[key]))
    .sort()
    .map((key) => [key, inOrder(value[key])]);
}
