import type { ConversionEvent } from "./conversion-event.ts";

/**
 * Lists the fields of an event's payload in its order, each with its path (`custom_data.value`) and
 * its value as text; lists stay whole.
 */
export function listBodyFields(event: ConversionEvent): [path: string, value: string][] {
  return Object.entries(event).flatMap(([name, value]): [string, string][] =>
    name === "user_data" || name === "custom_data"
      ? Object.entries(value ?? {}).map(([key, inner]) => [`${name}.${key}`, toText(inner)])
      : [[name, toText(value)]],
  );
}

function toText(value: unknown): string {
  if (typeof value === "string") return value;
  const isPlainList = Array.isArray(value) && value.every((item) => typeof item === "string");
  return isPlainList ? value.join(", ") : JSON.stringify(value);
}
