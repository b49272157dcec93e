import type { Lease } from "#app/outbox/drain/claim-accounts.server.ts";
import { type DueEvent, readDueEvents } from "#app/outbox/drain/read-due-events.server.ts";
import type { Attempt, Settlement } from "#app/outbox/drain/settlement.server.ts";
import { BATCH_SIZE } from "#app/outbox/wake-accounts.server.ts";
import type { PinterestClient } from "#app/pinterest/client.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import {
  readSendingConnections,
  type SendingConnection,
} from "#app/shops/connection/sending-connections.server.ts";
import type { Verdict } from "./classify-answer.server.ts";
import { halve } from "./halve.server.ts";
import { settleExpired, settleOutcomes, settleUnknown } from "./plan-settlements.server.ts";
import { recoverConnection } from "./recover-connection.server.ts";
import { accountPauseMs, rateLimitPauseMs } from "./retry-policy.server.ts";
import { type Sender, sendBatch } from "./send-batch.server.ts";
import { createTurnSignals, settleSurely, type TurnSignals } from "./settle-surely.server.ts";

export interface DeliveryServices extends Sender {
  db: Database;
  keyring: Keyring;
  log: Logger;
  pinterest: Pick<PinterestClient, "sendEvents" | "refreshOAuthToken">;
  random: () => number;
}

interface Batch {
  shopId: bigint;
  connection: SendingConnection;
  /** The token was made in place of a refused one in this turn. */
  isFresh: boolean;
  events: readonly DueEvent[];
}

/** One turn of a leased ad account: what is still to send, and what the lease's end must say. */
interface Turn {
  lease: Lease;
  batches: Batch[];
  allowance: number;
  /** Null until Pinterest has said something of a batch: what was before still holds. */
  failures: number | null;
  pauseMs: number | null;
}

/** What a batch's answer leads to. `again`: batches to send in its place, first. */
interface Step {
  attempt: Attempt | null;
  settlements: Settlement[];
  again: Batch[];
  isOver: boolean;
}

/**
 * Sends what is due for a leased ad account, batch by batch, and gives the lease back. Each answer
 * is settled before the next request, so that a crash repeats no more than one; and between two
 * requests it is asked whether the shop still sends and the process goes on.
 */
export async function deliverAccount(
  services: DeliveryServices,
  lease: Lease,
  signals: TurnSignals = createTurnSignals(),
): Promise<void> {
  const { due, late, locked } = await readDueEvents(services, lease);
  if (locked.length > 0) logLocked(services, lease, locked.length);
  const turn: Turn = {
    lease,
    batches: await batchesByShop(services, due),
    allowance: lease.allowance,
    failures: null,
    pauseMs: null,
  };
  const unsendable = [...settleExpired(late), ...settleUnknown(locked, null, services.random)];
  let step: Step = { attempt: null, settlements: unsendable, again: [], isOver: false };
  for (;;) {
    const [next] = turn.batches;
    const mustEnd = step.isOver || turn.allowance < 1 || signals.stop.aborted;
    const isLast = mustEnd || next === undefined;
    const release = isLast
      ? {
          mayHaveMore: turn.batches.length > 0 || due.length + unsendable.length >= BATCH_SIZE,
          unusedAllowance: turn.allowance,
          pauseMs: turn.pauseMs,
          failures: turn.failures,
        }
      : null;
    const result = await settleSurely(services, signals, lease, {
      ...step,
      release,
      next: next && { shopId: next.shopId, connectedTo: next.connection.adAccountId },
    });
    countOutcomes(services, step.settlements);
    if (result.kind === "stale") {
      services.metrics.staleLeases.inc();
      services.log.warn({ adAccountId: lease.adAccountId }, "lease was lost before settling");
      return;
    }
    if (isLast) return;
    if (!result.mayGoOn) {
      turn.batches = turn.batches.filter(({ shopId }) => shopId !== next?.shopId);
      step = { attempt: null, settlements: [], again: [], isOver: false };
      continue;
    }
    step = await sendNext(services, turn);
    turn.batches.unshift(...step.again);
  }
}

function logLocked({ log }: DeliveryServices, { adAccountId }: Lease, events: number): void {
  log.error(
    { adAccountId, events },
    "payloads are encrypted under a key that is not in ENCRYPTION_KEYS: add the key they were written with",
  );
}

