import { describeReason, endsByReconnecting } from "#app/admin/shell/describe-state.server.ts";
import type { Formatter, Moment } from "#app/admin/shell/formatter.server.ts";
import { BILLING_PAUSE } from "#app/events/billing-state.ts";
import { SENDABLE_SECONDS } from "#app/events/event-state.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { lookUp } from "#app/events/look-up.ts";
import { matchKeysFromBits } from "#app/events/match-keys.ts";
import { parseNotes } from "#app/events/match-notes.ts";
import { formatNotice } from "#app/events/notices/format-notice.ts";
import type { Notice } from "#app/events/notices/notice.ts";
import { findFieldName, findSubject } from "#app/events/pinterest-words.ts";
import {
  type AttemptRow,
  answerFor,
  type EventRecord,
  isWaiting,
} from "#app/outbox/read-event-record.server.ts";
import type { EventContext, ManualAction } from "./load-event.server.ts";
import { timelineTexts } from "./texts.ts";

export interface TimelineItem {
  /** Null: the present, or no particular time. */
  at: Moment | null;
  text: string;
  lines: string[];
}

interface Context {
  record: EventRecord;
  eventContext: EventContext;
  format: Formatter;
  userId: string;
}

/** Lists what happened to the event, oldest first, and what comes next. */
export function describeTimeline(context: Context): TimelineItem[] {
  const { format } = context;
  const later = [...listAttempts(context), ...listDeeds(context)];
  return [
    ...describeOrigin(context),
    ...describeVisit(context),
    describeBuilding(context),
    ...later.sort((left, right) => left.date.getTime() - right.date.getTime()),
    ...describeEnd(context),
  ].map(({ date, text, lines = [] }) => ({
    at: date === null ? null : format.moment(date),
    text,
    lines,
  }));
}

interface Step {
  date: Date | null;
  text: string;
  lines?: string[];
}

function describeOrigin({ record, eventContext }: Context): Step[] {
  const { notices } = eventContext;
  if (notices !== null) {
    const { topic, deliveries: n, firstAt } = notices;
    return [{ date: firstAt, text: formatMessage(timelineTexts.told, { topic, n }) }];
  }
  const { idSource, createdAt } = record.row;
  if (idSource === "given") return [{ date: createdAt, text: timelineTexts.given }];
  return idSource === "browser" ? [{ date: createdAt, text: timelineTexts.browser }] : [];
}

/** Describes what the shopper's browser added to Shopify's message; its time is not stored. */
function describeVisit({ record: { row, notes }, eventContext }: Context): Step[] {
  if (eventContext.notices === null) return [];
  const { id, ...ofKeys } = timelineTexts.joinedParts;
  const parts = parseNotes(notes).flatMap((note) =>
    "origins" in note && note.origins.includes("browser") ? (lookUp(ofKeys, note.key) ?? []) : [],
  );
  const what = [...(row.idSource === "browser" ? [id] : []), ...parts];
  if (what.length === 0) return [];
  return [{ date: null, text: formatMessage(timelineTexts.joined, { what: what.join(", ") }) }];
}

function describeBuilding({ record }: Context): Step {
  const { row, notes } = record;
  if (row.state === "skipped") {
    const text = formatMessage(timelineTexts.notBuilt, { reason: describeReason(row) });
    return { date: row.createdAt, text };
  }
  const kept = matchKeysFromBits(row.keyBits).length;
  const all = parseNotes(notes).length;
  const text =
    all === 0
      ? formatMessage(timelineTexts.builtWithoutNotes, { kept })
      : formatMessage(timelineTexts.built, { kept, all });
  return { date: row.createdAt, text };
}

function listAttempts({ record: { row, attempts } }: Context): (Step & { date: Date })[] {
  return attempts.map((attempt, index) => {
    const isLast = index === attempts.length - 1;
    const isFatal = isLast && row.state === "rejected";
    const lines = explainAttempt(attempt, { eventRef: row.id, isFatal });
    if (isLast) lines.push(...describeSplit(attempts, isFatal));
    return { date: attempt.startedAt, text: describeRequest(attempt, index + 1), lines };
  });
}

function describeRequest({ httpStatus, durationMs, events }: AttemptRow, n: number): string {
  return [
    `${formatMessage(timelineTexts.attempt, { n })}: ${
      httpStatus === null
        ? timelineTexts.noAnswer
        : formatMessage(timelineTexts.status, { status: String(httpStatus) })
    }`,
    formatMessage(timelineTexts.duration, { ms: String(durationMs) }),
    events === 1 ? timelineTexts.alone : formatMessage(timelineTexts.withOthers, { n: events - 1 }),
  ].join(", ");
}

/** A batch that was rejected as a whole was bisected until this event was alone or was accepted. */
function describeSplit(attempts: readonly AttemptRow[], isFatal: boolean): string[] {
  const first = attempts.find(({ outcome }) => outcome === "bisect");
  if (first === undefined || attempts.at(-1)?.outcome !== "outcomes") return [];
  const requests = attempts.length - attempts.indexOf(first);
  const text = isFatal ? timelineTexts.isolated : timelineTexts.freed;
  return [formatMessage(text, { n: first.events, requests })];
}

