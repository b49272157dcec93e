/** Characters that would move a terminal's cursor or colour it: words of others are shown too. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g;

/** One line of text, safe for a terminal. */
export function plain(value: unknown): string {
  return value === null || value === undefined ? "-" : String(value).replace(CONTROL, " ");
}

/** Columns under their titles, left-aligned. */
export function formatTable(titles: readonly string[], rows: readonly unknown[][]): string {
  const cells = [titles, ...rows].map((row) => row.map(plain));
  const widths = titles.map((_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** `name value` lines, the values under each other. */
export function formatFields(fields: Readonly<Record<string, unknown>>): string {
  const width = Math.max(...Object.keys(fields).map((name) => name.length));
  return Object.entries(fields)
    .map(([name, value]) => `${name.padEnd(width)}  ${plain(value)}`)
    .join("\n");
}
