import type { DueEvent, DueEvents } from "#app/outbox/drain/read-due-events.server.ts";
import type { Attempt, Settlement } from "#app/outbox/drain/settlement.server.ts";
import { BATCH_BYTES } from "#app/outbox/schedule-accounts.server.ts";
import type { EventOutcome } from "./classify-answer.server.ts";
import { retryDelayMs } from "./retry-policy.server.ts";

type Retried = Pick<DueEvent, "ref" | "attempts">;

/** Plans what happens to each event of an answered batch. `random`: from 0 to 1, for the jitter. */
export function settleOutcomes(
  batch: readonly DueEvent[],
  outcomes: readonly EventOutcome[],
  random: () => number,
): Settlement[] {
  return batch.map((event, index) => settleOutcome(event, outcomes[index], random));
}

function settleOutcome(
  event: DueEvent,
  outcome: EventOutcome | undefined,
  random: () => number,
): Settlement {
  switch (outcome?.kind) {
    case "accepted":
      return settled(event, "accepted", null, outcome.warning);
    case "rejected":
      return settled(event, "rejected", outcome.message, null);
    case "retry":
    case undefined:
      return retryLater(event, null, random);
  }
}

/** Retries the whole batch under the same ids: by the schedule, and not before Pinterest allows it. */
export function settleUnknown(
  batch: readonly Retried[],
  retryAfterSeconds: number | null,
  random: () => number,
): Settlement[] {
  return batch.map((event) => retryLater(event, retryAfterSeconds, random));
}

/** Settles events that can no longer be sent, or never could. */
export function settleUnsendable({
  ended,
  refused,
  oversized,
}: Pick<DueEvents, "ended" | "refused" | "oversized">): Settlement[] {
  return [
    ...refused.map((event) => settled(event, "skipped", "consent_refused", null)),
    ...ended.map((event) => settled(event, "expired", event.reason, null)),
    ...oversized.map((event) => settled(event, "rejected", TOO_LARGE, null)),
  ];
}

/** A merchant reads it where Pinterest's own message stands otherwise. */
const TOO_LARGE = `Not sent: the event is larger than ${BATCH_BYTES / 1024 / 1024} MB.`;

/** Lists the answers worth keeping: all except a plain "processed". */
export function listAnswers(
  batch: readonly DueEvent[],
  outcomes: readonly EventOutcome[],
): Attempt["answers"] {
  const answers: NonNullable<Attempt["answers"]> = {};
  for (const [index, outcome] of outcomes.entries()) {
    const ref = batch[index]?.ref.toString();
    if (ref === undefined) continue;
    if (outcome.kind !== "accepted") answers[ref] = { status: "failed", message: outcome.message };
    else if (outcome.warning !== null)
      answers[ref] = { status: "processed", message: outcome.warning };
  }
  return Object.keys(answers).length === 0 ? null : answers;
}

function settled(
  { ref }: { ref: bigint },
  state: Settlement["state"],
  reason: string | null,
  warning: string | null,
): Settlement {
  return { ref, state, reason, warning, retryInMs: null };
}

function retryLater(
  { ref, attempts }: Retried,
  retryAfterSeconds: number | null,
  random: () => number,
): Settlement {
  // "0" does not allow an immediate retry: the schedule is the minimum.
  const retryInMs = Math.max(retryDelayMs(attempts, random()), (retryAfterSeconds ?? 0) * 1_000);
  return { ref, state: "pending", reason: null, warning: null, retryInMs };
}
