import { isUtf8 } from "node:buffer";
import { unreadableFile } from "./unreadable-file-error.server.ts";

/**
 * The text of a file, without a byte order mark. What spreadsheets write when nobody looks is named.
 *
 * @throws UnreadableFileError
 */
export function decodeText(name: string, bytes: Buffer): string {
  if (bytes.length === 0) {
    throw unreadableFile(`${name} is empty.`, "Check that it was written to its end.");
  }
  const fault = findFault(bytes);
  if (fault !== null) throw unreadableFile(`${name} ${fault.what}.`, fault.action);
  return new TextDecoder().decode(bytes);
}

function findFault(bytes: Buffer): { what: string; action: string } | null {
  const start = bytes.subarray(0, 4).toString("latin1");
  if (start === "PK\u0003\u0004") {
    return {
      what: "is a workbook or a ZIP file",
      action: "Save the sheet as CSV (UTF-8), and give that file.",
    };
  }
  if (isUtf8(bytes)) return null;
  if (/^(\u00ff\u00fe|\u00fe\u00ff)/.test(start)) {
    return { what: "is UTF-16", action: "Save it as UTF-8, and give that file." };
  }
  return {
    what: `is not UTF-8: line ${firstBadLine(bytes)} holds a byte that has no meaning there`,
    action: "Save it as UTF-8 (in a spreadsheet: CSV UTF-8), and give that file.",
  };
}

function firstBadLine(bytes: Buffer): number {
  let start = 0;
  for (let line = 1; ; line += 1) {
    const end = bytes.indexOf(0x0a, start);
    if (end === -1 || !isUtf8(bytes.subarray(start, end))) return line;
    start = end + 1;
  }
}
