import type { Lease } from "#app/outbox/drain/claim-accounts.server.ts";
import { type DueEvent, readDueEvents } from "#app/outbox/drain/read-due-events.server.ts";
import type { Settlement } from "#app/outbox/drain/settlement.server.ts";
import { scrub } from "#app/pinterest/scrub.server.ts";
import { isPassingFault } from "#app/platform/is-passing-fault.server.ts";
import { noteTrouble } from "#app/shops/connection/note-trouble.server.ts";
import { readSendingConnections } from "#app/shops/connection/sending-connections.server.ts";
import { type AnswerServices, stepAfter } from "./after-answer.server.ts";
import { isProbeOver, judgeSuspects } from "./judge-refusals.server.ts";
import { settleUnknown, settleUnsendable } from "./plan-settlements.server.ts";
import { rateLimitPauseMs } from "./retry-policy.server.ts";
import { sendBatch } from "./send-batch.server.ts";
import { createTurnSignals, settleSurely, type TurnSignals } from "./settle-surely.server.ts";
import {
  type Batch,
  beginTurn,
  endTurn,
  NOTHING,
  type Step,
  type Turn,
  takeBatch,
} from "./turn.server.ts";

export type DeliveryServices = AnswerServices;

/**
 * Sends the due events of a leased ad account, batch by batch, and releases the lease. Each answer
 * is settled before the next request, so that a crash repeats no more than one; between two
 * requests it checks whether the shop still sends and the process still runs. A session that throws
 * releases the lease as well, and counts against the shop whose events were in hand.
 */
export async function deliverAccount(
  services: DeliveryServices,
  lease: Lease,
  signals: TurnSignals = createTurnSignals(),
): Promise<void> {
  const turn = beginTurn(lease);
  try {
    await takeTurn(services, signals, turn);
  } catch (error) {
    await endFaultyTurn(services, signals, turn, error);
  }
}

async function takeTurn(
  services: DeliveryServices,
  signals: TurnSignals,
  turn: Turn,
): Promise<void> {
  const { lease } = turn;
  const read = await readDueEvents(services, lease);
  const { due, locked } = read;
  if (locked.length > 0) logLocked(services, lease, locked.length);
  const unsendable = [
    ...settleUnsendable(read),
    ...settleUnknown(locked, null, services.random),
    ...(await planBatches(services, turn, due)),
  ];
  let step: Step = { ...NOTHING, settlements: unsendable };
  for (;;) {
    const [next] = turn.batches;
    const isCutShort = step.isOver || signals.stop.aborted || services.breaker.state() === "open";
    const isEnough = turn.allowance < 1 || isProbeOver(turn);
    const isLast = isCutShort || isEnough || next === undefined;
    const mayHaveMore = next !== undefined || read.mayHaveMore;
    const judged = isLast ? await judgeSuspects(services, turn, !isCutShort) : [];
    const settlements = [...step.settlements, ...judged];
    const result = await settleSurely({ ...services, db: services.db.reserved }, signals, lease, {
      attempt: step.attempt,
      settlements,
      release: isLast ? endTurn(turn, mayHaveMore) : null,
      next: next && { shopId: next.shopId, connectedTo: next.connection.adAccountId },
    });
    countOutcomes(services, settlements);
    if (result.kind === "stale") {
      services.metrics.staleLeases.inc();
      services.log.warn({ adAccountId: lease.adAccountId }, "lease was lost before settling");
      return;
    }
    await doAfterwards(services, step);
    if (isLast) return;
    if (result.mayGoOn) step = await sendNext(services, turn);
    else {
      turn.batches = turn.batches.filter(({ shopId }) => shopId !== next?.shopId);
      step = NOTHING;
    }
    turn.batches.unshift(...step.again);
  }
}

function logLocked({ log }: DeliveryServices, { adAccountId }: Lease, events: number): void {
  log.error(
    { adAccountId, events },
    "payloads are encrypted under a key that is not in ENCRYPTION_KEYS: add the key they were written with",
  );
}

