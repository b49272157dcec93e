import { nowSeconds, type SendMerchant } from "#app/admin/shell/send-merchant.server.ts";
import { startSendRun } from "#app/runs/start-send-run.server.ts";
import type { RunServices } from "#app/runs/store-run.server.ts";
import type { ShopTaskServices } from "#app/tasks/shop/run-shop-task.server.ts";
import { openFaultDescriber } from "./describe-faults.server.ts";
import { sendFileTexts } from "./file-texts.ts";
import { type Batch, readBatch } from "./read-batch.server.ts";
import { connectedAccount } from "./send-one-event.server.ts";
import { sendTexts } from "./texts.ts";
import type { ProblemView } from "./view.ts";

export type StartedRun = { ok: true; runId: string } | { ok: false; problem: ProblemView };

const { result: texts } = sendFileTexts;

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
  const describe = openFaultDescriber(batch);
  return batch.sorted.skipped.map((result) => ({
    place: result.index,
    eventName: result.event_name,
    why: describe(result)
      .map(({ column, problem, fix }) => `${column}: ${problem}. ${fix}`)
      .join(" "),
  }));
}

function refuse(cause: string): StartedRun {
  return { ok: false, problem: { title: texts.failed, cause, fix: "" } };
}
