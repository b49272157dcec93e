import type { SkipReason } from "#app/events/event-state.ts";
import { lookUp } from "#app/events/look-up.ts";
import { taskError } from "#app/tasks/task-error.server.ts";
import type { FlowError } from "./flow-answer.server.ts";

const SETTINGS = "Change the setting, or leave such events out with a condition in the workflow.";

/** Why the store's own rules keep an order from being sent: the cause, and the setting behind it. */
const RULES = {
  consent_refused: "the shopper declined advertising",
  consent_unknown:
    "nothing is known of the shopper's consent to advertising, and the setting consent.<region> requires it",
  test_order: "this is a test order, and the setting test_orders skips those",
  cancelled: "the order is cancelled, and the setting cancelled_orders skips those",
  zero_total: "the order's total is zero, and the setting zero_total_orders skips those",
  source_off: "the settings source.<name> skip orders of this sales channel",
} as const satisfies Partial<Record<SkipReason, string>>;

/** What a merchant reads of an event that is not sent. */
export function explainSkip(reason: SkipReason): FlowError {
  if (reason === "no_match_key" || reason === "too_old") return taskError(reason, reason, {});
  const rule = lookUp(RULES, reason) ?? `the store's rules leave it out (${reason})`;
  return { code: reason, message: `This event was not sent: ${rule}.`, action: SETTINGS };
}
