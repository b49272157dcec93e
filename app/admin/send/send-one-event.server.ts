import { randomUUID } from "node:crypto";
import { nowSeconds } from "#app/admin/shell/formatter.server.ts";
import type { Merchant } from "#app/admin/shell/merchant.server.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { readConnection } from "#app/shops/connection/read-connection.server.ts";
import { runShopTask, type ShopTaskServices } from "#app/tasks/shop/run-shop-task.server.ts";
import type { RowError, TaskDocument, TaskResult } from "#app/tasks/task-document.server.ts";
import type { TaskRequest } from "#app/tasks/task-request.server.ts";
import { type EventForm, readForm } from "./read-form.server.ts";
import type { SendFaults, SendMode } from "./send-form.ts";
import { sendTexts } from "./texts.ts";

/** Who sends events by hand. */
export type SendMerchant = Pick<Merchant, "shop" | "actor" | "admin" | "format">;

/** The merchant's shop, as a task takes it. */
export function toGatewayShop({ shop, actor }: Pick<Merchant, "shop" | "actor">) {
  return { id: shop.id, domain: shop.domain, lane: shop.lane, actor };
}

export interface PreviewView {
  /** Null: there are faults. */
  body: string | null;
  faults: SendFaults;
  /** Whether Pinterest could match it to a person; null: not known, for faults. */
  isIdentified: boolean | null;
}

export interface ReportView extends ResultWords {
  /** What was sent, or would be. */
  body: string | null;
  /** The answer of demo mode. */
  sampleAnswer: string | null;
  eventId: string | null;
  /** Whether the list of events has it. */
  isStored: boolean;
  /** The id for the form's next event: this one is taken. */
  nextEventId: string;
}

export interface OneEventResult {
  mode: SendMode;
  faults: SendFaults;
  /** Null: there are faults. */
  report: ReportView | null;
}

/** Sends the event of a form, once however often the form is posted: its id is the form's. */
export async function sendOneEvent(
  services: ShopTaskServices,
  merchant: SendMerchant,
  form: EventForm,
  mode: SendMode,
): Promise<OneEventResult> {
  const read = await readForm(form, { shop: merchant.shop, nowSeconds: nowSeconds() });
  if (!read.ok) return { mode, faults: read.faults, report: null };
  const request = { ...read.request, isDemo: mode === "demo", isTest: mode === "test" };
  const adAccountId = mode === "demo" ? await connectedAccount(services, merchant) : null;
  const document = await runShopTask(services, toGatewayShop(merchant), {
    ...request,
    adAccountId,
  });
  if (isTooOld(document)) return { mode, faults: describeAge(request, merchant), report: null };
  return { mode, faults: {}, report: reportOn(document, mode) };
}

/** Returns the connected ad account, which a demo shows in its request. */
export async function connectedAccount(
  services: ShopTaskServices,
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

/** Makes an id like those of tasks: `task-` and 32 hexadecimal digits. */
export function makeEventId(): string {
  return `task-${randomUUID().replaceAll("-", "")}`;
}

/** Builds the exact body that would be sent, by sending it in demo mode, which makes no request. */
export async function previewEvent(
  services: ShopTaskServices,
  merchant: SendMerchant,
  form: EventForm,
): Promise<PreviewView> {
  const read = await readForm(form, { shop: merchant.shop, nowSeconds: nowSeconds() });
  if (!read.ok) return { body: null, faults: read.faults, isIdentified: null };
  const { request } = read;
  const demo = { ...request, isDemo: true, isTest: false };
  const document = await runShopTask(services, toGatewayShop(merchant), demo);
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

const PINTEREST_SECONDS = 7 * 24 * 60 * 60;

/** The fault below the time of an event that is too old: past seven days, or too close to it. */
function describeAge({ rows }: TaskRequest, { format }: SendMerchant): SendFaults {
  const [row] = rows;
  const seconds = (row?.kind === "event" && row.mapped.eventTimeSeconds) || nowSeconds();
  const { tooOld, nearlyTooOld } = sendTexts.faults;
  const text = nowSeconds() - seconds > PINTEREST_SECONDS ? tooOld : nearlyTooOld;
  return {
    eventTime: formatMessage(text, { date: format.moment(new Date(seconds * 1_000)).text }),
  };
}

export interface ResultWords {
  tone: "success" | "info" | "warning" | "critical";
  title: string;
  text: string | null;
}

const { result: texts } = sendTexts;

export function describeResult(document: TaskDocument, mode: SendMode): ResultWords {
  const [result] = "results" in document ? document.results : [];
  const error = "error" in document ? document.error : undefined;
  if (result === undefined || (error && result.status !== "accepted")) {
    return { tone: "critical", title: texts.notSent, text: explain(error ?? null) };
  }
  switch (result.status) {
    case "accepted":
      return describeAccepted(result, mode);
    case "pending":
      return describePending(result);
    case "failed":
      return {
        tone: "critical",
        title: mode === "test" ? texts.testRefused : texts.liveRefused,
        text: explain(result.error),
      };
    case "skipped":
      return { ...skippedTitle(mode), text: explain(result.error) };
    case "undetermined":
      return { tone: "warning", title: texts.unknown, text: explain(result.error) };
  }
}

function describeAccepted({ warning, event_id }: TaskResult, mode: SendMode): ResultWords {
  const note = warning === null ? "" : ` ${formatMessage(texts.warning, { text: warning })}`;
  switch (mode) {
    case "demo":
      return { tone: "info", title: texts.demoAccepted, text: texts.demoAcceptedText };
    case "test":
      return { tone: "success", title: texts.testAccepted, text: texts.testAcceptedText + note };
    case "live": {
      const text = formatMessage(texts.liveAcceptedText, { id: event_id ?? "" });
      return { tone: "success", title: texts.liveAccepted, text: text + note };
    }
  }
}

function describePending({ error, event_id }: TaskResult): ResultWords {
  const id = event_id ?? "";
  return error?.code === "paused"
    ? {
        tone: "warning",
        title: texts.livePaused,
        text: formatMessage(texts.livePausedText, { id }),
      }
    : {
        tone: "info",
        title: texts.livePending,
        text: formatMessage(texts.livePendingText, { id }),
      };
}

function skippedTitle(mode: SendMode): Pick<ResultWords, "tone" | "title"> {
  switch (mode) {
    case "demo":
      return { tone: "warning", title: texts.demoRefused };
    case "test":
      return { tone: "critical", title: texts.testRefused };
    case "live":
      return { tone: "critical", title: texts.notSent };
  }
}

/** Returns the catalogue's words, except where they name keys and commands that the page lacks. */
function explain(error: RowError | null): string | null {
  switch (error?.code) {
    case undefined:
      return null;
    case "no_match_key":
      return texts.identity;
    case "expired":
      return texts.expired;
    case "missing_token":
      return texts.notConnected;
    case "invalid_input":
    case "unauthorized":
    case "forbidden":
    case "rate_limited":
    case "not_found":
    case "pinterest_unavailable":
    case "undetermined":
    case "rejected":
    case "paused":
      return `${error.message} ${error.action}`;
    default:
      return texts.skipped;
  }
}
