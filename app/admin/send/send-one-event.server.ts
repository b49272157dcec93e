import { randomUUID } from "node:crypto";
import {
  doorShop,
  nowSeconds,
  type SendMerchant,
  type SendServices,
} from "#app/admin/shell/send-merchant.server.ts";
import { readConnection } from "#app/shops/connection/read-connection.server.ts";
import { runShopTask } from "#app/tasks/shop/run-shop-task.server.ts";
import type { TaskDocument } from "#app/tasks/task-document.server.ts";
import { describeAge } from "./describe-age.server.ts";
import { describeResult } from "./describe-result.server.ts";
import { toJson } from "./preview-event.server.ts";
import { type EventForm, readForm } from "./read-form.server.ts";
import type { SendFaults, SendMode } from "./send-form.ts";
import type { ReportView } from "./view.ts";

export type OneEventResult = { mode: SendMode; faults: SendFaults } & (
  | { report: null }
  | { report: ReportView }
);

/** Sends the event of a form, once however often the form is posted: its id is the form's. */
export async function sendOneEvent(
  services: SendServices,
  merchant: SendMerchant,
  form: EventForm,
  mode: SendMode,
): Promise<OneEventResult> {
  const read = await readForm(form, { shop: merchant.shop, nowSeconds: nowSeconds() });
  if (!read.ok) return { mode, faults: read.faults, report: null };
  const request = { ...read.request, isDemo: mode === "demo", isTest: mode === "test" };
  const adAccountId = mode === "demo" ? await connectedAccount(services, merchant) : null;
  const document = await runShopTask(services, doorShop(merchant), { ...request, adAccountId });
  if (isTooOld(document)) return { mode, faults: describeAge(request, merchant), report: null };
  return { mode, faults: {}, report: reportOn(document, mode) };
}

/** So that a demo shows the shop's own address of Pinterest. */
export async function connectedAccount(
  services: SendServices,
  { shop }: SendMerchant,
): Promise<string | null> {
  return (await readConnection(services, shop))?.adAccountId ?? null;
}

function isTooOld(document: TaskDocument): boolean {
  return "results" in document && document.results[0]?.error?.code === "too_old";
}

export function reportOn(document: TaskDocument, mode: SendMode): ReportView {
  const [result] = "results" in document ? document.results : [];
  const [exchange] = ("requests" in document && document.requests) || [];
  const sent = result?.event ?? null;
  return {
    ...describeResult(document, mode),
    body: exchange ? toJson(exchange.body) : sent && toJson({ data: [sent] }),
    sampleAnswer: exchange ? toJson(exchange.answer.body) : null,
    eventId: result?.event_id ?? null,
    isStored: mode === "live" && result !== undefined,
    nextEventId: makeEventId(),
  };
}

/** As the ids that the other doors make: `task-` and 32 hexadecimal digits. */
export function makeEventId(): string {
  return `task-${randomUUID().replaceAll("-", "")}`;
}
