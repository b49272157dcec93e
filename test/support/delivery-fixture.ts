import { type DeliveryServices, deliverAccount } from "#app/delivery/deliver-account.server.ts";
import { createDeliveryMetrics } from "#app/delivery/delivery-metrics.server.ts";
import { createPinterestBreaker } from "#app/delivery/pinterest-breaker.server.ts";
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
    breaker: createPinterestBreaker(),
    progress: { claimedAtMs: null },
    metrics: createDeliveryMetrics(createRegistry()),
    close: () => pinterest.close(),
  };
}

/** Lets so many seconds go by, as far as the database knows. */
export async function passTime(db: Database, seconds: number): Promise<void> {
  const by = `interval '${seconds} seconds'`;
  await db.pool.query(`update event set next_at = next_at - ${by} where state = 'pending'`);
  await db.pool.query(
    `update due_account set next_at = next_at - ${by}, not_before = not_before - ${by},
      lease_until = lease_until - ${by}, leased_at = leased_at - ${by}`,
  );
  await db.pool.query(
    `update connection set trouble_since = trouble_since - ${by}, trouble_at = trouble_at - ${by},
      retest_at = retest_at - ${by}, conversion_refused_at = conversion_refused_at - ${by}`,
  );
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
