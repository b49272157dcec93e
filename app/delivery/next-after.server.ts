import type { DueEvent } from "#app/outbox/drain/read-due-events.server.ts";
import type { PinterestClient } from "#app/pinterest/client.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import {
  clearTrouble,
  recordRefusedConversionToken,
} from "#app/shops/connection/record-trouble.server.ts";
import {
  type AccountSession,
  type Batch,
  type BatchResult,
  lowerLimit,
  NO_RESULT,
  raiseLimit,
} from "./account-session.server.ts";
import { bisect, type EventOutcome, type Verdict } from "./classify-answer.server.ts";
import { settleDecided, stopAccount } from "./decide-rejections.server.ts";
import type { DeliveryProgress } from "./delivery-metrics.server.ts";
import { settleUnknown } from "./plan-settlements.server.ts";
import { recoverConnection } from "./recover-connection.server.ts";
import { accountPauseMs, rateLimitPauseMs } from "./retry-policy.server.ts";
import type { Sender } from "./send-batch.server.ts";

export interface AnswerServices extends Sender {
  db: Database;
  keyring: Keyring;
  log: Logger;
  pinterest: Pick<PinterestClient, "sendEvents" | "refreshOAuthToken">;
  random: () => number;
  progress: DeliveryProgress;
}

/** Decides what follows from an answer to a batch. */
export async function nextAfter(
  services: AnswerServices,
  session: AccountSession,
  batch: Batch,
  { verdict, wasTooMuch }: { verdict: Verdict; wasTooMuch: boolean },
): Promise<BatchResult> {
  const { events } = batch;
  if (wasTooMuch) lowerLimit(session, events.length);
  switch (verdict.kind) {
    case "outcomes":
      session.failures = 0;
      raiseLimit(session, events.length);
      return afterOutcomes(services, session, batch, verdict.outcomes);
    case "bisect": {
      session.failures = 0;
      const again = bisect(events).map((half) => ({ ...batch, isPart: true, events: half }));
      return { ...NO_RESULT, again };
    }
    case "unknown":
      session.failures = session.lease.failures + 1;
      session.pauseMs = longerPause(accountPauseMs(session.failures), verdict.retryAfterSeconds);
      return {
        ...NO_RESULT,
        settlements: settleUnknown(events, verdict.retryAfterSeconds, services.random),
        isOver: true,
      };
    case "rate_limited":
      session.failures = session.lease.failures + 1;
      // "Retry-After: 0" does not allow an immediate retry.
      session.pauseMs = longerPause(
        rateLimitPauseMs(session.lease.failures),
        verdict.retryAfterSeconds,
      );
      return { ...NO_RESULT, isOver: true };
    case "not_authorized":
      return onUnauthorized(services, session, batch, verdict);
  }
}

async function afterOutcomes(
  services: AnswerServices,
  session: AccountSession,
  batch: Batch,
  outcomes: readonly EventOutcome[],
): Promise<BatchResult> {
  observeLatency(services, batch.events, outcomes);
  const { settlements, rejectedWith } = settleDecided(services, session, batch, outcomes);
  if (rejectedWith !== null) {
    await stopAccount(services, session, batch.shopId, rejectedWith);
    return { ...NO_RESULT, settlements, isOver: true };
  }
  const isAccepted = outcomes.some(({ kind }) => kind === "accepted");
  return {
    ...NO_RESULT,
    settlements,
    afterwards: isAccepted ? () => clearCounts(services, batch) : undefined,
  };
}

/**
 * Clears what counted against the connection; counts a conversion token that was skipped for
 * another token.
 */
async function clearCounts(services: AnswerServices, batch: Batch): Promise<void> {
  const { shopId, connection, token } = batch;
  const withConversionToken = token === connection.token;
  if (connection.isTroubled) await clearTrouble(services, shopId, { withConversionToken });
  const isPassedOver = !withConversionToken && connection.token !== connection.signInToken;
  if (isPassedOver) await recordRefusedConversionToken(services, shopId);
}

/** Leaves the events as they are, and sends them again at once where there is another token. */
async function onUnauthorized(
  services: AnswerServices,
  session: AccountSession,
  batch: Batch,
  { reason, message }: Extract<Verdict, { kind: "not_authorized" }>,
): Promise<BatchResult> {
  const { adAccountId } = session.lease;
  const recovery = await recoverConnection(services, { ...batch, adAccountId, reason, message });
  const isOfShop = ({ shopId }: Batch) => shopId === batch.shopId;
  switch (recovery.kind) {
    case "retry_batch": {
      const { connection, token, isFresh } = recovery;
      // The shop's other batches would each meet the same refusal.
      session.batches = session.batches.map((other) =>
        isOfShop(other) ? { ...other, connection, token, isFresh } : other,
      );
      return { ...NO_RESULT, again: [{ ...batch, connection, token, isFresh }] };
    }
    case "retry_account":
      session.failures = session.lease.failures + 1;
      return delayAccount(services, session, batch, rateLimitPauseMs(session.lease.failures));
    case "delay_account":
      return delayAccount(services, session, batch, recovery.pauseMs);
    case "backoff":
      return { ...NO_RESULT, settlements: settleUnknown(batch.events, null, services.random) };
    case "pause":
      session.batches = session.batches.filter((other) => !isOfShop(other));
      return NO_RESULT;
  }
}

/**
 * Pauses the account. If another shop sends to it as well, only this shop's events wait: their own
 * time is put off, because the account's would delay the other shop.
 */
function delayAccount(
  services: AnswerServices,
  session: AccountSession,
  batch: Batch,
  pauseMs: number,
): BatchResult {
  const own = session.batches.filter(({ shopId }) => shopId === batch.shopId);
  session.batches = session.batches.filter(({ shopId }) => shopId !== batch.shopId);
  if (session.accepted === 0 && session.batches.length === 0) {
    session.pauseMs = Math.max(session.pauseMs ?? 0, pauseMs);
    return { ...NO_RESULT, isOver: true };
  }
  const events = [batch, ...own].flatMap((waiting) => waiting.events);
  return { ...NO_RESULT, settlements: settleUnknown(events, pauseMs / 1_000, services.random) };
}

function longerPause(pauseMs: number | null, retryAfterSeconds: number | null): number | null {
  if (pauseMs === null && retryAfterSeconds === null) return null;
  return Math.max(pauseMs ?? 0, (retryAfterSeconds ?? 0) * 1_000);
}

function observeLatency(
  { metrics, nowMs }: AnswerServices,
  events: readonly DueEvent[],
  outcomes: readonly { kind: string }[],
): void {
  for (const [index, event] of events.entries()) {
    if (outcomes[index]?.kind !== "accepted") continue;
    metrics.latencySeconds.observe((nowMs() - event.createdAt.getTime()) / 1_000);
  }
}
