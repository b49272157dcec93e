import type { z } from "zod";
import { eventOutcomes, eventsAnswer } from "./answers.server.ts";
import { type Refusal, unreadable } from "./exchange.server.ts";
import { MAX_EVENTS_ANSWER_BYTES, MAX_EVENTS_PER_REQUEST } from "./limits.server.ts";
import { isPinterestId } from "./pinterest-id.server.ts";
import { scrub } from "./scrub.server.ts";
import type { Transport } from "./transport.server.ts";

export interface EventBatch {
  /** Digits. */
  adAccountId: string;
  token: string;
  /** JSON text of one event each, 1 to 1,000, sent byte for byte: a retry is the same request. */
  bodies: readonly string[];
  /** Pinterest checks the events, answers as ever, and records nothing. */
  test?: boolean | undefined;
}

export interface EventAnswer {
  status: "processed" | "failed";
  errorMessage: string | null;
  warningMessage: string | null;
}

export type SendAnswer =
  /** A 2xx that can be read. It may speak of more or fewer events than were sent. */
  | {
      kind: "answered";
      httpStatus: number;
      events: EventAnswer[];
      received: number;
      processed: number;
    }
  /** 4xx or 5xx. `events`: what a 422 says of each event, where it does. */
  | {
      kind: "refused";
      httpStatus: number;
      code: number | null;
      isJson: boolean;
      message: string;
      retryAfterSeconds: number | null;
      events: EventAnswer[] | null;
    }
  /** Pinterest may have the events or not. */
  | {
      kind: "lost";
      reason: "timeout" | "network" | "unreadable" | "too_large";
      httpStatus: number | null;
      message: string;
    };

/**
 * One attempt to send events to an ad account. Never rejects for anything the network or Pinterest
 * does; a TypeError means that the caller asked for what must not be sent. No message repeats the
 * token or what an event holds unhashed.
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

/** What of a person goes out as it is; Pinterest may repeat it, and answers are kept in clear. */
function unhashedValues(body: string): string[] {
  const { user_data: userData } = JSON.parse(body) as { user_data?: Record<string, unknown> };
  return UNHASHED.flatMap((field) => {
    const value = userData?.[field];
    return typeof value === "string" ? [value] : [];
  });
}
