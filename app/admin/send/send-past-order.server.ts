import { findPastOrder } from "#app/admin/shell/find-past-order.server.ts";
import {
  doorShop,
  type SendMerchant,
  type SendServices,
} from "#app/admin/shell/send-merchant.server.ts";
import { runMapped } from "#app/tasks/run-task.server.ts";
import { openShopTask } from "#app/tasks/shop/run-shop-task.server.ts";
import type { TaskDocument } from "#app/tasks/task-document.server.ts";
import { describePastOrder, findBars } from "./describe-past-order.server.ts";
import type { SendMode } from "./send-form.ts";
import { connectedAccount, reportOn } from "./send-one-event.server.ts";
import type { OrderView, ReportView } from "./view.ts";

export type OrderResult =
  | { ok: false; fault: string }
  /** `report` is null where nothing was to be sent: the order is only shown. */
  | { ok: true; mode: SendMode; view: OrderView; report: ReportView | null };

interface OrderMerchant extends SendMerchant {
  format: SendMerchant["format"] & { money(value: string, currency: string): string };
}

const WAIT_SECONDS = 10;

/** The event that an order of the last 60 days would be today. Nothing is sent. */
export async function showPastOrder(
  services: SendServices,
  merchant: OrderMerchant,
  name: string,
): Promise<OrderResult> {
  const found = await findPastOrder(services, merchant, name);
  if (!found.ok) return found;
  const view = describePastOrder(found.past, merchant.format);
  return { ok: true, mode: "demo", view, report: null };
}

/** Sends that event, made anew: the page's may be old. Live, it is the order's own event: it counts once. */
export async function sendPastOrder(
  services: SendServices,
  merchant: OrderMerchant,
  name: string,
  mode: SendMode,
): Promise<OrderResult> {
  const found = await findPastOrder(services, merchant, name);
  if (!found.ok) return found;
  const { past } = found;
  const view = describePastOrder(past, merchant.format);
  // What is under way is waited for: a second click is told what came of the first.
  const isUnderWay = past.standing?.state === "pending" || past.standing?.state === "held";
  const bar = mode === "demo" || (mode === "live" && isUnderWay) ? null : findBars(past)[mode];
  if (bar !== null) return { ok: true, mode, view, report: null };
  const document = await runMapped(
    openShopTask(services, doorShop(merchant), WAIT_SECONDS),
    past.mapped,
    {
      isDemo: mode === "demo",
      isTest: mode === "test",
      adAccountId: mode === "demo" ? await connectedAccount(services, merchant) : null,
      waitSeconds: WAIT_SECONDS,
    },
  );
  return { ok: true, mode, view, report: document && reportOn(asDocument(document), mode) };
}

function asDocument(document: Exclude<Awaited<ReturnType<typeof runMapped>>, null>): TaskDocument {
  return "results" in document ? document : { task: "send_event", ...document };
}
