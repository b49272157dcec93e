import {
  classifyAnswer,
  type EventOutcome,
  halve,
  wasTooMuch,
} from "#app/delivery/classify-answer.server.ts";
import type { SendAnswer } from "#app/pinterest/send-events.server.ts";
import { isInTime, retryPauseMs, slowDownMs } from "#app/tasks/patience.server.ts";
import { lostError, rateLimitError, refusalError } from "#app/tasks/pinterest-failure.server.ts";
import { taskError } from "#app/tasks/task-error.server.ts";
import {
  type Batch,
  type DirectRun,
  type RowOutcome,
  settle,
  settleUnanswered,
  stop,
} from "./direct-run.server.ts";

/**
 * Halved requests in one run. One bad event takes ten of them; when there are this many the fault is
 * in what all events have in common, and Pinterest's answer to any of them tells it.
 */
const MOST_HALVINGS = 500;

/** Does what Pinterest's answer to a batch asks for, waits included. */
export async function takeAnswer(run: DirectRun, batch: Batch, answer: SendAnswer): Promise<void> {
  const verdict = classifyAnswer(answer, batch.items.length);
  switch (verdict.kind) {
    case "outcomes":
      return takeOutcomes(run, batch, verdict.outcomes);
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

async function takeOutcomes(
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
  if (run.halvings >= MOST_HALVINGS) {
    settle(run, batch.items, () => refused(message));
    return;
  }
  run.halvings += 1;
  run.queue.unshift(...halve(batch.items).map((items) => ({ ...batch, items })));
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
    const parts = wasTooMuch(answer) && items.length > 1 ? halve(items) : [items];
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