async function batchesByShop(services: DeliveryServices, due: DueEvent[]): Promise<Batch[]> {
  const byShop = Map.groupBy(due, (event) => event.shopId);
  const connections = await readSendingConnections(services, [...byShop.keys()]);
  return [...byShop].flatMap(([shopId, events]) => {
    const connection = connections.get(shopId);
    return connection === undefined ? [] : [{ shopId, connection, isFresh: false, events }];
  });
}

async function sendNext(services: DeliveryServices, turn: Turn): Promise<Step> {
  const batch = turn.batches.shift() as Batch;
  const { adAccountId } = turn.lease;
  turn.allowance -= 1;
  const { attempt, verdict } = await sendBatch(
    services,
    { adAccountId, token: batch.connection.token, shopId: batch.shopId },
    batch.events,
  );
  services.log.info(
    {
      adAccountId,
      shopId: String(batch.shopId),
      events: batch.events.length,
      verdict: verdict.kind,
      httpStatus: attempt.httpStatus,
      durationMs: attempt.durationMs,
    },
    "batch sent",
  );
  return { attempt, ...(await stepAfter(services, turn, batch, verdict)) };
}

async function stepAfter(
  services: DeliveryServices,
  turn: Turn,
  batch: Batch,
  verdict: Verdict,
): Promise<Omit<Step, "attempt">> {
  const { events } = batch;
  const { random } = services;
  switch (verdict.kind) {
    case "outcomes":
      turn.failures = 0;
      observeLatency(services, events, verdict.outcomes);
      return step(settleOutcomes(events, verdict.outcomes, random));
    case "bisect":
      turn.failures = 0;
      return { ...step([]), again: halve(events).map((half) => ({ ...batch, events: half })) };
    case "unknown":
      turn.failures = turn.lease.failures + 1;
      turn.pauseMs = longer(accountPauseMs(turn.failures), verdict.retryAfterSeconds);
      return {
        ...step(settleUnknown(events, verdict.retryAfterSeconds, random)),
        isOver: true,
      };
    case "rate_limited":
      turn.failures = turn.lease.failures + 1;
      turn.pauseMs = longer(rateLimitPauseMs(turn.lease.failures), verdict.retryAfterSeconds);
      return { ...step([]), isOver: true };
    case "not_authorized":
      return afterRefusal(services, turn, batch, verdict);
  }
}

function step(settlements: Settlement[]): Omit<Step, "attempt"> {
  return { settlements, again: [], isOver: false };
}

function longer(pauseMs: number | null, retryAfterSeconds: number | null): number | null {
  if (pauseMs === null && retryAfterSeconds === null) return null;
  return Math.max(pauseMs ?? 0, (retryAfterSeconds ?? 0) * 1_000);
}

/** The events stay as they are, and are sent again at once where there is another token. */
async function afterRefusal(
  services: DeliveryServices,
  turn: Turn,
  batch: Batch,
  { reason }: Extract<Verdict, { kind: "not_authorized" }>,
): Promise<Omit<Step, "attempt">> {
  const { adAccountId } = turn.lease;
  const recovery = await recoverConnection(services, { ...batch, adAccountId, reason });
  switch (recovery.kind) {
    case "again": {
      const { connection, isFresh } = recovery;
      const isOfShop = ({ shopId }: Batch) => shopId === batch.shopId;
      // The shop's other batches would each meet the same refusal.
      turn.batches = turn.batches.map((other) =>
        isOfShop(other) ? { ...other, connection, isFresh } : other,
      );
      return { ...step([]), again: [{ ...batch, connection, isFresh }] };
    }
    case "wait":
      turn.failures = turn.lease.failures + 1;
      turn.pauseMs = rateLimitPauseMs(turn.lease.failures);
      return { ...step([]), isOver: true };
    case "later":
      return step(settleUnknown(batch.events, null, services.random));
    case "stay":
      turn.batches = turn.batches.filter(({ shopId }) => shopId !== batch.shopId);
      return step([]);
  }
}

function countOutcomes({ metrics }: DeliveryServices, settlements: readonly Settlement[]): void {
  for (const [state, settled] of Map.groupBy(settlements, ({ state }) => state)) {
    metrics.events.inc({ outcome: state === "pending" ? "retry" : state }, settled.length);
  }
}

function observeLatency(
  { metrics, nowMs }: DeliveryServices,
  events: readonly DueEvent[],
  outcomes: readonly { kind: string }[],
): void {
  for (const [index, event] of events.entries()) {
    if (outcomes[index]?.kind !== "accepted") continue;
    metrics.latencySeconds.observe((nowMs() - event.createdAt.getTime()) / 1_000);
  }
}
