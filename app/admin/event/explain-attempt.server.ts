import { formatMessage } from "#app/events/format-message.ts";
import { formatNotice } from "#app/events/notices/format-notice.ts";
import { type AttemptRow, answerFor } from "#app/outbox/read-event-record.server.ts";
import { timelineTexts } from "./texts.ts";

const { meanings } = timelineTexts;

/** What Pinterest's words for one event mean, by what they speak of. Its texts are not documented. */
const MEANINGS: readonly [RegExp, { cause: string; step: string }][] = [
  [/currency/i, meanings.currency],
  [/\b(value|item_price|price)\b.*\b(number|decimal|numeric)/i, meanings.value],
  [/event_time|timestamp|\bolder than\b|in the future/i, meanings.time],
  [/sha-?256|hash/i, meanings.hash],
  [/user_data|identif|\bem\b|match key/i, meanings.person],
  [/event_name/i, meanings.name],
];

const UNKNOWN_FIELD = /additional propert|unexpected|unknown (field|key|property)/i;

interface AttemptPlace {
  eventRef: bigint;
  /** The event was refused, and this is the request that it was refused in. */
  isFatal: boolean;
}

/** What one request meant for the event, in Pinterest's words and in ours. */
export function explainAttempt(attempt: AttemptRow, { eventRef, isFatal }: AttemptPlace): string[] {
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

/** What a refusal means, and what to do. */
function explainRefusal(message: string): string[] {
  if (UNKNOWN_FIELD.test(message)) {
    const key = /'([\w.]+)'/.exec(message)?.[1] ?? "";
    const { cause, nextStep } = formatNotice("field_unknown", { key, n: 1, count: "1" });
    return meaning({ cause: cause.replace(/\.$/, ""), step: nextStep });
  }
  const known = MEANINGS.find(([pattern]) => pattern.test(message))?.[1];
  if (known !== undefined) return meaning(known);
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

function meaning({ cause, step }: { cause: string; step: string }): string[] {
  return [
    formatMessage(timelineTexts.means, { cause }),
    formatMessage(timelineTexts.next, { step }),
  ];
}
