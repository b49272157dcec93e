import type { DueEvent } from "#app/outbox/drain/read-due-events.server.ts";
import type { Attempt } from "#app/outbox/drain/settlement.server.ts";
import type { PinterestClient } from "#app/pinterest/client.server.ts";
import type { Breaker } from "./breaker.server.ts";
import { classifyAnswer, type Verdict } from "./classify-answer.server.ts";
import type { DeliveryMetrics } from "./delivery-metrics.server.ts";
import { answersOf } from "./plan-settlements.server.ts";

export interface Sender {
  pinterest: Pick<PinterestClient, "sendEvents">;
  breaker: Breaker;
  metrics: DeliveryMetrics;
  /** Process clock, for durations and what a person reads; leases go by the database's. */
  nowMs: () => number;
}

/** Sends one batch of one shop and reads the answer. Never throws for what Pinterest does. */
export async function sendBatch(
  { pinterest, breaker, metrics, nowMs }: Sender,
  { adAccountId, token, shopId }: { adAccountId: string; token: string; shopId: bigint },
  batch: readonly DueEvent[],
): Promise<{ attempt: Attempt; verdict: Verdict }> {
  const startedAtMs = nowMs();
  const bodies = batch.map((event) => event.body);
  const answer = await pinterest.sendEvents({ adAccountId, token, bodies });
  const durationMs = nowMs() - startedAtMs;
  const verdict = classifyAnswer(answer, batch.length);
  const httpStatus = answer.httpStatus;
  breaker.record(httpStatus !== null && httpStatus < 500);
  metrics.requests.inc({ status_class: statusClass(httpStatus) });
  metrics.requestSeconds.observe(durationMs / 1_000);
  metrics.batchEvents.observe(batch.length);
  return {
    verdict,
    attempt: {
      shopId,
      startedAt: new Date(startedAtMs),
      durationMs,
      outcome: verdict.kind,
      httpStatus,
      pinterestCode: answer.kind === "refused" ? answer.code : null,
      message: answer.kind === "answered" ? null : answer.message,
      refs: batch.map((event) => event.ref),
      answers: verdict.kind === "outcomes" ? answersOf(batch, verdict.outcomes) : null,
    },
  };
}

function statusClass(httpStatus: number | null): string {
  return httpStatus === null ? "none" : `${Math.floor(httpStatus / 100)}xx`;
}
