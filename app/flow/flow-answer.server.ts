import { findReasonWords, type SkipReason } from "#app/events/event-state.ts";
import type { ShopifyFailure } from "#app/shopify/ask-shopify.server.ts";
import type { FieldFault, TaskResult } from "#app/tasks/task-document.server.ts";
import { taskError } from "#app/tasks/task-error.server.ts";

/**
 * An answer to Shopify Flow. Flow takes 200 as done, sends the same run again after 202, 429 and 5xx
 * (for up to 36 hours), and ends the run after any other 4xx.
 */
export interface FlowAnswer {
  status: 200 | 202 | 422 | 503;
  body: FlowReport | FlowRefusal;
  retryAfterSeconds?: number;
}

interface FlowReport {
  status: TaskResult["status"];
  event_id: string | null;
  warning: string | null;
}

interface FlowRefusal {
  /** Cause and next step in one text, for a screen that shows one text. */
  message: string;
  errors: FlowError[];
}

export interface FlowError {
  code: string;
  message: string;
  action: string;
  fields?: FieldFault[];
}

/** Used when a database or server should be back in a moment. */
const RETRY_AFTER_SECONDS = 30;

/** Failed for good: sent again it would fail again. */
export function refuse({ code, message, action, fields }: FlowError): FlowAnswer {
  const error = { code, message, action, ...(fields !== undefined && { fields }) };
  return { status: 422, body: { message: `${message} ${action}`, errors: [error] } };
}

/** The event was not stored, for a reason that passes without action. */
export function retryLater(error: Pick<FlowError, "code" | "message">): FlowAnswer {
  const action = "Nothing has to be done: Shopify Flow sends this run again by itself.";
  const { body } = refuse({ ...error, action });
  return { status: 503, body, retryAfterSeconds: RETRY_AFTER_SECONDS };
}

/** Translates the event's state into Flow's answer. The same run asks again about a pending one. */
export function reportResult(result: TaskResult): FlowAnswer {
  const { status, event_id, warning, error } = result;
  switch (status) {
    case "accepted":
      return { status: 200, body: { status, event_id, warning } };
    case "pending":
      return { status: 202, body: { status, event_id, warning } };
    case "undetermined":
      return retryLater(error ?? taskError("undetermined", "answer_lost", { detail: "no answer" }));
    case "failed":
    case "skipped":
      return refuse(error ?? taskError("rejected", "event_refused", { answer: "no reason given" }));
  }
}

const SETTINGS = "Change the setting, or leave such events out with a condition in the workflow.";

/** The text that a merchant reads about an event that is not sent. */
export function explainSkip(reason: SkipReason): FlowError {
  if (reason === "no_match_key" || reason === "too_old") return taskError(reason, reason, {});
  const rule = findReasonWords(reason).rule ?? `the store's rules leave it out (${reason})`;
  return { code: reason, message: `This event was not sent: ${rule}.`, action: SETTINGS };
}

const DENIED = {
  code: "forbidden",
  message: "Shopify did not let Pinrelay read this order or customer: a permission is missing.",
  action: "Open Pinrelay in the Shopify admin, approve what it asks for, and run this again.",
};

const SILENCE = { code: "shopify_unavailable", message: "Shopify did not answer in time." };

const NOT_FOUND = {
  order: {
    code: "not_found",
    message:
      "Shopify has no such order: it was deleted, or is older than the 60 days that apps may see.",
    action: "Give the customer or an email in place of the order.",
  },
  customer: {
    code: "not_found",
    message: "Shopify has no such customer: it was deleted or merged with another.",
    action: "Give an email in place of the customer.",
  },
};

/** The answer to Flow when Shopify did not return the run's order or customer. */
export function explainFailure(
  failure: ShopifyFailure,
  subject: keyof typeof NOT_FOUND,
): FlowAnswer {
  switch (failure) {
    case "denied":
      return refuse(DENIED);
    case "silent":
    case "unreadable":
      return retryLater(SILENCE);
    case "not_found":
      return refuse(NOT_FOUND[subject]);
  }
}
