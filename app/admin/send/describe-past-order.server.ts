import type { PastOrder } from "#app/admin/shell/find-past-order.server.ts";
import { say } from "#app/admin/shell/format/say.ts";
import { explainLeftOut, keyLabels } from "#app/admin/shell/sent-texts.ts";
import { kindWords, reasonWords, sourceWords, stateWords } from "#app/admin/shell/words.ts";
import { lookUp } from "#app/events/look-up.ts";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import { parseNotes } from "#app/events/match-notes.ts";
import type { EventStanding } from "#app/outbox/read-outcomes.server.ts";
import { sendOrderTexts } from "./order-texts.ts";
import { toJson } from "./preview-event.server.ts";
import type { OrderView } from "./view.ts";

interface OrderFormat {
  moment(date: Date): { text: string };
  money(value: string, currency: string): string;
}

export function describePastOrder(past: PastOrder, format: OrderFormat): OrderView {
  const { order, mapped, standing } = past;
  const name = order.name ?? order.id;
  const { outcome } = mapped;
  const source = lookUp(sourceWords, order.sourceName) ?? order.sourceName;
  const isHeldBack = outcome.kind === "skip";
  return {
    name,
    title: say(sendOrderTexts.title, { name }),
    facts: say(sendOrderTexts.facts, {
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
        : say(sendOrderTexts.would.skip, { reason: reasonText(outcome.reason, source) }),
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

/** Why a mode is closed to this order. Whoever sends it asks here again: a page may be old. */
export function findBars({
  mapped,
  standing,
  isSendable,
}: Pick<PastOrder, "mapped" | "standing" | "isSendable">): OrderView["barred"] {
  const { live: texts } = sendOrderTexts;
  if (mapped.outcome.kind === "skip") return { test: texts.skip, live: texts.skip };
  if (!isSendable) return { test: texts.dryOnly, live: texts.dryOnly };
  return { test: null, live: barOf(standing) };
}

function barOf(standing: EventStanding | null): string | null {
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
  const state = say(stateWords[standing.state], { reason });
  return say(sendOrderTexts.stands, { state });
}

function reasonText(reason: string, source: string): string {
  const words = lookUp(reasonWords, reason);
  return words === undefined ? reason : say(words, { source, kind: kindWords.checkout });
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
    return [say(sendOrderTexts.leftOutKey, { key: keyLabels[note.key], why })];
  });
}
