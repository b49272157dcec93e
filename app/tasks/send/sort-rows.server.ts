import { setImmediate as nextTurn } from "node:timers/promises";
import type { ConversionEvent } from "#app/events/conversion-event.ts";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import { UnfitEventError } from "#app/mapping/check-event.server.ts";
import { buildGivenEvent, mapGivenEvent } from "#app/mapping/map-given-event.server.ts";
import type { RowError, TaskResult } from "#app/tasks/task-document.server.ts";
import { inputError, taskError } from "#app/tasks/task-error.server.ts";
import type { TaskRow } from "#app/tasks/task-request.server.ts";
import type { OutgoingEvent } from "./outgoing-event.server.ts";

export interface SortedRows {
  outgoing: OutgoingEvent[];
  /** The rows that are not sent, each with its reason. */
  skipped: TaskResult[];
  /** Of those, the ones that Pinterest itself would refuse, as it would get them. */
  refusable: { event: ConversionEvent; reason: RefusableReason }[];
}

export type RefusableReason = "no_match_key" | "too_old";

type EventRow = Extract<TaskRow, { kind: "event" }>;

/** How long Pinterest takes events; a few hours before that we keep them back. */
const PINTEREST_SECONDS = 7 * 24 * 60 * 60;

/** Rows that are mapped before others of the process get their turn: webhooks must not wait. */
const SLICE = 64;

/** Which rows are sent, and why the others are not. */
export async function sortRows(rows: readonly TaskRow[], nowSeconds: number): Promise<SortedRows> {
  const sorted: SortedRows = { outgoing: [], skipped: [], refusable: [] };
  /** Index of each event that is sent, by name and id. */
  const places = new Map<string, number>();
  for (const [place, row] of rows.entries()) {
    if (place % SLICE === SLICE - 1) await nextTurn();
    const mapped = row.kind === "event" ? mapRow(row, nowSeconds) : row.error;
    if (!("outcome" in mapped)) {
      sorted.skipped.push(skippedRow(row, mapped));
    } else if (mapped.outcome.kind === "skip") {
      const reason = mapped.outcome.reason === "too_old" ? "too_old" : "no_match_key";
      const { given, eventId } = row as EventRow;
      sorted.skipped.push(skippedRow(row, taskError(reason, reason, {})));
      const event = buildGivenEvent(given, eventId, nowSeconds);
      if (reason !== "too_old" || event.event_time < nowSeconds - PINTEREST_SECONDS) {
        sorted.refusable.push({ event, reason });
      }
    } else {
      const identity = JSON.stringify([mapped.kind, mapped.eventId]);
      const first = places.get(identity);
      if (first === undefined) {
        places.set(identity, row.index);
        sorted.outgoing.push({ index: row.index, mapped, event: mapped.outcome.event });
      } else {
        sorted.skipped.push(skippedRow(row, taskError("duplicate", "duplicate", { row: first })));
      }
    }
  }
  return sorted;
}

/** One row that the reader let pass and Pinterest would not must not take the others with it. */
function mapRow({ given, eventId }: EventRow, nowSeconds: number): MappedEvent | RowError {
  try {
    return mapGivenEvent(given, eventId, nowSeconds);
  } catch (error) {
    if (!(error instanceof UnfitEventError)) throw error;
    return inputError([{ path: "event", message: `is ${error.message}` }]);
  }
}

function skippedRow(row: TaskRow, error: RowError): TaskResult {
  return {
    index: row.index,
    event_id: row.kind === "event" ? row.eventId : null,
    event_name: row.kind === "event" ? row.given.name : row.eventName,
    status: "skipped",
    warning: null,
    error,
    event: null,
  };
}
