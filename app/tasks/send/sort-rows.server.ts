import type { ConversionEvent } from "#app/events/conversion-event.ts";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import type { RowError, TaskResult } from "#app/tasks/task-document.server.ts";
import { taskError } from "#app/tasks/task-error.server.ts";
import type { TaskRow } from "#app/tasks/task-request.server.ts";

export interface SortedRows {
  outgoing: OutgoingEvent[];
  /** The rows that are not sent, each with its reason. */
  skipped: TaskResult[];
  /** The skipped rows that Pinterest itself would reject, as it would get them. */
  refusable: { event: ConversionEvent; bytes: number; reason: RefusableReason }[];
}

export type RefusableReason = "no_match_key" | "too_old";

/** The age up to which Pinterest accepts events; Pinrelay stops a few hours earlier. */
const PINTEREST_SECONDS = 7 * 24 * 60 * 60;

/** Decides which rows are sent, and why the others are not. */
export function sortRows(rows: readonly TaskRow[], nowSeconds: number): SortedRows {
  const sorted: SortedRows = { outgoing: [], skipped: [], refusable: [] };
  /** Index of each event that is sent, by name and id. */
  const places = new Map<string, number>();
  for (const row of rows) {
    if (row.kind === "faulty") {
      sorted.skipped.push(skippedRow(row, row.error));
      continue;
    }
    const { index, mapped, event, bytes } = row;
    const identity = JSON.stringify([mapped.kind, mapped.eventId]);
    const first = places.get(identity);
    if (mapped.outcome.kind === "skip") {
      const reason = mapped.outcome.reason === "too_old" ? "too_old" : "no_match_key";
      sorted.skipped.push(skippedRow(row, taskError(reason, reason, {})));
      if (reason !== "too_old" || event.event_time < nowSeconds - PINTEREST_SECONDS) {
        sorted.refusable.push({ event, bytes, reason });
      }
    } else if (first === undefined) {
      places.set(identity, index);
      sorted.outgoing.push({ index, mapped, event, bytes });
    } else {
      sorted.skipped.push(skippedRow(row, taskError("duplicate", "duplicate", { row: first })));
    }
  }
  return sorted;
}

function skippedRow(row: TaskRow, error: RowError): TaskResult {
  return {
    index: row.index,
    event_id: row.kind === "event" ? row.mapped.eventId : null,
    event_name: row.kind === "event" ? row.mapped.kind : row.eventName,
    status: "skipped",
    warning: null,
    error,
    event: null,
  };
}

/** A row of the input that is to be sent. */
export interface OutgoingEvent {
  /** Its place in the input. */
  index: number;
  mapped: MappedEvent;
  event: ConversionEvent;
  /** The size of the event's JSON. */
  bytes: number;
}
