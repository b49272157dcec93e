import type { ConversionEvent } from "#app/events/conversion-event.ts";
import type { SkipReason } from "#app/events/event-state.ts";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import type { EventStanding } from "#app/outbox/read-outcomes.server.ts";
import type { RowError, TaskResult } from "#app/tasks/task-document.server.ts";
import { taskError } from "#app/tasks/task-error.server.ts";

/**
 * Returns the state of an event in the outbox as a task's result. The event is the shop's event
 * with this identity: an earlier one with it counts. `event`: its payload, if the caller may see
 * it.
 */
export function toResult(
  index: number,
  { kind, eventId }: Pick<MappedEvent, "kind" | "eventId">,
  standing: EventStanding | undefined,
  event: ConversionEvent | null,
): TaskResult {
  return {
    index,
    event_id: standing?.eventId ?? eventId,
    event_name: kind,
    ...judge(standing),
    ...(event === null ? { stored: true } : { event }),
  };
}

/** The state of an event in the outbox, as a result's status. */
export function judge(
  standing: EventStanding | undefined,
): Pick<TaskResult, "status" | "warning" | "error"> {
  const { state = "pending", reason = null, warning = null } = standing ?? {};
  switch (state) {
    case "accepted":
      return { status: "accepted", warning, error: null };
    case "held":
    case "pending":
      return { status: "pending", warning: null, error: null };
    case "rejected":
      return refused(
        "failed",
        taskError("rejected", "event_refused", { answer: reason ?? "none" }),
      );
    case "expired":
      return refused("failed", taskError("expired", "out_of_time", {}));
    case "skipped":
      return refused(
        "skipped",
        taskError(reason as SkipReason, "kept_back", { reason: reason ?? "" }),
      );
  }
}

function refused(status: "failed" | "skipped", error: RowError) {
  return { status, warning: null, error };
}
