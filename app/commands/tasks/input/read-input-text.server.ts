import { isUtf8 } from "node:buffer";
import { createReadStream } from "node:fs";
import { unreadableInput } from "./unreadable-input.server.ts";

/** 10,000 events with every key filled take about half of it. */
const MAX_BYTES = 16 * 1024 * 1024;

const FAULTS: Partial<Record<string, string>> = {
  ENOENT: "is not there",
  EISDIR: "is a folder",
  EACCES: "may not be read by this user",
  ENOTDIR: "is not there",
};

/**
 * The text of a file, or of stdin for `-`, without a byte order mark.
 *
 * @throws CommandError
 */
export async function readInputText(
  source: string,
  stdin: () => AsyncIterable<Uint8Array>,
): Promise<string> {
  const name = source === "-" ? "What came on stdin" : source;
  const bytes = await readBytes(name, source === "-" ? stdin() : createReadStream(source));
  if (bytes.length === 0) {
    throw unreadableInput(`${name} is empty.`, "Check that it was written to its end.");
  }
  const fault = findFault(bytes);
  if (fault !== null) throw unreadableInput(`${name} ${fault.what}.`, fault.action);
  return new TextDecoder().decode(bytes);
}

async function readBytes(name: string, stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of stream) {
      size += chunk.length;
      if (size > MAX_BYTES) break;
      chunks.push(chunk);
    }
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    const action = "Check the path after --input; `--input -` reads stdin.";
    throw unreadableInput(`${name} ${FAULTS[code] ?? `cannot be read (${code})`}.`, action);
  }
  if (size <= MAX_BYTES) return Buffer.concat(chunks);
  throw unreadableInput(
    `${name} is larger than ${MAX_BYTES / 1024 / 1024} MiB.`,
    "Split it: the same event in two files is still one event.",
  );
}

/** What spreadsheets write when nobody looks is named. */
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
