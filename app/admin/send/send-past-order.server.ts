import { findPastOrder, type PastOrder } from "#app/admin/shell/find-past-order.server.ts";
import {
  explainLeftOut,
  keyLabels,
  kindWords,
  sourceWords,
  stateWords,
} from "#app/admin/shell/words.ts";
import { UNSENT_WORDS } from "#app/events/event-state.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { lookUp } from "#app/events/look-up.ts";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import { parseNotes } from "#app/events/match-notes.ts";
import type { EventStanding } from "#app/outbox/read-outcomes.server.ts";
import { runMapped } from "#app/tasks/run-task.server.ts";
import { openShopTask, type ShopTaskServices } from "#app/tasks/shop/run-shop-task.server.ts";
import type { TaskDocument } from "#app/tasks/task-document.server.ts";
import type { SendMode } from "./send-form.ts";
import {
  connectedAccount,
  type ReportView,
  reportOn,
  type SendMerchant,
  toGatewayShop,
  toJson,
} from "./send-one-event.server.ts";
import { sendOrderTexts } from "./texts.ts";

/** An order of the past as the event that it would be. */
export interface OrderView {
  /** As Shopify has it, for the request that sends it. */
  name: string;
  title: string;
  facts: string;
  /** Whether it would be sent, and why not. */
  verdict: string;
  isHeldBack: boolean;
  eventId: string;
  eventIdHelp: string;
  /** How the event stands that the store has already. */
  standing: string;
  /** Null: the settings skip it, and nothing is built. */
  body: string | null;
  notes: string[];
  /** The match keys that it lacks, and why. */
  leftOut: string[];
  /** Why it may not be sent in a mode; null: it may. */
  barred: { test: string | null; live: string | null };
}

export type OrderResult =
  | { ok: false; fault: string }
  /** `report` is null where nothing was to be sent: the order is only shown. */
  | { ok: true; mode: SendMode; view: OrderView; report: ReportView | null };

const WAIT_SECONDS = 10;

/** The event that an order of the last 60 days would be today. Nothing is sent. */
export async function showPastOrder(
  services: ShopTaskServices,
  merchant: SendMerchant,
  name: string,
): Promise<OrderResult> {
  const found = await findPastOrder(services, merchant, name);
  if (!found.ok) return found;
  const view = describePastOrder(found.past, merchant.format);
  return { ok: true, mode: "demo", view, report: null };
}

/**
 * Sends that event, built anew because the page may be old. Live, it is the order's own event and
 * counts once.
 */
export async function sendPastOrder(
  services: ShopTaskServices,
  merchant: SendMerchant,
  name: string,
  mode: SendMode,
): Promise<OrderResult> {
  const found = await findPastOrder(services, merchant, name);
  if (!found.ok) return found;
  const { past } = found;
  const view = describePastOrder(past, merchant.format);
  // A request under way is awaited: a second click gets the result of the first.
  const isUnderWay = past.standing?.state === "pending" || past.standing?.state === "held";
  const bar = mode === "demo" || (mode === "live" && isUnderWay) ? null : findBars(past)[mode];
  if (bar !== null) return { ok: true, mode, view, report: null };
  const document = await runMapped(
    openShopTask(services, toGatewayShop(merchant), WAIT_SECONDS),
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

function describePastOrder(past: PastOrder, format: SendMerchant["format"]): OrderView {
  const { order, mapped, standing } = past;
  const name = order.name ?? order.id;
  const { outcome } = mapped;
  const source = lookUp(sourceWords, order.sourceName) ?? order.sourceName;
  const isHeldBack = outcome.kind === "skip";
  return {
    name,
    title: formatMessage(sendOrderTexts.title, { name }),
    facts: formatMessage(sendOrderTexts.facts, {
      value: format.money(
        mapped.value ?? order.total.shop ?? "0",
        mapped.currency ?? order.currency,
      ),
      source,
      time: format.moment(new Date(order.occurredAtSeconds * 1_000)).text,
    }),
    verdict:
      outcome.kind === "send"
        ? sendOrderTexts.would.send
        : formatMessage(sendOrderTexts.would.skip, { reason: reasonText(outcome.reason, source) }),
    isHeldBack,
    eventId: mapped.eventId,
    eventIdHelp: standing === null ? sendOrderTexts.eventIdNew : sendOrderTexts.eventIdKnown,
    standing: describeStanding(standing, source),
    body: outcome.kind === "send" ? toJson({ data: [outcome.event] }) : null,
    notes: describeNotes(past),
    leftOut: isHeldBack ? [] : describeLeftOut(mapped, source),
    barred: findBars(past),
  };
}

/** Why a mode is closed to this order. Sending asks here again: a page may be old. */
function findBars({
  mapped,
  standing,
  isSendable,
}: Pick<PastOrder, "mapped" | "standing" | "isSendable">): OrderView["barred"] {
  const { live: texts } = sendOrderTexts;
  if (mapped.outcome.kind === "skip") return { test: texts.skip, live: texts.skip };
  if (!isSendable) return { test: texts.dryOnly, live: texts.dryOnly };
  return { test: null, live: blockReason(standing) };
}

function blockReason(standing: EventStanding | null): string | null {
  const { live: texts } = sendOrderTexts;
  switch (standing?.state) {
    case undefined:
    case "rejected":
      return null;
    case "accepted":
      return texts.accepted;
    case "held":
    case "pending":
      return texts.underWay;
    case "expired":
      return texts.expired;
    case "skipped":
      return standing?.reason === "no_match_key" ? null : texts.kept;
  }
}

function describeStanding(standing: EventStanding | null, source: string): string {
  if (standing === null) return sendOrderTexts.noEvent;
  const reason = reasonText(standing.reason ?? "", source);
  const state = formatMessage(stateWords[standing.state], { reason });
  return formatMessage(sendOrderTexts.stands, { state });
}

function reasonText(reason: string, source: string): string {
  const words = lookUp(UNSENT_WORDS, reason)?.words;
  return words === undefined ? reason : formatMessage(words, { source, kind: kindWords.checkout });
}

function describeNotes({ order, mapped, sent, isSaleOptedOut }: PastOrder): string[] {
  if (mapped.outcome.kind === "skip") return [];
  const browser = sent !== null ? sendOrderTexts.browserKnown : sendOrderTexts.browserUnknown;
  return [
    ...(order.sourceName === "web" ? [browser] : []),
    ...(isSaleOptedOut ? [sendOrderTexts.optedOut] : []),
  ];
}

function describeLeftOut({ kind, notes }: MappedEvent, source: string): string[] {
  return parseNotes(notes).flatMap((note) => {
    if (!("leftOut" in note)) return [];
    const why = explainLeftOut(note, { kind, source, isGiven: false });
    return [formatMessage(sendOrderTexts.leftOutKey, { key: keyLabels[note.key], why })];
  });
}
