import { isRecord } from "#app/tasks/input/read-fields.server.ts";
import type { Batch } from "./read-batch.server.ts";

/** Some rows of a file, by index and in order, as a file of the same kind: to be mended and sent again. */
export function cutRows(
  batch: Pick<Batch, "format" | "text" | "lines" | "value" | "name">,
  wanted: readonly number[],
): { name: string; text: string } {
  const name = batch.name.replace(/(\.\w+)?$/, "-to-change$1");
  if (batch.format === "json") return { name, text: cutItems(batch.value, wanted) };
  const lines = batch.text.replace(/\r\n?/g, "\n").split("\n");
  const [first = 1] = batch.lines;
  const header = batch.format === "csv" ? lines.slice(0, first - 1) : [];
  const rows = wanted.flatMap((index) => {
    const start = (batch.lines.at(index) ?? 1) - 1;
    const next = batch.lines[index + 1];
    return lines.slice(start, next === undefined ? lines.length : next - 1);
  });
  return { name, text: `${[...header, ...rows].join("\n").trimEnd()}\n` };
}

function cutItems(value: unknown, wanted: readonly number[]): string {
  const events = isRecord(value) && Array.isArray(value.events) ? value.events : [];
  return `${JSON.stringify(
    wanted.map((index) => events[index]),
    null,
    2,
  )}\n`;
}
