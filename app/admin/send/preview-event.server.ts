import {
  doorShop,
  nowSeconds,
  type SendMerchant,
  type SendServices,
} from "#app/admin/shell/send-merchant.server.ts";
import { runShopTask } from "#app/tasks/shop/run-shop-task.server.ts";
import type { TaskRequest } from "#app/tasks/task-request.server.ts";
import { describeAge } from "./describe-age.server.ts";
import { type EventForm, readForm } from "./read-form.server.ts";
import type { PreviewView } from "./view.ts";

/** The exact body that would be sent, made by the way that sends it, in demo mode: nothing leaves. */
export async function previewEvent(
  services: SendServices,
  merchant: SendMerchant,
  form: EventForm,
): Promise<PreviewView> {
  const read = await readForm(form, { shop: merchant.shop, nowSeconds: nowSeconds() });
  if (!read.ok) return { body: null, faults: read.faults, isIdentified: null };
  const preview = await previewRequest(services, merchant, read.request);
  return { body: preview.body, faults: preview.faults, isIdentified: preview.isIdentified };
}

async function previewRequest(
  services: SendServices,
  merchant: SendMerchant,
  request: TaskRequest,
): Promise<PreviewView> {
  const demo = { ...request, isDemo: true, isTest: false };
  const document = await runShopTask(services, doorShop(merchant), demo);
  const [exchange] = ("requests" in document && document.requests) || [];
  const [result] = ("results" in document && document.results) || [];
  const body = exchange === undefined ? null : toJson(exchange.body);
  return {
    body,
    faults: result?.error?.code === "too_old" ? describeAge(request, merchant) : {},
    isIdentified: result?.error?.code === "no_match_key" ? false : body === null ? null : true,
  };
}

export function toJson(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
