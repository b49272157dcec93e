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
  /** Cause and next step in one text, for whoever shows one text. */
  message: string;
  errors: FlowError[];
}

export interface FlowError {
  code: string;
  message: string;
  action: string;
  fields?: FieldFault[];
}

/** For the databases and servers that are back in a moment. */
const RETRY_AFTER_SECONDS = 30;

/** Failed for good: sent again it would fail again. */
export function refuse({ code, message, action, fields }: FlowError): FlowAnswer {
  const error = { code, message, action, ...(fields !== undefined && { fields }) };
  return { status: 422, body: { message: `${message} ${action}`, errors: [error] } };
}

/** Not done for a reason that passes by itself. */
export function retryLater(error: Pick<FlowError, "code" | "message">): FlowAnswer {
  const action = "Nothing has to be done: Shopify Flow sends this run again by itself.";
  const { body } = refuse({ ...error, action });
  return { status: 503, body, retryAfterSeconds: RETRY_AFTER_SECONDS };
}

/** What became of the event, in Flow's terms. A pending one is asked for again by the same run. */
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
