import type { DirectTarget } from "#app/tasks/choose-target.server.ts";
import type { TaskError } from "#app/tasks/task-document.server.ts";
import {
  type DirectRun,
  type DirectSender,
  type RowOutcome,
  settleUnanswered,
} from "./direct-run.server.ts";
import { intoRequests } from "./into-requests.server.ts";
import type { OutgoingEvent } from "./outgoing-event.server.ts";
import { takeAnswer } from "./take-answer.server.ts";

/** Requests under way at once: enough for a few seconds, far below Pinterest's 5,000 a minute. */
const IN_FLIGHT = 4;

/**
 * Sends events by a token at hand, without the outbox: at most 1,000 and 2 MiB a request, in order, and tries
 * again under the same ids as long as patience lasts. One outcome per event, by place. `error`: what
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
    halvings: 0,
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, () => work(run)));
  const { error } = run;
  if (error !== null) for (const batch of run.queue) settleUnanswered(run, batch, error);
  return { outcomes: run.outcomes, error };
}

/** Whoever puts a batch back goes on himself, so none is left behind when the others have ended. */
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
    await takeAnswer(run, batch, answer);
  }
}
