import { toJson } from "#app/tasks/admin/preview-event.server.ts";
import { nowSeconds, type SendMerchant } from "#app/tasks/admin/send-merchant.server.ts";
import { say } from "#app/texts/say.ts";
import { sendFileTexts } from "#app/texts/send-file.ts";
import { cutRows } from "./cut-rows.server.ts";
import { describeFaults, type RowFault } from "./describe-faults.server.ts";
import { type Batch, type FileProblem, readBatch } from "./read-batch.server.ts";

export type FileCheck = { ok: false; problem: FileProblem } | ({ ok: true } & CheckedFile);

export interface CheckedFile {
  /** `962 ready, 38 need changes` */
  title: string;
  text: string;
  ready: number;
  unfit: number;
  faults: RowFault[];
  /** Said where there are more than are shown. */
  moreFaults: string | null;
  /** The rows that need changes, as a file of the same kind; null: there are none. */
  download: { label: string; name: string; text: string } | null;
  /** The start of the first request; null: no row is ready. */
  firstBody: string | null;
}

/** More than a person reads, and few enough for a page. */
const MOST_SHOWN = 200;
const EVENTS_SHOWN = 2;

/** Checks all rows of a file as sending would, and sends and stores nothing. */
export async function checkFile({ shop }: SendMerchant, file: File): Promise<FileCheck> {
  const { currency } = shop;
  const read = await readBatch(file, { currency, nowSeconds: nowSeconds() });
  return read.ok ? { ok: true, ...describeBatch(read.batch) } : read;
}

function describeBatch(batch: Batch): CheckedFile {
  const { outgoing, skipped } = batch.sorted;
  const [ready, unfit, total] = [outgoing.length, skipped.length, batch.rows.length];
  const faults = describeFaults(batch, skipped);
  const { checked: texts } = sendFileTexts;
  const indexes = skipped.map(({ index }) => index).sort((a, b) => a - b);
  return {
    title: say(unfit === 0 ? texts.allReady : texts.title, { ready, unfit }),
    text: say(texts.text, { total, file: batch.name }),
    ready,
    unfit,
    faults: faults.slice(0, MOST_SHOWN),
    moreFaults: faults.length > MOST_SHOWN ? say(texts.more, { shown: MOST_SHOWN, unfit }) : null,
    download:
      unfit === 0 ? null : { label: say(texts.download, { unfit }), ...cutRows(batch, indexes) },
    firstBody:
      ready === 0
        ? null
        : toJson({ data: outgoing.slice(0, EVENTS_SHOWN).map((row) => row.event) }),
  };
}
