import type { DueEvent } from "#app/outbox/drain/read-due-events.server.ts";
import type { Attempt } from "#app/outbox/drain/settlement.server.ts";
import type { PinterestClient } from "#app/pinterest/client.server.ts";
import { reach } from "#app/platform/fault-point.server.ts";
import { classifyAnswer, type Verdict, wasTooMuch } from "./classify-answer.server.ts";
import type { DeliveryMetrics } from "./delivery-metrics.server.ts";
import type { PinterestBreaker } from "./pinterest-breaker.server.ts";
import { listAnswers } from "./plan-settlements.server.ts";

export interface Sender {
  pinterest: Pick<PinterestClient, "sendEvents">;
  breaker: PinterestBreaker;
  metrics: DeliveryMetrics;
  /** The process's clock, for displayed times; leases use the database's. */
  nowMs: () => number;
}

/** An answer to a batch. */
export interface Sent {
  attempt: Attempt;
  verdict: Verdict;
  wasTooMuch: boolean;
}

/**
 * Sends one batch of one shop and reads the answer. Never throws because of Pinterest. Null: the
 * breaker is open, and nothing was sent.
 */
export async function sendBatch(
  { pinterest, breaker, metrics, nowMs }: Sender,
  { adAccountId, token, shopId }: { adAccountId: string; token: string; shopId: bigint },
  batch: readonly DueEvent[],
): Promise<Sent | null> {
  const startedAtMs = nowMs();
  // The clock may be set meanwhile: a duration of a year could not be stored, nor the answer with it.
  const begunAt = performance.now();
  const bodies = batch.map((event) => event.payload);
  reach("batch ready");
  const answer = await breaker.ask(() => pinterest.sendEvents({ adAccountId, token, bodies }));
  if (answer === null) return null;
  reach("answer read");
  const durationMs = Math.round(performance.now() - begunAt);
  const verdict = classifyAnswer(answer, batch.length);
  const httpStatus = answer.httpStatus;
  metrics.requests.inc({
    status_class: statusClass(httpStatus),
    code: String(httpStatus ?? "none"),
  });
  metrics.requestSeconds.observe(durationMs / 1_000);
  metrics.batchEvents.observe(batch.length);
  return {
    verdict,
    wasTooMuch: wasTooMuch(answer),
    attempt: {
      shopId,
      startedAt: new Date(startedAtMs),
      durationMs,
      outcome: verdict.kind,
      httpStatus,
      pinterestCode: answer.kind === "refused" ? answer.code : null,
      message: answer.kind === "answered" ? null : answer.message,
      refs: batch.map((event) => event.ref),
      answers: verdict.kind === "outcomes" ? listAnswers(batch, verdict.outcomes) : null,
    },
  };
}

function statusClass(httpStatus: number | null): string {
  return httpStatus === null ? "none" : `${Math.floor(httpStatus / 100)}xx`;
}
