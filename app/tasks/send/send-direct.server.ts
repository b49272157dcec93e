import {
  bisect,
  classifyAnswer,
  type EventOutcome,
  wasTooMuch,
} from "#app/delivery/classify-answer.server.ts";
import type { ConversionEvent } from "#app/events/conversion-event.ts";
import type { PinterestClient } from "#app/pinterest/client.server.ts";
import {
  MAX_EVENTS_BYTES_PER_REQUEST,
  MAX_EVENTS_PER_REQUEST,
} from "#app/pinterest/limits.server.ts";
import type { SendAnswer } from "#app/pinterest/send-events.server.ts";
import { cutBySize } from "#app/platform/bodies/cut-by-size.server.ts";
import type { DirectTarget } from "#app/tasks/choose-target.server.ts";
import {
  isInTime,
  lostError,
  type RetryBudget,
  rateLimitError,
  refusalError,
  retryPauseMs,
  slowDownMs,
} from "#app/tasks/pinterest-failure.server.ts";
import type { TaskError, TaskResult } from "#app/tasks/task-document.server.ts";
import { taskError } from "#app/tasks/task-error.server.ts";
import type { OutgoingEvent } from "#app/tasks/task-request.server.ts";

/*
 * A second delivery loop, beside delivery/deliver-account. That one drains the outbox: what it does
 * not finish stays in the database, and a lease says who goes on. Here nothing is stored: the events
 * are in this process's memory alone and the caller waits, so a deadline ends the trying, and what has
 * no outcome by then is reported as such. What an answer means, when to try again and how to bisect
 * are the same, and are delivery's (classify-answer, retry-policy).
 */

/** Requests under way at once: enough for a few seconds, far below Pinterest's 5,000 a minute. */
const IN_FLIGHT = 4;

/**
 * Halved requests in one run. One bad event takes ten of them; when there are this many the fault is
 * in what all events have in common, and Pinterest's answer to any of them tells it.
 */
const MOST_BISECTIONS = 500;

export interface DirectSender extends RetryBudget {
  pinterest: Pick<PinterestClient, "sendEvents">;
  /** Called with how many events have their outcome. */
  onSettled: (settled: number) => void;
}

/** The outcome of one event. */
type RowOutcome = Pick<TaskResult, "status" | "warning" | "error">;

interface Item {
  /** Its place among the events. */
  place: number;
  /** Its JSON is made for each attempt, of the same bytes: kept, it would be there twice. */
  event: ConversionEvent;
}

/** Events of one request. */
interface Batch {
  items: readonly Item[];
  /** The number of failed sends. */
  attempts: number;
  /** The reason why it is unknown whether Pinterest has them already; null: it has not. */
  lost: TaskError | null;
}

/** One sending, and how far it is. */
interface DirectRun {
  sender: DirectSender;
  target: DirectTarget;
  /** The batches that still have to be sent. */
  queue: Batch[];
  /** The outcomes by index. */
  outcomes: RowOutcome[];
  settled: number;
  /** The error of the whole task. */
  error: TaskError | null;
  isStopped: boolean;
  /** No request before that: Pinterest asked for it. */
  notBeforeMs: number;
  bisections: number;
}

/**
 * Sends events by a token at hand, without the outbox: at most 1,000 and 2 MiB a request, in order, and tries
 * again under the same ids until the deadline. One outcome per event, by place. `error`: what
 * stopped the sending, or left events in doubt.
 */
export async function sendDirect(
  sender: DirectSender,
  target: DirectTarget,
  events: readonly OutgoingEvent[],
): Promise<{ outcomes: RowOutcome[]; error: TaskError | null }> {
  const items = events.map(({ event, bytes }, place) => ({ place, event, bytes }));
  const run: DirectRun = {
    sender,
    target,
    queue: intoRequests(items).map((part) => ({ items: part, attempts: 0, lost: null })),
    outcomes: [],
    settled: 0,
    error: null,
    isStopped: false,
    notBeforeMs: 0,
    bisections: 0,
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, () => work(run)));
  const { error } = run;
  if (error !== null) for (const batch of run.queue) settleUnanswered(run, batch, error);
  return { outcomes: run.outcomes, error };
}

/** A worker that puts a batch back keeps running, so none is left when the others have stopped. */
async function work(run: DirectRun): Promise<void> {
  const { sender, target } = run;
  const { adAccountId, token, isTest: test } = target;
  while (!run.isStopped && run.queue.length > 0) {
    const pauseMs = run.notBeforeMs - sender.nowMs();
    if (pauseMs > 0) await sender.wait(pauseMs);
    const batch = run.isStopped ? undefined : run.queue.shift();
    if (batch === undefined) return;
    const bodies = batch.items.map(({ event }) => JSON.stringify(event));
    const answer = await sender.pinterest.sendEvents({ adAccountId, token, bodies, test });
    await handleResponse(run, batch, answer);
  }
}

