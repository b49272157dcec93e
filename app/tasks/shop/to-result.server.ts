import type { SkipReason } from "#app/events/event-state.ts";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import type { EventStanding } from "#app/outbox/read-outcomes.server.ts";
import type { RowError, TaskResult } from "#app/tasks/task-document.server.ts";
import { taskError } from "#app/tasks/task-error.server.ts";

/**
 * How an event of the outbox stands, as a task's result. The event is the one that the shop has
 * under this identity: where it had one before, that one counts.
 */
export function toResult(
  index: number,
  { kind, eventId }: Pick<MappedEvent, "kind" | "eventId">,
  standing: EventStanding | undefined,
): TaskResult {
  const result = { index, event_id: standing?.eventId ?? eventId, event_name: kind };
  const { state = "pending", reason = null, warning = null, event = null } = standing ?? {};
  switch (state) {
    case "accepted":
      return { ...result, status: "accepted", warning, error: null, event };
    case "held":
    case "pending":
      return { ...result, status: "pending", warning: null, error: null, event };
    case "rejected":
      return failed({ ...result, event }, refused(reason));
    case "expired":
      return failed({ ...result, event }, taskError("expired", "out_of_time", {}));
    case "skipped": {
      const error = taskError(reason as SkipReason, "kept_back", { reason: reason ?? "" });
      return { ...result, status: "skipped", warning: null, error, event: null };
    }
  }
}

function failed(
  result: Pick<TaskResult, "index" | "event_id" | "event_name" | "event">,
  error: RowError,
): TaskResult {
  return { ...result, status: "failed", warning: null, error };
}

function refused(answer: string | null): RowError {
  return taskError("rejected", "event_refused", { answer: answer ?? "none" });
}