/** Returns what happens to the events of shops whose token cannot be decrypted. */
async function planBatches(
  services: DeliveryServices,
  turn: Turn,
  due: DueEvent[],
): Promise<Settlement[]> {
  const byShop = Map.groupBy(due, (event) => event.shopId);
  const connections = await readSendingConnections(services, [...byShop.keys()]);
  const stuck: Settlement[] = [];
  for (const [shopId, events] of byShop) {
    const connection = connections.get(shopId);
    if (connection === undefined) continue;
    if (connection === null) {
      stuck.push(...settleUnknown(events, null, services.random));
      await countFault(services, shopId, "The connection's token does not open");
      continue;
    }
    const { token } = connection;
    turn.batches.push({ shopId, connection, token, isFresh: false, isPart: false, events });
  }
  return stuck;
}

async function sendNext(services: DeliveryServices, turn: Turn): Promise<Step> {
  const batch = takeBatch(turn);
  const { shopId, token } = batch;
  const { adAccountId } = turn.lease;
  turn.shopId = shopId;
  const sent = await sendBatch(services, { adAccountId, token, shopId }, batch.events);
  // The breaker opened meanwhile.
  if (sent === null) return { ...NOTHING, again: [batch], isOver: true };
  turn.allowance -= 1;
  logSent(services, turn.lease, batch, sent);
  const step = await stepAfter(services, turn, batch, sent);
  turn.shopId = null;
  return { ...step, attempt: sent.attempt };
}

function logSent(
  { log }: DeliveryServices,
  { adAccountId }: Lease,
  { shopId, events }: Batch,
  { verdict, attempt }: NonNullable<Awaited<ReturnType<typeof sendBatch>>>,
): void {
  log.info(
    {
      adAccountId,
      shopId: String(shopId),
      events: events.length,
      verdict: verdict.kind,
      httpStatus: attempt.httpStatus,
      durationMs: attempt.durationMs,
    },
    "batch sent",
  );
}

async function doAfterwards({ log }: DeliveryServices, { afterwards }: Step): Promise<void> {
  await afterwards?.().catch((error: unknown) => {
    log.error({ err: error }, "what was said of a connection could not be forgotten");
  });
}

/** Releases the lease with back-off: an expired lease would be claimed again every 30 s, for ever. */
async function endFaultyTurn(
  services: DeliveryServices,
  signals: TurnSignals,
  turn: Turn,
  error: unknown,
): Promise<void> {
  const { lease, shopId } = turn;
  services.metrics.turnFaults.inc();
  services.log.error({ err: error, adAccountId: lease.adAccountId }, "a turn failed");
  if (shopId !== null && !isPassingFault(error)) {
    await countFault(services, shopId, scrub(String(error)));
  }
  turn.failures = lease.failures + 1;
  turn.pauseMs = rateLimitPauseMs(lease.failures);
  const release = endTurn(turn, false);
  await settleSurely({ ...services, db: services.db.reserved }, signals, lease, {
    ...NOTHING,
    release,
  });
}

/**
 * Records a fault of ours that concerns one shop. At the third one its connection is paused, and
 * the merchant is told.
 */
async function countFault(
  services: DeliveryServices,
  shopId: bigint,
  detail: string,
): Promise<void> {
  const facts = { shopId: String(shopId), detail };
  try {
    const { kind } = await noteTrouble(services, shopId, { trouble: "internal", detail });
    services.log.error(facts, "events of a shop could not be sent for a fault of ours");
    if (kind !== "paused") return;
    services.metrics.pauses.inc({ reason: "internal" });
    services.log.error(facts, "connection paused");
  } catch (error) {
    services.log.error({ err: error, ...facts }, "a fault of ours could not be noted");
  }
}

function countOutcomes({ metrics }: DeliveryServices, settlements: readonly Settlement[]): void {
  for (const [state, settled] of Map.groupBy(settlements, ({ state }) => state)) {
    metrics.events.inc({ outcome: state === "pending" ? "retry" : state }, settled.length);
  }
}
