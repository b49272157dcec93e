import { stringify } from "csv-stringify/sync";

/**
 * Before whatever a spreadsheet takes for a formula, at the start of a cell and after each
 * character that some country's spreadsheet splits at: quotes do not hold where another separator
 * is meant.
 */
const FORMULA = /(?<=^|[;,\t|\r\n])[ "]*(?=[=+\-@\uff1d\uff0b\uff0d\uff20\t\r])/g;

/** The first line: names of ours, which need no quotes. */
export function csvHeader(names: readonly string[]): string {
  return `${names.join(",")}\r\n`;
}

/**
 * A line of a CSV file (RFC 4180), with its end. An order's name or Pinterest's words stay text.
 */
export function csvLine(cells: readonly (string | number | null)[]): string {
  const safe = cells.map((cell) =>
    typeof cell === "string" ? cell.replace(FORMULA, "'$&") : cell,
  );
  return stringify([safe], { quoted_string: true, record_delimiter: "windows" });
}

/** Most rows of one file. */
export const EXPORT_LIMIT = 50_000;

/** A file that is written while it is read: what was handed out is not in memory any more. */
export function csvResponse(lines: AsyncGenerator<string>): Response {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      let part = await lines.next();
      // The stream pulls again only after it received something.
      while (!part.done && part.value === "") part = await lines.next();
      if (part.done) controller.close();
      else controller.enqueue(encoder.encode(part.value));
    },
    async cancel() {
      await lines.return(undefined);
    },
  });
  return new Response(body, {
    headers: { "Content-Type": "text/csv; charset=utf-8", "Cache-Control": "no-store" },
  });
}
