import type { NoticeWords } from "#app/events/notices/notice.ts";
import { decodeText, parseBatchFile } from "#app/tasks/files/parse-batch-file.server.ts";
import {
  type FileWords,
  type InputFormat,
  type RawInput,
  UnreadableFileError,
} from "#app/tasks/files/raw-input.server.ts";
import { isRecord } from "#app/tasks/input/read-fields.server.ts";
import { readTaskInput } from "#app/tasks/input/read-task-input.server.ts";
import { MAX_EVENTS, TOP_KEYS } from "#app/tasks/input/task-input.server.ts";
import { sortRows } from "#app/tasks/run-task.server.ts";
import type { SortedRows, TaskRow } from "#app/tasks/task-request.server.ts";
import { sendFileTexts } from "./file-texts.ts";
import { MAX_FILE_BYTES } from "./send-form.ts";

export interface Batch extends Pick<RawInput, "value" | "lines"> {
  name: string;
  text: string;
  format: InputFormat;
  rows: TaskRow[];
  sorted: SortedRows;
  /** What a spreadsheet or an editor calls each row, by index. */
  numberOf(index: number): number;
}

/** `problem`: why no row of the file can be used. */
export type ReadBatch = { ok: true; batch: Batch } | { ok: false; problem: NoticeWords };

const { unreadable: texts } = sendFileTexts;

const WORDS: FileWords = {
  nameJsonLines: texts.nameJsonLines,
  nameFormat: texts.nameFormat,
  saidElsewhere: Object.fromEntries(
    TOP_KEYS.filter((key) => key !== "events").map((key) => [key, texts.saidElsewhere]),
  ),
};

/** All rows of a file, read and sorted as they would be for sending. Nothing is stored. */
export async function readBatch(
  file: File,
  { currency, nowSeconds }: { currency: string; nowSeconds: number },
): Promise<ReadBatch> {
  if (file.size > MAX_FILE_BYTES) return problem(texts.tooLarge, texts.tooLargeFix);
  try {
    const text = decodeText(file.name, Buffer.from(await file.arrayBuffer()));
    const raw = await parseBatchFile({ name: file.name, text }, WORDS);
    const [misplaced] = isRecord(raw.value) ? findMisplaced(raw.value) : [];
    if (misplaced !== undefined) return problem(`${misplaced} ${texts.misplaced}.`, "");
    const given = isRecord(raw.value) ? { currency, ...raw.value } : raw.value;
    const read = await readTaskInput(given, {
      nowSeconds,
      task: "send_batch_events",
      broken: raw.broken,
      // Rows to be corrected are cut out of the text of a CSV file.
      usesUp: raw.format === "csv",
    });
    if (!read.ok) return describeRefusal(raw.value, read.error);
    const { rows } = read.request;
    const numbers = raw.rowNumbers ?? raw.lines;
    return {
      ok: true,
      batch: {
        name: file.name,
        text,
        ...raw,
        rows,
        sorted: sortRows(rows, nowSeconds),
        numberOf: (index) => numbers.at(index) ?? index + 1,
      },
    };
  } catch (error) {
    if (!(error instanceof UnreadableFileError)) throw error;
    return problem(error.failure.message, error.failure.action);
  }
}

function findMisplaced(value: Record<string, unknown>): string[] {
  return Object.keys(value).filter((key) => key !== "events" && TOP_KEYS.includes(key));
}

function describeRefusal(
  value: unknown,
  { message, action }: { message: string; action: string },
): ReadBatch {
  const events = isRecord(value) ? value.events : undefined;
  const count = Array.isArray(events) ? events.length : null;
  if (count === 0) return problem(texts.empty, texts.emptyFix);
  if (count !== null && count > MAX_EVENTS) return problem(texts.tooMany, texts.tooLargeFix);
  return problem(message, action);
}

function problem(cause: string, nextStep: string): ReadBatch {
  return { ok: false, problem: { title: texts.title, cause, nextStep } };
}
