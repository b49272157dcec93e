import { nowSeconds } from "#app/admin/shell/formatter.server.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { lookUp } from "#app/events/look-up.ts";
import type { Notice, NoticeWords } from "#app/events/notices/notice.ts";
import { isRecord } from "#app/tasks/input/read-fields.server.ts";
import type { ShopTaskServices } from "#app/tasks/shop/run-shop-task.server.ts";
import type { TaskResult } from "#app/tasks/task-document.server.ts";
import { sendFileTexts } from "./file-texts.ts";
import { type Batch, readBatch } from "./read-batch.server.ts";
import { MOST_TESTED_ROWS } from "./send-form.ts";
import { connectedAccount, type SendMerchant, toJson } from "./send-one-event.server.ts";

/** A fault of a row of a file. It repeats none of the row's values. */
export interface RowFault extends Pick<Notice, "title" | "nextStep"> {
  /** As in the file. */
  row: number;
  /** The column's own name, or words for the whole row. */
  column: string;
}

export interface CheckedFileView {
  /** `962 ready, 38 need changes` */
  title: string;
  text: string;
  ready: number;
  unfit: number;
  faults: RowFault[];
  /** The note where there are more faults than are shown. */
  moreFaults: string | null;
  /** The rows that need changes, as a file of the same kind; null: there are none. */
  download: { label: string; name: string; text: string } | null;
  /** The start of the first request; null: no row is ready. */
  firstBody: string | null;
  /** The buttons, and the question before the live one. */
  words: Record<"demo" | "test" | "live" | "askTitle" | "askText" | "confirm", string>;
}

export type FileCheck = { ok: false; problem: NoticeWords } | ({ ok: true } & CheckedFileView);

/** The most faults that are shown: more than a person reads, and few enough for a page. */
const MOST_SHOWN = 200;
const EVENTS_SHOWN = 2;

/** Checks all rows of a file as sending would, and sends and stores nothing. */
export async function checkFile(
  services: ShopTaskServices,
  merchant: SendMerchant,
  file: File,
): Promise<FileCheck> {
  const { currency } = merchant.shop;
  const read = await readBatch(file, { currency, nowSeconds: nowSeconds() });
  if (!read.ok) return read;
  const account = (await connectedAccount(services, merchant)) ?? "";
  const { outgoing, skipped } = read.batch.sorted;
  const words = wordsFor({ n: outgoing.length, unfit: skipped.length, account });
  return { ok: true, ...describeBatch(read.batch), words };
}

function wordsFor(values: { n: number; unfit: number; account: string }): CheckedFileView["words"] {
  const { send, ask } = sendFileTexts;
  return {
    demo: formatMessage(send.demo, values),
    test: formatMessage(send.test, { n: Math.min(values.n, MOST_TESTED_ROWS) }),
    live: formatMessage(send.live, values),
    askTitle: formatMessage(ask.title, values),
    askText: formatMessage(ask.text, values).trim(),
    confirm: formatMessage(ask.confirm, values),
  };
}

function describeBatch(batch: Batch): Omit<CheckedFileView, "words"> {
  const { outgoing, skipped } = batch.sorted;
  const [ready, unfit, total] = [outgoing.length, skipped.length, batch.rows.length];
  const faults = describeFaults(batch, skipped);
  const { checked: texts } = sendFileTexts;
  const indexes = skipped.map(({ index }) => index).sort((a, b) => a - b);
  return {
    title: formatMessage(unfit === 0 ? texts.allReady : texts.title, { ready, unfit }),
    text: formatMessage(texts.text, { total, file: batch.name }),
    ready,
    unfit,
    faults: faults.slice(0, MOST_SHOWN),
    moreFaults:
      faults.length > MOST_SHOWN ? formatMessage(texts.more, { shown: MOST_SHOWN, unfit }) : null,
    download:
      unfit === 0
        ? null
        : { label: formatMessage(texts.download, { unfit }), ...cutRows(batch, indexes) },
    firstBody:
      ready === 0
        ? null
        : toJson({ data: outgoing.slice(0, EVENTS_SHOWN).map((row) => row.event) }),
  };
}

const { problems, wholeRow } = sendFileTexts;

function describeFaults(
  batch: Pick<Batch, "numberOf" | "sorted">,
  skipped: readonly TaskResult[],
): RowFault[] {
  return [...skipped].sort((a, b) => a.index - b.index).flatMap(createFaultDescriber(batch));
}

/** Describes the faults of one row of the batch. */
export function createFaultDescriber({
  numberOf,
  sorted,
}: Pick<Batch, "numberOf" | "sorted">): (result: TaskResult) => RowFault[] {
  const firsts = new Map(
    sorted.outgoing.map(({ index, mapped }) => [toKey(mapped.eventId, mapped.kind), index]),
  );
  return ({ index, event_id, event_name, error }) => {
    const row = numberOf(index);
    switch (error?.code) {
      case "no_match_key":
        return [fault(row, "email", sendFileTexts.noIdentity, sendFileTexts.noIdentityFix)];
      case "too_old":
        return [fault(row, "eventTime", sendFileTexts.tooOld, sendFileTexts.tooOldFix)];
      case "duplicate": {
        const first = numberOf(firsts.get(toKey(event_id, event_name)) ?? 0);
        const title = formatMessage(sendFileTexts.duplicate, { row: first });
        return [fault(row, "eventId", title, sendFileTexts.duplicateFix)];
      }
      default:
        return (error?.fields ?? []).map(({ path, message }) =>
          fault(row, findColumn(path), describeProblem(path), asSentence(message)),
        );
    }
  };
}

function toKey(eventId: string | null, eventName: string | null): string {
  return `${eventName}\n${eventId}`;
}

function fault(row: number, column: string, title: string, nextStep: string): RowFault {
  return { row, column, title, nextStep };
}

function findColumn(path: string): string {
  return path === "row" || path === "event" ? wholeRow : path;
}

function describeProblem(path: string): string {
  const [key = ""] = path.split(".");
  return lookUp(problems, key) ?? sendFileTexts.otherProblem;
}

function asSentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}

/** Writes rows of a file, by index, as a file of the same kind, to be corrected and sent again. */
function cutRows(
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
