import { nowSeconds } from "#app/admin/shell/formatter.server.ts";
import { formatMessage } from "#app/events/format-message.ts";
import type { NoticeWords } from "#app/events/notices/notice.ts";
import { startSendRun } from "#app/runs/start-run.server.ts";
import type { RunServices } from "#app/runs/store-run.server.ts";
import { runShopTask, type ShopTaskServices } from "#app/tasks/shop/run-shop-task.server.ts";
import type { SendDocument, TaskDocument } from "#app/tasks/task-document.server.ts";
import type { TaskRequest, TaskRow } from "#app/tasks/task-request.server.ts";
import { createFaultDescriber } from "./check-file.server.ts";
import { sendFileTexts } from "./file-texts.ts";
import { type Batch, readBatch } from "./read-batch.server.ts";
import { MOST_TESTED_ROWS, type SendMode } from "./send-form.ts";
import {
  connectedAccount,
  describeResult,
  type ResultWords,
  type SendMerchant,
  toGatewayShop,
  toJson,
} from "./send-one-event.server.ts";
import { sendTexts } from "./texts.ts";

export interface FileReportView extends ResultWords {
  mode: SendMode;
  /** The start of what was sent, or would be. */
  firstBody: string | null;
  /** Rows that Pinterest would refuse, in its own words. */
  refused: { row: number; answer: string }[];
}

type FileSending = { ok: false; problem: NoticeWords } | { ok: true; report: FileReportView };

/** Pinterest allows ten test requests a second; this many tries fit into its pauses. */
const WAIT_SECONDS = 10;
const EVENTS_SHOWN = 2;
const { result: texts } = sendFileTexts;

/**
 * The rows of a file that are ready, in demo or test mode. Nothing of the file is stored. Test mode
 * takes the first of them, as many as Pinterest looks at.
 */
export async function tryFile(
  services: ShopTaskServices,
  merchant: SendMerchant,
  file: File,
  mode: "demo" | "test",
): Promise<FileSending> {
  const { currency } = merchant.shop;
  const read = await readBatch(file, { currency, nowSeconds: nowSeconds() });
  if (!read.ok) return read;
  const ready = readyRows(read.batch);
  const rows = mode === "test" ? ready.slice(0, MOST_TESTED_ROWS) : ready;
  const adAccountId = mode === "demo" ? await connectedAccount(services, merchant) : null;
  const request = {
    ...REQUEST,
    rows,
    adAccountId,
    isDemo: mode === "demo",
    isTest: mode === "test",
  };
  const document = await runShopTask(services, toGatewayShop(merchant), request);
  const report = { mode, ...reportFile(document, read.batch, rows.length < ready.length) };
  return { ok: true, report };
}

const REQUEST: Omit<TaskRequest, "rows" | "isDemo" | "isTest" | "adAccountId"> = {
  task: "send_batch_events",
  accessToken: null,
  webhookUrl: null,
  waitSeconds: WAIT_SECONDS,
  conversionTagId: null,
};

function readyRows({ rows, sorted }: Batch): TaskRow[] {
  const ready = new Set(sorted.outgoing.map(({ index }) => index));
  return rows.filter(({ index }) => ready.has(index));
}

function reportFile(
  document: TaskDocument,
  batch: Batch,
  isCut: boolean,
): Omit<FileReportView, "mode"> {
  if (!("results" in document) || document.results.length === 0 || isStopped(document)) {
    const nothing = { tone: "warning", title: texts.failed, text: texts.nothing } as const;
    const isEmpty = "results" in document && document.results.length === 0;
    const words = isEmpty ? nothing : describeResult(withoutResults(document), "live");
    return { ...words, firstBody: null, refused: [] };
  }
  const { results, requests, demo } = document;
  const ready = new Map(batch.sorted.outgoing.map(({ index, event }) => [index, event]));
  const events = results.slice(0, EVENTS_SHOWN).map(({ index }) => ready.get(index));
  const firstBody = toJson({ data: events });
  const n = results.length;
  if (demo) {
    const text = formatMessage(texts.demoText, { n, requests: requests?.length ?? 0 });
    return { tone: "info", title: texts.demo, text, firstBody, refused: [] };
  }
  const { accepted } = document.summary;
  const counts = formatMessage(texts.testText, { accepted, failed: n - accepted });
  return {
    tone: accepted === n ? "success" : "critical",
    title: formatMessage(texts.test, { n }),
    text: isCut ? `${counts} ${texts.testRest}` : counts,
    firstBody,
    refused: results.flatMap(({ index, error }) =>
      error === null ? [] : [{ row: batch.numberOf(index), answer: error.message }],
    ),
  };
}

/** Describes a request that Pinterest rejected as a whole, or did not answer. */
function isStopped(document: SendDocument): boolean {
  return document.error !== undefined && document.summary.accepted === 0;
}

function withoutResults(document: TaskDocument): TaskDocument {
  return "results" in document ? { ...document, results: [] } : document;
}

type StartedRun = { ok: true; runId: string } | { ok: false; problem: NoticeWords };

/**
 * Starts to send the rows of a file that are ready; the others are kept with why they are not sent.
 * `token`: made by the page, so that two clicks start one run; empty where it made none.
 */
export async function startFileRun(
  services: ShopTaskServices & RunServices,
  merchant: SendMerchant,
  file: File,
  token: string,
): Promise<StartedRun> {
  if ((await connectedAccount(services, merchant)) === null) {
    return refuse(sendTexts.result.notConnected);
  }
  const { currency } = merchant.shop;
  const read = await readBatch(file, { currency, nowSeconds: nowSeconds() });
  if (!read.ok) return read;
  const { batch } = read;
  const rows = batch.sorted.outgoing.map(({ index, mapped }) => ({ place: index, mapped }));
  if (rows.length === 0) return refuse(texts.nothing);
  const runId = await startSendRun(services, merchant, rows, listLeft(batch), batch.name, {
    token: token || null,
  });
  return runId === null ? refuse(texts.nothing) : { ok: true, runId: String(runId) };
}

function listLeft(batch: Batch) {
  const describe = createFaultDescriber(batch);
  return batch.sorted.skipped.map((result) => ({
    place: result.index,
    eventName: result.event_name,
    why: describe(result)
      .map(({ column, title, nextStep }) => `${column}: ${title}. ${nextStep}`)
      .join(" "),
  }));
}

function refuse(cause: string): StartedRun {
  return { ok: false, problem: { title: texts.failed, cause, nextStep: "" } };
}
