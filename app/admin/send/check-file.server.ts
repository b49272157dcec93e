import { say } from "#app/admin/shell/format/say.ts";
import {
  nowSeconds,
  type SendMerchant,
  type SendServices,
} from "#app/admin/shell/send-merchant.server.ts";
import { cutRows } from "./cut-rows.server.ts";
import { describeFaults } from "./describe-faults.server.ts";
import { sendFileTexts } from "./file-texts.ts";
import { toJson } from "./preview-event.server.ts";
import { type Batch, readBatch } from "./read-batch.server.ts";
import { MOST_TESTED_ROWS } from "./send-form.ts";
import { connectedAccount } from "./send-one-event.server.ts";
import type { CheckedFileView, ProblemView } from "./view.ts";

export type FileCheck = { ok: false; problem: ProblemView } | ({ ok: true } & CheckedFileView);

/** More than a person reads, and few enough for a page. */
const MOST_SHOWN = 200;
const EVENTS_SHOWN = 2;

/** Checks all rows of a file as sending would, and sends and stores nothing. */
export async function checkFile(
  services: SendServices,
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
    demo: say(send.demo, values),
    test: say(send.test, { n: Math.min(values.n, MOST_TESTED_ROWS) }),
    live: say(send.live, values),
    askTitle: say(ask.title, values),
    askText: say(ask.text, values).trim(),
    confirm: say(ask.confirm, values),
  };
}

function describeBatch(batch: Batch): Omit<CheckedFileView, "words"> {
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
