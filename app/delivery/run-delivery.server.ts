import { claimAccounts, type Lease } from "#app/outbox/drain/claim-accounts.server.ts";
import { writePathAnswers } from "#app/platform/check-database.server.ts";
import { reach } from "#app/platform/fault-point.server.ts";
import { recordSpan } from "#app/platform/trace.server.ts";
import { type DeliveryServices, deliverAccount } from "./deliver-account.server.ts";
import { createSessionSignals, LONGEST_WAIT_MS } from "./settle-surely.server.ts";

export interface Delivery {
  /** When the database last answered a claim, even one that found nothing due. */
  lastClaimAgeMs(): number;
  /** Sends no more requests, and resolves when those in flight are settled. */
  stop(): Promise<void>;
}

const POLL_MS = 200;
/** The pause after a fault of the database, so that it is not overloaded while it comes back. */
const FAULT_PAUSE_MS = 1_000;
const ANSWER_WITHIN_MS = 1_000;
/**
 * The time from the database's return to the next claim: leases ran out meanwhile, and the
 * settlements of other workers must come before their accounts are claimed.
 */
const SETTLE_FIRST_MS = 3 * LONGEST_WAIT_MS;
/** The number of ad accounts in hand at once: each has at most one request in flight. */
const MAX_ACCOUNTS = 64;
/**
 * The number of accounts leased in one statement: a lease runs from then on, so no more are leased
 * than start at once.
 */
const MAX_CLAIM = 16;

/**
 * Claims due ad accounts for as long as the process lives. Many processes may do so: they share
 * only the database.
 */
export function runDelivery(services: DeliveryServices): Delivery {
  const { progress, nowMs } = services;
  progress.claimedAtMs = nowMs();
  const inHand = new Set<Promise<void>>();
  const stopping = Promise.withResolvers<void>();
  const stop = new AbortController();
  const signals = createSessionSignals(stop.signal);

  function start(lease: Lease): void {
    const session = deliverAccount(services, lease, signals)
      .catch((error: unknown) => {
        services.log.error({ err: error, adAccountId: lease.adAccountId }, "delivery failed");
      })
      .finally(() => inHand.delete(session));
    inHand.add(session);
  }

  async function loop(): Promise<void> {
    let isAfterFault = false;
    while (!stop.signal.aborted) {
      try {
        if (inHand.size >= MAX_ACCOUNTS) await Promise.race([stopping.promise, ...inHand]);
        if (isAfterFault) isAfterFault = !(await isBack());
        if (isAfterFault) {
          await pause(FAULT_PAUSE_MS, stopping.promise);
          continue;
        }
        // A database that accepts no settlement would only get more to settle.
        const isFull = signals.unsettled === 0 && (await claimAndStart());
        if (!isFull) await pause(POLL_MS, stopping.promise);
      } catch (error) {
        isAfterFault = true;
        services.log.error({ err: error }, "claiming ad accounts failed");
        await pause(FAULT_PAUSE_MS, stopping.promise);
      }
    }
  }

  async function isBack(): Promise<boolean> {
    if (!(await writePathAnswers(services.db.reserved.pool, ANSWER_WITHIN_MS))) return false;
    await pause(SETTLE_FIRST_MS, stopping.promise);
    return true;
  }

  async function claimAndStart(): Promise<boolean> {
    const breaker = services.breaker.state();
    if (breaker === "open") progress.claimedAtMs = nowMs();
    // A session that finds nothing to send leaves the probe to the next one.
    if (breaker === "open" || (breaker === "probe" && inHand.size > 0)) return false;
    const room = breaker === "probe" ? 1 : Math.min(MAX_CLAIM, MAX_ACCOUNTS - inHand.size);
    reach("claim begins");
    const askedAtMs = nowMs();
    const leases = await claimAccounts(services, room);
    if (leases.length > 0) recordSpan("claim ad accounts", askedAtMs, { rows: leases.length });
    if (leases.length > 0) reach("accounts claimed");
    progress.claimedAtMs = nowMs();
    for (const lease of leases) {
      if (lease.isTakenOver) services.metrics.leasesTakenOver.inc();
      start(lease);
    }
    return breaker === "closed" && leases.length === room;
  }

  const running = loop();
  return {
    lastClaimAgeMs: () => nowMs() - (progress.claimedAtMs ?? nowMs()),
    async stop() {
      stop.abort();
      stopping.resolve();
      await running;
      await Promise.all(inHand);
    },
  };
}

function pause(ms: number, stopping: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  return Promise.race([promise, stopping]).finally(() => clearTimeout(timer));
}