/** Does what Pinterest's answer to a batch asks for, waits included. */
async function handleResponse(run: DirectRun, batch: Batch, answer: SendAnswer): Promise<void> {
  const verdict = classifyAnswer(answer, batch.items.length);
  switch (verdict.kind) {
    case "outcomes":
      return applyOutcomes(run, batch, verdict.outcomes);
    case "bisect":
      return halveBatch(run, batch, verdict.message);
    case "unknown": {
      const lost = lostError(answer, verdict.message);
      return retryLost(run, { ...batch, lost }, verdict.retryAfterSeconds, answer);
    }
    case "rate_limited":
      return slowDown(run, batch, verdict.retryAfterSeconds);
    case "not_authorized":
      run.queue.unshift(batch);
      return stop(run, refusalError(run.target, verdict));
  }
}

async function applyOutcomes(
  run: DirectRun,
  { items, attempts }: Batch,
  outcomes: readonly EventOutcome[],
): Promise<void> {
  const pauseMs = retryPauseMs(run.sender, attempts, null);
  const isPassing = (index: number) => outcomes[index]?.kind === "retry";
  const again = isInTime(run.sender, pauseMs) ? items.filter((_, index) => isPassing(index)) : [];
  const isOver = (index: number) => again.length === 0 || !isPassing(index);
  const over = outcomes.filter((_, index) => isOver(index)).map(toRowOutcome);
  const settled = items.filter((_, index) => isOver(index));
  settle(run, settled, (index) => over[index] as RowOutcome);
  if (again.length === 0) return;
  await run.sender.wait(pauseMs);
  run.queue.unshift({ items: again, attempts: attempts + 1, lost: null });
}

function toRowOutcome(outcome: EventOutcome): RowOutcome {
  if (outcome.kind === "accepted") {
    return { status: "accepted", warning: outcome.warning, error: null };
  }
  return refused(outcome.message);
}

function refused(answer: string): RowOutcome {
  const error = taskError("rejected", "event_refused", { answer });
  return { status: "failed", warning: null, error };
}

function halveBatch(run: DirectRun, batch: Batch, message: string): void {
  if (run.bisections >= MOST_BISECTIONS) {
    settle(run, batch.items, () => refused(message));
    return;
  }
  run.bisections += 1;
  run.queue.unshift(...bisect(batch.items).map((items) => ({ ...batch, items })));
}

/** No answer at all: it will not be there for the other batches either. */
function isSilence(answer: SendAnswer): boolean {
  if (answer.kind === "refused") return true;
  return answer.kind === "lost" && (answer.reason === "timeout" || answer.reason === "network");
}

async function retryLost(
  run: DirectRun,
  batch: Batch & { lost: NonNullable<Batch["lost"]> },
  retryAfterSeconds: number | null,
  answer: SendAnswer,
): Promise<void> {
  const { items, attempts } = batch;
  const pauseMs = retryPauseMs(run.sender, attempts, retryAfterSeconds);
  if (isInTime(run.sender, pauseMs)) {
    await run.sender.wait(pauseMs);
    const parts = wasTooMuch(answer) && items.length > 1 ? bisect(items) : [items];
    run.queue.unshift(...parts.map((part) => ({ ...batch, items: part, attempts: attempts + 1 })));
    return;
  }
  settleUnanswered(run, batch, batch.lost);
  if (isSilence(answer)) stop(run, batch.lost);
  else run.error ??= batch.lost;
}

function slowDown(run: DirectRun, batch: Batch, retryAfterSeconds: number | null): void {
  const pauseMs = slowDownMs(batch.attempts, retryAfterSeconds);
  run.queue.unshift({ ...batch, attempts: batch.attempts + 1 });
  if (isInTime(run.sender, pauseMs)) {
    run.notBeforeMs = Math.max(run.notBeforeMs, run.sender.nowMs() + pauseMs);
  } else {
    stop(run, rateLimitError(run.target, Math.ceil(pauseMs / 1_000)));
  }
}

/** Gives events their outcomes, by their order in `items`. */
function settle(
  run: DirectRun,
  items: readonly Item[],
  outcomeOf: (index: number) => RowOutcome,
): void {
  for (const [index, { place }] of items.entries()) run.outcomes[place] = outcomeOf(index);
  run.settled += items.length;
  run.sender.onSettled(run.settled);
}

/** The end of events that were not answered for. */
function settleUnanswered(run: DirectRun, { items, lost }: Batch, reason: TaskError): void {
  const error = lost ?? reason;
  const isOpen = error.code === "undetermined" || error.code === "pinterest_unavailable";
  const status = isOpen ? "undetermined" : "failed";
  settle(run, items, () => ({ status, warning: null, error }));
}

/** No further request: it would come to the same. */
function stop(run: DirectRun, error: TaskError): void {
  if (!run.isStopped) run.error = error;
  run.isStopped = true;
}

/** Splits the events into requests, in order. */
export function intoRequests<Item extends { bytes: number }>(items: readonly Item[]): Item[][] {
  return cutBySize(items, {
    items: MAX_EVENTS_PER_REQUEST,
    bytes: MAX_EVENTS_BYTES_PER_REQUEST,
    countBytes: ({ bytes }) => bytes,
  });
}
