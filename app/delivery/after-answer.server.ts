import type { DueEvent } from "#app/outbox/drain/read-due-events.server.ts";
import type { PinterestClient } from "#app/pinterest/client.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import {
  clearTrouble,
  noteRefusedConversionToken,
} from "#app/shops/connection/note-trouble.server.ts";
import { type EventOutcome, halve, type Verdict } from "./classify-answer.server.ts";
import type { DeliveryProgress } from "./delivery-gauges.server.ts";
import { settleJudged, stopAccount } from "./judge-refusals.server.ts";
import { settleUnknown } from "./plan-settlements.server.ts";
import { recoverConnection } from "./recover-connection.server.ts";
import { accountPauseMs, rateLimitPauseMs } from "./retry-policy.server.ts";
import type { Sender } from "./send-batch.server.ts";
import {
  type Batch,
  halveLimit,
  NOTHING,
  raiseLimit,
  type Step,
  type Turn,
} from "./turn.server.ts";

export interface AnswerServices extends Sender {
  db: Database;
  keyring: Keyring;
  log: Logger;
  pinterest: Pick<PinterestClient, "sendEvents" | "refreshOAuthToken">;
  random: () => number;
  progress: DeliveryProgress;
}

/** Decides what follows from an answer to a batch. */
export async function stepAfter(
  services: AnswerServices,
  turn: Turn,
  batch: Batch,
  { verdict, wasTooMuch }: { verdict: Verdict; wasTooMuch: boolean },
): Promise<Step> {
  const { events } = batch;
  if (wasTooMuch) halveLimit(turn, events.length);
  switch (verdict.kind) {
    case "outcomes":
      turn.failures = 0;
      raiseLimit(turn, events.length);
      return afterOutcomes(services, turn, batch, verdict.outcomes);
    case "bisect": {
      turn.failures = 0;
      const again = halve(events).map((half) => ({ ...batch, isPart: true, events: half }));
      return { ...NOTHING, again };
    }
    case "unknown":
      turn.failures = turn.lease.failures + 1;
      turn.pauseMs = longer(accountPauseMs(turn.failures), verdict.retryAfterSeconds);
      return {
        ...NOTHING,
        settlements: settleUnknown(events, verdict.retryAfterSeconds, services.random),
        isOver: true,
      };
    case "rate_limited":
      turn.failures = turn.lease.failures + 1;
      // "Retry-After: 0" does not allow an immediate retry.
      turn.pauseMs = longer(rateLimitPauseMs(turn.lease.failures), verdict.retryAfterSeconds);
      return { ...NOTHING, isOver: true };
    case "not_authorized":
      return afterRefusal(services, turn, batch, verdict);
  }
}

async function afterOutcomes(
  services: AnswerServices,
  turn: Turn,
  batch: Batch,
  outcomes: readonly EventOutcome[],
): Promise<Step> {
  observeLatency(services, batch.events, outcomes);
  const { settlements, refusedWith } = settleJudged(services, turn, batch, outcomes);
  if (refusedWith !== null) {
    await stopAccount(services, turn, batch.shopId, refusedWith);
    return { ...NOTHING, settlements, isOver: true };
  }
  const isAccepted = outcomes.some(({ kind }) => kind === "accepted");
  return {
    ...NOTHING,
    settlements,
    afterwards: isAccepted ? () => rememberGood(services, batch) : undefined,
  };
}

/**
 * Clears what counted against the connection; counts a conversion token that was skipped for
 * another token.
 */
async function rememberGood(services: AnswerServices, batch: Batch): Promise<void> {
  const { shopId, connection, token } = batch;
  const withConversionToken = token === connection.token;
  if (connection.isTroubled) await clearTrouble(services, shopId, { withConversionToken });
  const isPassedOver = !withConversionToken && connection.token !== connection.signInToken;
  if (isPassedOver) await noteRefusedConversionToken(services, shopId);
}

/** Leaves the events as they are, and sends them again at once where there is another token. */
async function afterRefusal(
  services: AnswerServices,
  turn: Turn,
  batch: Batch,
  { reason, message }: Extract<Verdict, { kind: "not_authorized" }>,
): Promise<Step> {
  const { adAccountId } = turn.lease;
  const recovery = await recoverConnection(services, { ...batch, adAccountId, reason, message });
  const isOfShop = ({ shopId }: Batch) => shopId === batch.shopId;
  switch (recovery.kind) {
    case "again": {
      const { connection, token, isFresh } = recovery;
      // The shop's other batches would each meet the same refusal.
      turn.batches = turn.batches.map((other) =>
        isOfShop(other) ? { ...other, connection, token, isFresh } : other,
      );
      return { ...NOTHING, again: [{ ...batch, connection, token, isFresh }] };
    }
    case "wait":
      turn.failures = turn.lease.failures + 1;
      return rest(services, turn, batch, rateLimitPauseMs(turn.lease.failures));
    case "rest":
      return rest(services, turn, batch, recovery.pauseMs);
    case "later":
      return { ...NOTHING, settlements: settleUnknown(batch.events, null, services.random) };
    case "stay":
      turn.batches = turn.batches.filter((other) => !isOfShop(other));
      return NOTHING;
  }
}

/**
 * Pauses the account. If another shop sends to it as well, only this shop's events wait: their own
 * time is put off, because the account's would delay the other shop.
 */
function rest(services: AnswerServices, turn: Turn, batch: Batch, pauseMs: number): Step {
  const own = turn.batches.filter(({ shopId }) => shopId === batch.shopId);
  turn.batches = turn.batches.filter(({ shopId }) => shopId !== batch.shopId);
  if (turn.accepted === 0 && turn.batches.length === 0) {
    turn.pauseMs = Math.max(turn.pauseMs ?? 0, pauseMs);
    return { ...NOTHING, isOver: true };
  }
  const events = [batch, ...own].flatMap((waiting) => waiting.events);
  return { ...NOTHING, settlements: settleUnknown(events, pauseMs / 1_000, services.random) };
}

function longer(pauseMs: number | null, retryAfterSeconds: number | null): number | null {
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
