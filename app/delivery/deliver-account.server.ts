import type { Lease } from "#app/outbox/drain/claim-accounts.server.ts";
import { type DueEvent, readDueEvents } from "#app/outbox/drain/read-due-events.server.ts";
import type { Settlement } from "#app/outbox/drain/settlement.server.ts";
import { scrub } from "#app/pinterest/scrub.server.ts";
import { reach } from "#app/platform/fault-point.server.ts";
import { traced } from "#app/platform/trace.server.ts";
import { isPassingFault } from "#app/platform/work/keep-trying.server.ts";
import { readSendingConnections } from "#app/shops/connection/read-connection.server.ts";
import { recordTrouble } from "#app/shops/connection/record-trouble.server.ts";
import {
  type AccountSession,
  type Batch,
  type BatchResult,
  beginSession,
  endSession,
  NO_RESULT,
  nextBatch,
} from "./account-session.server.ts";
import { decideSuspects, isProbeOver } from "./decide-rejections.server.ts";
import { type AnswerServices, nextAfter } from "./next-after.server.ts";
import { settleUnknown, settleUnsendable } from "./plan-settlements.server.ts";
import { rateLimitPauseMs } from "./retry-policy.server.ts";
import { sendBatch } from "./send-batch.server.ts";
import { createSessionSignals, type SessionSignals, settleSurely } from "./settle-surely.server.ts";

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
  signals: SessionSignals = createSessionSignals(),
): Promise<void> {
  const session = beginSession(lease);
  try {
    await traced("deliver ad account", { adAccountId: lease.adAccountId }, () =>
      runSession(services, signals, session),
    );
  } catch (error) {
    await endFaultySession(services, signals, session, error);
  }
}

async function runSession(
  services: DeliveryServices,
  signals: SessionSignals,
  session: AccountSession,
): Promise<void> {
  const { lease } = session;
  const read = await readDueEvents(services, lease);
  const { due, locked } = read;
  if (locked.length > 0) logLocked(services, lease, locked.length);
  const unsendable = [
    ...settleUnsendable(read),
    ...settleUnknown(locked, null, services.random),
    ...(await planBatches(services, session, due)),
  ];
  let batchResult: BatchResult = { ...NO_RESULT, settlements: unsendable };
  for (;;) {
    const [next] = session.batches;
    const isCutShort =
      batchResult.isOver || signals.stop.aborted || services.breaker.state() === "open";
    const isEnough = session.allowance < 1 || isProbeOver(session);
    const isLast = isCutShort || isEnough || next === undefined;
    const mayHaveMore = next !== undefined || read.mayHaveMore;
    const decided = isLast ? await decideSuspects(services, session, !isCutShort) : [];
    const settlements = [...batchResult.settlements, ...decided];
    const settled = {
      attempt: batchResult.attempt,
      settlements,
      release: isLast ? endSession(session, mayHaveMore) : null,
      next: next && { shopId: next.shopId, connectedTo: next.connection.adAccountId },
    };
    const result = await traced("settle batch", { events: settlements.length }, () =>
      settleSurely({ ...services, db: services.db.reserved }, signals, lease, settled),
    );
    countOutcomes(services, settlements);
    if (result.kind === "stale") {
      services.metrics.staleLeases.inc();
      services.log.warn({ adAccountId: lease.adAccountId }, "lease was lost before settling");
      return;
    }
    await doAfterwards(services, batchResult);
    if (isLast) return;
    if (batchResult.attempt !== null) reach("request settled");
    if (result.mayGoOn) batchResult = await sendNext(services, session);
    else {
      session.batches = session.batches.filter(({ shopId }) => shopId !== next?.shopId);
      batchResult = NO_RESULT;
    }
    session.batches.unshift(...batchResult.again);
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
  session: AccountSession,
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
    session.batches.push({ shopId, connection, token, isFresh: false, isPart: false, events });
  }
  return stuck;
}

async function sendNext(services: DeliveryServices, session: AccountSession): Promise<BatchResult> {
  const batch = nextBatch(session);
  const { shopId, token } = batch;
  const { adAccountId } = session.lease;
  session.shopId = shopId;
  const about = { adAccountId, shopId: String(shopId), events: batch.events.length };
  const sent = await traced("send batch", about, async (span) => {
    const answered = await sendBatch(services, { adAccountId, token, shopId }, batch.events);
    const verdict = answered?.verdict.kind ?? "not_sent";
    span.set({ verdict, httpStatus: answered?.attempt.httpStatus });
    return answered;
  });
  // The breaker opened meanwhile.
  if (sent === null) return { ...NO_RESULT, again: [batch], isOver: true };
  session.allowance -= 1;
  logSent(services, session.lease, batch, sent);
  const batchResult = await nextAfter(services, session, batch, sent);
  session.shopId = null;
  return { ...batchResult, attempt: sent.attempt };
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

async function doAfterwards({ log }: DeliveryServices, { afterwards }: BatchResult): Promise<void> {
  await afterwards?.().catch((error: unknown) => {
    log.error({ err: error }, "a connection's trouble could not be cleared");
  });
}

/** Releases the lease with back-off: an expired lease would be claimed again for ever. */
async function endFaultySession(
  services: DeliveryServices,
  signals: SessionSignals,
  session: AccountSession,
  error: unknown,
): Promise<void> {
  const { lease, shopId } = session;
  services.metrics.turnFaults.inc();
  services.log.error({ err: error, adAccountId: lease.adAccountId }, "a delivery session failed");
  if (shopId !== null && !isPassingFault(error)) {
    await countFault(services, shopId, scrub(String(error)));
  }
  session.failures = lease.failures + 1;
  session.pauseMs = rateLimitPauseMs(lease.failures);
  const release = endSession(session, false);
  await settleSurely({ ...services, db: services.db.reserved }, signals, lease, {
    ...NO_RESULT,
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
    const { kind } = await recordTrouble(services, shopId, { trouble: "internal", detail });
    services.log.error(facts, "events of a shop could not be sent because of a fault in Pinrelay");
    if (kind !== "paused") return;
    services.metrics.pauses.inc({ reason: "internal" });
    services.log.error(facts, "connection paused");
  } catch (error) {
    services.log.error({ err: error, ...facts }, "a fault in Pinrelay could not be recorded");
  }
}

function countOutcomes({ metrics }: DeliveryServices, settlements: readonly Settlement[]): void {
  for (const [state, settled] of Map.groupBy(settlements, ({ state }) => state)) {
    metrics.events.inc({ outcome: state === "pending" ? "retry" : state }, settled.length);
  }
}