function listDeeds({ eventContext, userId }: Context): (Step & { date: Date })[] {
  return eventContext.manualActions.map(({ action, actor, at }) => ({
    date: at,
    text: formatMessage(timelineTexts.audit[action], { who: describeActor(actor, userId) }),
  }));
}

function describeActor(actor: ManualAction["actor"], userId: string): string {
  const { who } = timelineTexts;
  if (actor === `user:${userId}`) return who.you;
  if (actor === "system") return who.system;
  const id = /^user:(.+)$/.exec(actor)?.[1];
  return id === undefined
    ? formatMessage(who.other, { name: actor })
    : formatMessage(who.user, { id });
}

function describeEnd({ record, eventContext, format }: Context): Step[] {
  const { row, isSending } = record;
  const { ends } = timelineTexts;
  if (!isWaiting(row)) {
    const end = row.reason === "content_gone" ? "contentGone" : row.state;
    return [{ date: null, text: lookUp(ends, end) ?? "" }];
  }
  if (isSending) return [];
  const { state, pauseReason } = eventContext.connection;
  if (state === "active") {
    const isDue = row.nextAt.getTime() <= format.now.getTime();
    return isDue
      ? [{ date: null, text: timelineTexts.dueNow }]
      : [{ date: row.nextAt, text: timelineTexts.nextAttempt }];
  }
  const endsAt = new Date((Number(row.eventTime) + SENDABLE_SECONDS) * 1_000);
  const date = format.day(format.dayOf(endsAt));
  if (state === "none")
    return [{ date: null, text: formatMessage(ends.keptUntilConnected, { date }) }];
  const paused = pauseReason === BILLING_PAUSE ? ends.keptUntilApproved : ends.keptPaused;
  const text = endsByReconnecting(pauseReason) ? ends.kept : paused;
  return [{ date: null, text: formatMessage(text, { date }) }];
}

const { meanings } = timelineTexts;

interface AttemptPlace {
  eventRef: bigint;
  /** True for the request in which the event was rejected. */
  isFatal: boolean;
}

/** Describes the result of a request for the event, in Pinterest's words and in ours. */
function explainAttempt(attempt: AttemptRow, { eventRef, isFatal }: AttemptPlace): string[] {
  switch (attempt.outcome) {
    case "outcomes":
      return explainAnswer(attempt, eventRef, isFatal);
    case "bisect":
      return [
        ...quote(attempt.message),
        formatMessage(timelineTexts.batchRefused, { n: attempt.events }),
      ];
    case "rate_limited":
      return [...quote(attempt.message), ...explainError("rate_limited", attempt)];
    case "not_authorized":
      return [...quote(attempt.message), ...explainError(findRefusal(attempt), attempt)];
    default:
      return [...(attempt.httpStatus === null ? [] : quote(attempt.message)), unknown(attempt)];
  }
}

function explainAnswer(attempt: AttemptRow, eventRef: bigint, isFatal: boolean): string[] {
  const answer = answerFor(attempt, eventRef);
  if (answer === null) return [timelineTexts.unreadable];
  const { status, message } = answer;
  if (status === "processed") {
    if (message === null) return [timelineTexts.processed];
    return [formatMessage(timelineTexts.note, { words: message }), timelineTexts.noteMeans];
  }
  if (!isFatal) return [...quote(message), timelineTexts.passing];
  return [...quote(message), ...explainRefusal(message ?? "")];
}

/** Explains a rejection, and what to do. */
function explainRefusal(message: string): string[] {
  const subject = findSubject(message);
  if (subject === "field") {
    const key = findFieldName(message);
    const { cause, nextStep } = formatNotice("field_unknown", { key, n: 1, count: "1" });
    return meaning({ cause: cause.replace(/\.$/, ""), nextStep });
  }
  if (subject !== null) return meaning(meanings[subject]);
  const { nextStep } = formatNotice("event_refused", { answer: message });
  return [formatMessage(timelineTexts.next, { step: nextStep })];
}

function explainError(
  name: "rate_limited" | "connection_refused" | "role_missing" | "account_unknown",
  { adAccountId: account }: AttemptRow,
): string[] {
  const { title, nextStep } = formatNotice(name, { account, seconds: "" });
  if (name === "rate_limited") return [`${title}.`];
  return [`${title}.`, formatMessage(timelineTexts.next, { step: nextStep })];
}

function findRefusal({ httpStatus }: AttemptRow) {
  if (httpStatus === 401) return "connection_refused";
  return httpStatus === 404 ? "account_unknown" : "role_missing";
}

function unknown({ httpStatus }: AttemptRow): string {
  if (httpStatus === null) return timelineTexts.lost;
  return httpStatus >= 500 ? timelineTexts.down : timelineTexts.unreadable;
}

function quote(message: string | null): string[] {
  return message === null ? [] : [formatMessage(timelineTexts.pinterest, { words: message })];
}

function meaning({ cause, nextStep: step }: Pick<Notice, "cause" | "nextStep">): string[] {
  return [
    formatMessage(timelineTexts.means, { cause }),
    formatMessage(timelineTexts.next, { step }),
  ];
}
