import { isPassingFault } from "#app/events/pinterest-words.ts";
import { isForeign } from "#app/pinterest/exchange.server.ts";
import type { EventAnswer, SendAnswer } from "#app/pinterest/send-events.server.ts";

/** The outcome of one event according to an answer. */
export type EventOutcome =
  | { kind: "accepted"; warning: string | null }
  | { kind: "rejected"; message: string }
  | { kind: "retry"; message: string };

/** The consequence of an answer for its batch and for the account. */
export type Verdict =
  /** One outcome per event, by index. */
  | { kind: "outcomes"; outcomes: EventOutcome[] }
  /** Rejected as a whole because of some event in it: bisect it to find which. */
  | { kind: "bisect"; message: string }
  /** Unknown which events arrived: send all again, under the same ids. */
  | { kind: "unknown"; message: string; retryAfterSeconds: number | null }
  | { kind: "rate_limited"; retryAfterSeconds: number | null }
  | { kind: "not_authorized"; reason: PauseReason; message: string };

export type PauseReason = "unauthorized" | "forbidden" | "account_not_found";

/** Statuses that blame the request as a whole, so that one event in it may be the cause. */
const AT_FAULT = new Set([400, 413, 422]);

/** Classifies Pinterest's answer to `count` events. Only a per-event "processed" counts as accepted. */
export function classifyAnswer(answer: SendAnswer, count: number): Verdict {
  switch (answer.kind) {
    case "lost":
      return { kind: "unknown", message: answer.message, retryAfterSeconds: null };
    case "answered":
      return answer.received === count
        ? byIndex(answer.events, count)
        : miscounted(answer.received, count);
    case "refused":
      return classifyRefusal(answer, count);
  }
}

function byIndex(events: readonly EventAnswer[], count: number): Verdict {
  if (events.length !== count) return miscounted(events.length, count);
  return { kind: "outcomes", outcomes: events.map(toOutcome) };
}

function miscounted(counted: number, count: number): Verdict {
  const message = `Pinterest answered for ${counted} of ${count} events`;
  return { kind: "unknown", message, retryAfterSeconds: null };
}

function toOutcome(event: EventAnswer): EventOutcome {
  if (event.status === "processed") return { kind: "accepted", warning: event.warningMessage };
  const message = event.errorMessage ?? "Pinterest gave no reason";
  return { kind: isPassingFault(message) ? "retry" : "rejected", message };
}

function classifyRefusal(answer: Extract<SendAnswer, { kind: "refused" }>, count: number): Verdict {
  const { httpStatus, message, retryAfterSeconds, events } = answer;
  // Any proxy may also answer 413, and half of the batch may pass it.
  const mayBeAnyones = httpStatus === 429 || (httpStatus === 413 && count > 1);
  if (!mayBeAnyones && isForeign(answer)) return { kind: "unknown", message, retryAfterSeconds };
  if (httpStatus === 401) return { kind: "not_authorized", reason: "unauthorized", message };
  if (httpStatus === 403) return { kind: "not_authorized", reason: "forbidden", message };
  if (httpStatus === 404) return { kind: "not_authorized", reason: "account_not_found", message };
  if (httpStatus === 429) return { kind: "rate_limited", retryAfterSeconds };
  if (httpStatus === 422 && events?.length === count) return byIndex(events, count);
  if (!AT_FAULT.has(httpStatus)) return { kind: "unknown", message, retryAfterSeconds };
  if (count > 1) return { kind: "bisect", message };
  return { kind: "outcomes", outcomes: [{ kind: "rejected", message }] };
}

/** Whether the request was lost, or rejected for its size: a request of half the size may get an answer. */
export function wasTooMuch(answer: SendAnswer): boolean {
  return answer.kind === "lost" || answer.httpStatus === 413;
}

/** Splits a batch that Pinterest rejected as a whole; at most 21 requests find one event of a thousand. */
export function bisect<Item>(items: readonly Item[]): Item[][] {
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)];
}
