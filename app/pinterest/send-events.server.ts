import type { z } from "zod";
import { eventOutcomes, eventsAnswer } from "./answers.server.ts";
import { type Refusal, unreadable } from "./exchange.server.ts";
import { isPinterestId, MAX_EVENTS_ANSWER_BYTES, MAX_EVENTS_PER_REQUEST } from "./limits.server.ts";
import { scrub } from "./scrub.server.ts";
import type { Transport } from "./transport.server.ts";

export interface EventBatch {
  /** The ad account's id: digits. */
  adAccountId: string;
  token: string;
  /** JSON text of one event each, 1 to 1,000, sent byte for byte: a retry is the same request. */
  bodies: readonly string[];
  /** Pinterest checks the events, answers as usual, and records nothing. */
  test?: boolean | undefined;
}

export interface EventAnswer {
  status: "processed" | "failed";
  errorMessage: string | null;
  warningMessage: string | null;
}

export type SendAnswer =
  /** A readable 2xx. It may report more or fewer events than were sent. */
  | {
      kind: "answered";
      httpStatus: number;
      events: EventAnswer[];
      received: number;
      processed: number;
    }
  /** A 4xx or 5xx. `events`: the per-event results of a 422, if it has any. */
  | {
      kind: "refused";
      httpStatus: number;
      code: number | null;
      isJson: boolean;
      message: string;
      retryAfterSeconds: number | null;
      events: EventAnswer[] | null;
    }
  /** Pinterest may or may not have the events. */
  | {
      kind: "lost";
      reason: "timeout" | "network" | "unreadable" | "too_large";
      httpStatus: number | null;
      message: string;
    };

/**
 * Sends events to an ad account, in one attempt. Never rejects because of the network or Pinterest;
 * a TypeError means that the caller passed something that must not be sent. No message repeats the
 * token or an event's unhashed data.
 */
export async function sendEvents(transport: Transport, batch: EventBatch): Promise<SendAnswer> {
  const { adAccountId, token, bodies, test = false } = batch;
  if (!isPinterestId(adAccountId)) throw new TypeError("an ad account id is 1 to 18 digits");
  if (bodies.length < 1 || bodies.length > MAX_EVENTS_PER_REQUEST) {
    throw new TypeError(`a request takes 1 to ${MAX_EVENTS_PER_REQUEST} events`);
  }
  const exchange = await transport.send({
    method: "POST",
    path: `/ad_accounts/${adAccountId}/events${test ? "?test=true" : ""}`,
    authorization: `Bearer ${token}`,
    body: { type: "application/json", text: `{"data":[${bodies.join(",")}]}` },
    secrets: () => [token, ...bodies.flatMap(unhashedValues)],
    maxAnswerBytes: MAX_EVENTS_ANSWER_BYTES,
    isDelivery: !test,
  });
  if (exchange.kind === "lost") return exchange;
  if (exchange.kind === "refusal") return readRefusal(exchange, batch);
  const read = eventsAnswer.safeParse(exchange.json);
  if (!read.success) return unreadable(exchange.httpStatus);
  return {
    kind: "answered",
    httpStatus: exchange.httpStatus,
    events: toAnswers(read.data.events, batch),
    received: read.data.num_events_received,
    processed: read.data.num_events_processed,
  };
}

function readRefusal({ details, ...refusal }: Refusal, batch: EventBatch): SendAnswer {
  const list = refusal.httpStatus === 422 ? (details as { events?: unknown } | null)?.events : null;
  const events = eventOutcomes.safeParse(list);
  return {
    ...refusal,
    kind: "refused",
    events: events.success ? toAnswers(events.data, batch) : null,
  };
}

function toAnswers(
  outcomes: z.infer<typeof eventOutcomes>,
  { token, bodies }: EventBatch,
): EventAnswer[] {
  return outcomes.map(({ status, error_message, warning_message }, index) => {
    if (!error_message && !warning_message) {
      return { status, errorMessage: null, warningMessage: null };
    }
    const secrets = [token, ...unhashedValues(bodies[index] ?? "{}")];
    const clean = (message: string | null | undefined) =>
      message ? scrub(message, secrets) : null;
    return { status, errorMessage: clean(error_message), warningMessage: clean(warning_message) };
  });
}

const UNHASHED = ["client_ip_address", "client_user_agent", "click_id", "partner_id"];

/** Personal data that is sent unhashed; Pinterest may repeat it, and answers are kept in plain text. */
function unhashedValues(body: string): string[] {
  const { user_data: userData } = JSON.parse(body) as { user_data?: Record<string, unknown> };
  return UNHASHED.flatMap((field) => {
    const value = userData?.[field];
    return typeof value === "string" ? [value] : [];
  });
}
