import { claimAccounts, type Lease } from "#app/outbox/drain/claim-accounts.server.ts";
import { type DeliveryServices, deliverAccount } from "./deliver-account.server.ts";

export interface Delivery {
  /** Takes no more accounts, and resolves when those in hand are settled. */
  stop(): Promise<void>;
}

const POLL_MS = 200;
/** Pause after a fault of the database, so that it is not hammered while it comes back. */
const FAULT_PAUSE_MS = 1_000;
/** Ad accounts in hand at once: each has at most one request under way. */
const MAX_ACCOUNTS = 64;
/** Accounts leased in one statement: a lease runs from then on, so not more than start at once. */
const MAX_CLAIM = 16;

/**
 * Claims ad accounts that are due, for as long as the process lives. Many processes may: they meet
 * in the database alone.
 */
export function runDelivery(services: DeliveryServices): Delivery {
  const inHand = new Set<Promise<void>>();
  const stopping = Promise.withResolvers<void>();
  let isStopping = false;

  function start(lease: Lease): void {
    const turn = deliverAccount(services, lease)
      .catch((error: unknown) => {
        services.log.error({ err: error, adAccountId: lease.adAccountId }, "delivery failed");
      })
      .finally(() => inHand.delete(turn));
    inHand.add(turn);
  }

  async function loop(): Promise<void> {
    while (!isStopping) {
      try {
        if (inHand.size >= MAX_ACCOUNTS) await Promise.race([stopping.promise, ...inHand]);
        const isFull = await claimAndStart();
        if (!isFull) await pause(POLL_MS, stopping.promise);
      } catch (error) {
        services.log.error({ err: error }, "claiming ad accounts failed");
        await pause(FAULT_PAUSE_MS, stopping.promise);
      }
    }
  }

  async function claimAndStart(): Promise<boolean> {
    const breaker = services.breaker.state();
    if (breaker === "open") return false;
    const room = breaker === "probe" ? 1 : Math.min(MAX_CLAIM, MAX_ACCOUNTS - inHand.size);
    const leases = await claimAccounts(services, room);
    if (breaker === "probe" && leases.length > 0) services.breaker.takeProbe();
    for (const lease of leases) start(lease);
    return breaker === "closed" && leases.length === room;
  }

  const running = loop();
  return {
    async stop() {
      isStopping = true;
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
