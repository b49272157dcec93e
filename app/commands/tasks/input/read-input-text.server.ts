import { createReadStream } from "node:fs";
import { lookUp } from "#app/events/look-up.ts";
import { decodeText } from "#app/tasks/files/parse-batch-file.server.ts";
import { unreadableFile } from "#app/tasks/files/unreadable-file-error.server.ts";
import { asCommand } from "./parse-input.server.ts";

/** 10,000 events with every key filled take about half of it. */
const MAX_BYTES = 16 * 1024 * 1024;

const FAULTS = {
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
export function readInputText(
  source: string,
  stdin: () => AsyncIterable<Uint8Array>,
): Promise<string> {
  const name = source === "-" ? "What came on stdin" : source;
  return asCommand(async () => {
    const bytes = await readBytes(name, source === "-" ? stdin() : createReadStream(source));
    return decodeText(name, bytes);
  });
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
    throw unreadableFile(`${name} ${lookUp(FAULTS, code) ?? `cannot be read (${code})`}.`, action);
  }
  if (size <= MAX_BYTES) return Buffer.concat(chunks);
  throw unreadableFile(
    `${name} is larger than ${MAX_BYTES / 1024 / 1024} MiB.`,
    "Split it: the same event in two files is still one event.",
  );
}
