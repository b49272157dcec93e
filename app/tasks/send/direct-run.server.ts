import type { ConversionEvent } from "#app/events/conversion-event.ts";
import type { PinterestClient } from "#app/pinterest/client.server.ts";
import type { DirectTarget } from "#app/tasks/choose-target.server.ts";
import type { Patience } from "#app/tasks/patience.server.ts";
import type { TaskError, TaskResult } from "#app/tasks/task-document.server.ts";

export interface DirectSender extends Patience {
  pinterest: Pick<PinterestClient, "sendEvents">;
  /** Called with how many events have their outcome. */
  onSettled: (settled: number) => void;
}

/** What became of one event. */
export type RowOutcome = Pick<TaskResult, "status" | "warning" | "error">;

export interface Item {
  /** Its place among the events. */
  place: number;
  /** Its JSON is made for each attempt, of the same bytes: kept, it would be there twice. */
  event: ConversionEvent;
}

/** Events of one request. */
export interface Batch {
  items: readonly Item[];
  /** How often they were sent in vain. */
  attempts: number;
  /** Why nobody knows whether Pinterest has them already; null: it has not. */
  lost: TaskError | null;
}

/** One sending, and how far it is. */
export interface DirectRun {
  sender: DirectSender;
  target: DirectTarget;
  /** What is still to be sent. */
  queue: Batch[];
  /** By place. */
  outcomes: RowOutcome[];
  settled: number;
  /** What the task as a whole is told. */
  error: TaskError | null;
  isStopped: boolean;
  /** No request before that: Pinterest asked for it. */
  notBeforeMs: number;
  halvings: number;
}

/** Gives events their outcomes, by their order in `items`. */
export function settle(
  run: DirectRun,
  items: readonly Item[],
  outcomeOf: (index: number) => RowOutcome,
): void {
  for (const [index, { place }] of items.entries()) run.outcomes[place] = outcomeOf(index);
  run.settled += items.length;
  run.sender.onSettled(run.settled);
}

/** The end of events that were not answered for. */
export function settleUnanswered(run: DirectRun, { items, lost }: Batch, reason: TaskError): void {
  const error = lost ?? reason;
  const isOpen = error.code === "undetermined" || error.code === "pinterest_unavailable";
  const status = isOpen ? "undetermined" : "failed";
  settle(run, items, () => ({ status, warning: null, error }));
}

/** No further request: it would come to the same. */
export function stop(run: DirectRun, error: TaskError): void {
  if (!run.isStopped) run.error = error;
  run.isStopped = true;
}
