import type { NoticeWords } from "#app/events/notices/notice.ts";
import type { RunServices } from "#app/runs/store-run.server.ts";
import type { ShopTaskServices } from "#app/tasks/shop/run-shop-task.server.ts";
import { type CheckedFileView, checkFile } from "./check-file.server.ts";
import { type OrderCheckResult, startDailyCheck, startOrderCheck } from "./check-orders.server.ts";
import { sendFileTexts } from "./file-texts.ts";
import type { EventForm } from "./read-form.server.ts";
import { type FileReportView, startFileRun, tryFile } from "./send-file.server.ts";
import { SEND_FIELDS, SEND_MODES, type SendFields, type SendMode } from "./send-form.ts";
import {
  type OneEventResult,
  type PreviewView,
  previewEvent,
  type ReportView,
  type SendMerchant,
  sendOneEvent,
} from "./send-one-event.server.ts";
import {
  type OrderResult,
  type OrderView,
  sendPastOrder,
  showPastOrder,
} from "./send-past-order.server.ts";

/** What each request of the page is answered. `lost`: there was no answer. */
export type SendAnswer =
  | { intent: "preview" | "check"; preview: PreviewView }
  | ({ intent: "send" } & OneEventResult)
  | { intent: "check-file"; problem: NoticeWords }
  | { intent: "check-file"; problem: null; check: CheckedFileView }
  | { intent: "send-file"; problem: NoticeWords }
  | { intent: "send-file"; problem: null; report: FileReportView | null; runUrl: string | null }
  | { intent: "show-order" | "send-order"; fault: string }
  | {
      intent: "show-order" | "send-order";
      fault: null;
      mode: SendMode;
      view: OrderView;
      report: ReportView | null;
    }
  | ({ intent: "check-orders" | "check-daily" } & OrderCheckResult)
  | { intent: "lost" };

type FormServices = ShopTaskServices & RunServices;

/** Answers the forms of the page "Send events". Only what is sent live is stored. */
export async function answerSendForm(
  services: FormServices,
  merchant: SendMerchant,
  data: FormData,
): Promise<SendAnswer> {
  const intent = parseText(data, "intent");
  const mode = parseMode(data);
  switch (intent) {
    case "check-file": {
      const file = parseFile(data);
      if (file === null) return { intent, problem: NO_FILE };
      const check = await checkFile(services, merchant, file);
      return check.ok ? { intent, problem: null, check } : { intent, problem: check.problem };
    }
    case "send-file":
      return { intent, ...(await sendFile(services, merchant, data, mode)) };
    case "send":
      return { intent, ...(await sendOneEvent(services, merchant, parseEvent(data), mode)) };
    case "show-order":
      return {
        intent,
        ...orderAnswer(await showPastOrder(services, merchant, parseText(data, "order"))),
      };
    case "send-order": {
      const sent = await sendPastOrder(services, merchant, parseText(data, "order"), mode);
      return { intent, ...orderAnswer(sent) };
    }
    case "check-orders": {
      const [since, token] = [parseText(data, "since"), parseText(data, "token")];
      // An unknown value becomes the one that sends nothing.
      const isDry = parseText(data, "way") !== "send";
      return { intent, ...(await startOrderCheck(services, merchant, { since, isDry, token })) };
    }
    // As Home asks for it.
    case "check-daily":
      return { intent, ...(await startDailyCheck(services, merchant)) };
    default: {
      const preview = await previewEvent(services, merchant, parseEvent(data));
      return { intent: intent === "check" ? ("check" as const) : ("preview" as const), preview };
    }
  }
}

async function sendFile(
  services: FormServices,
  merchant: SendMerchant,
  data: FormData,
  mode: SendMode,
) {
  const file = parseFile(data);
  if (file === null) return { problem: NO_FILE };
  if (mode === "live") {
    const started = await startFileRun(services, merchant, file, parseText(data, "token"));
    if (!started.ok) return { problem: started.problem };
    return { problem: null, report: null, runUrl: `/app/send/runs/${started.runId}` };
  }
  const tried = await tryFile(services, merchant, file, mode);
  return tried.ok
    ? { problem: null, report: tried.report, runUrl: null }
    : { problem: tried.problem };
}

function orderAnswer(result: OrderResult) {
  if (!result.ok) return { fault: result.fault };
  const { mode, view, report } = result;
  return { fault: null, mode, view, report };
}

const { unreadable } = sendFileTexts;
const NO_FILE: NoticeWords = {
  title: unreadable.title,
  cause: unreadable.noFile,
  nextStep: unreadable.noFileFix,
};

/** Parses the mode; an unknown one becomes demo, which sends nothing. */
function parseMode(data: FormData): SendMode {
  return SEND_MODES.find((mode) => mode === data.get("mode")) ?? "demo";
}

function parseEvent(data: FormData): EventForm {
  const fields: SendFields = {};
  for (const field of SEND_FIELDS) {
    const value = parseText(data, field);
    if (value !== "") fields[field] = value;
  }
  return { fields, eventId: parseText(data, "formId") };
}

function parseText(data: FormData, name: string): string {
  const value = data.get(name);
  return typeof value === "string" ? value : "";
}

function parseFile(data: FormData): File | null {
  const file = data.get("file");
  return file instanceof File ? file : null;
}
