import { fingerprint } from "#app/mapping/fingerprint.server.ts";
import { isBlank, isRecord } from "./read-fields.server.ts";

/**
 * The id of an event that was given none: the same fields are one event, however they are ordered.
 * `fields` are as given, defaults of the batch among them.
 */
export function deriveTaskEventId(fields: Record<string, unknown>): string {
  return `task-${fingerprint(JSON.stringify(inOrder(fields)))}`;
}

/** As lists of key and value: of an object, JavaScript would move keys that are numbers. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => !isBlank(item)).map(inOrder);
  if (!isRecord(value)) return value;
  return Object.keys(value)
    .filter((key) => !isBlank(value[key]))
    .sort()
    .map((key) => [key, inOrder(value[key])]);
}
