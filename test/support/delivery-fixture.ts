import { createBreaker } from "#app/delivery/breaker.server.ts";
import { type DeliveryServices, deliverAccount } from "#app/delivery/deliver-account.server.ts";
import { createDeliveryMetrics } from "#app/delivery/delivery-metrics.server.ts";
import { claimAccounts } from "#app/outbox/drain/claim-accounts.server.ts";
import { createPinterestClient, type PinterestClient } from "#app/pinterest/client.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { createLogger } from "#app/platform/logger.server.ts";
import { createRegistry } from "#app/platform/metrics.server.ts";
import { skipWaiting } from "#test/support/outbox-fixture.ts";

export interface DeliveryOptions {
  db: Database;
  keyring: Keyring;
  pinterestUrl: string;
  timeoutMs?: number;
  oauthClient?: { id: string; secret: string };
}

/** Delivery as the worker has it, but for the loop: the test says when an account gets its turn. */
export function openDelivery(
  options: DeliveryOptions,
): DeliveryServices & { pinterest: PinterestClient; close(): Promise<void> } {
  const { db, keyring, pinterestUrl, timeoutMs, oauthClient } = options;
  const pinterest = createPinterestClient({
    apiUrl: pinterestUrl,
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(oauthClient !== undefined && {
      clientId: oauthClient.id,
      clientSecret: oauthClient.secret,
    }),
  });
  return {
    db,
    keyring,
    pinterest,
    log: createLogger("silent"),
    nowMs: Date.now,
    random: Math.random,
    breaker: createBreaker(Date.now),
    metrics: createDeliveryMetrics(createRegistry()),
    close: () => pinterest.close(),
  };
}

/** Gives each account that has something waiting one turn, as if its time had come. */
export async function deliverOnce(services: DeliveryServices): Promise<number> {
  await skipWaiting(services.db);
  return deliverDue(services);
}

/** Gives each account that is due now one turn. Returns how many there were. */
export async function deliverDue(services: DeliveryServices): Promise<number> {
  const leases = await claimAccounts(services, 100);
  await Promise.all(leases.map((lease) => deliverAccount(services, lease)));
  return leases.length;
}
