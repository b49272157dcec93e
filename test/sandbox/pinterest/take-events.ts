import type { Answer } from "../local-server.ts";
import { findEventFault, type RequestCheck } from "./check-events.ts";
import type { Directory } from "./directory.ts";
import { errorAnswer } from "./errors.ts";
import type { FaultHits } from "./faults.ts";
import type { EventBody, LedgerRequest, WritableLedger } from "./ledger.ts";

interface EventOutcome {
  status: "processed" | "failed";
  error_message: string | null;
  warning_message: string | null;
}

export interface EventsAnswer {
  num_events_received: number;
  num_events_processed: number;
  events: EventOutcome[];
}

export interface TakeContext {
  directory: Directory;
  ledger: WritableLedger;
  check: (body: Buffer) => RequestCheck;
  now: () => number;
}

/** Headers as production sends them: structured, so that `Number()` of a whole one is NaN. */
const RATE_HEADERS = {
  "x-ratelimit-limit":
    '100, 100;w=1;name="safety_net_app_id_user_id", 5000;w=60;name="ads_conversions_advertiser_id"',
  "x-ratelimit-remaining": "99",
  "x-ratelimit-reset": "1",
};

function judge(
  event: EventBody,
  poisons: FaultHits["poisons"],
  nowMs: number,
  defined: ReadonlySet<string>,
): EventOutcome {
  const poison = poisons.find(({ eventId }) => eventId === event.event_id);
  if (poison?.as === "fail_event") {
    const message = poison.message ?? "The event could not be processed.";
    return { status: "failed", error_message: message, warning_message: null };
  }
  const fault = findEventFault(event, nowMs, defined);
  if (fault !== null) return { status: "failed", error_message: fault, warning_message: null };
  const isWarned = poison?.as === "warn_event";
  const warning = isWarned ? (poison.message ?? "A field of the event is not standard.") : null;
  return { status: "processed", error_message: null, warning_message: warning };
}

/** A real one, as github.com/woocommerce/pinterest-for-woocommerce issue 967 met it. It names no event. */
const POISON_MESSAGE =
  "Invalid request: Additional properties are not allowed ('category_name' was unexpected)";

/** Judges each event, records what is processed (unless it is a test), and answers in order. */
function processEvents(
  context: TakeContext,
  request: LedgerRequest,
  events: EventBody[],
  poisons: FaultHits["poisons"],
): EventsAnswer {
  const { directory, ledger, now } = context;
  const defined = directory.definedEvents(request.adAccountId);
  const nowMs = now();
  const outcomes = events.map((event) => judge(event, poisons, nowMs, defined));
  let processed = 0;
  for (const [index, event] of events.entries()) {
    if (outcomes[index]?.status === "failed") {
      request.failedIds.push(event.event_id);
      continue;
    }
    processed += 1;
    if (!request.test) ledger.accept(request, event);
  }
  return {
    num_events_received: events.length,
    num_events_processed: processed,
    events: outcomes,
  };
}

/** The answer to a 422 as scripted: events that are not named as failed are taken. */
function answerPartly(
  context: TakeContext,
  request: LedgerRequest,
  events: EventBody[],
  fault: Extract<NonNullable<FaultHits["answer"]>, { kind: "status" }>,
): Answer {
  const refused = errorAnswer(422);
  if (fault.details !== "events")
    return { ...refused, json: { ...(refused.json as object), details: {} } };
  const failedIds = fault.failedIds ?? events.slice(0, 1).map(({ event_id }) => event_id);
  const poisons = failedIds.map((eventId) => ({
    kind: "poison" as const,
    eventId,
    as: "fail_event" as const,
  }));
  const details = processEvents(context, request, events, poisons);
  return { ...refused, json: { ...(refused.json as object), details } };
}

export interface TakenCall {
  /** Event ids, for faults that look at them; empty when the body does not parse. */
  ids: string[];
  /** Records and answers as if nothing were wrong. Call once at most. */
  process(hits: FaultHits): Answer;
  /** The answer of a scripted status that depends on the events: 422. */
  partly(fault: Parameters<typeof answerPartly>[3]): Answer;
}

/** One parsed call to the events endpoint; nothing is recorded until `process` is called. */
export function takeEvents(context: TakeContext, request: LedgerRequest, body: Buffer): TakenCall {
  const checked = context.check(body);
  const events = checked.ok ? checked.request.data : [];
  request.ids = events.map(({ event_id }) => event_id);
  return {
    ids: request.ids,
    process({ poisons }) {
      if (!checked.ok) return errorAnswer(400, checked.message);
      const isPoisoned = poisons.some((poison) => (poison.as ?? "refuse_batch") === "refuse_batch");
      if (isPoisoned) return errorAnswer(400, POISON_MESSAGE);
      const json = processEvents(context, request, events, poisons);
      return { status: 200, headers: RATE_HEADERS, json };
    },
    partly: (fault) => answerPartly(context, request, events, fault),
  };
}
