import { setTimeout as wait } from "node:timers/promises";
import type { PinterestClient } from "#app/pinterest/client.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import type { Queue } from "#app/platform/queue.server.ts";
import { claimDueRetests, testConnection } from "#app/shops/connection/test-connection.server.ts";

interface Services {
  db: Database;
  keyring: Keyring;
  log: Logger;
  pinterest: Pick<PinterestClient, "sendEvents" | "refreshOAuthToken">;
  nowMs: () => number;
}

const EVERY_FIVE_MINUTES = "*/5 * * * *";
/** Pinterest accepts ten test requests a second from the app, and merchants test as well. */
const APART_MS = 250;

/**
 * Tests connections that the system paused again, with a test event, and resumes those that pass:
 * Pinterest's refusal may have been wrong, or fixed there. Returns how many resume.
 */
export async function retestConnections(services: Services): Promise<number> {
  let resumed = 0;
  for (const shop of await claimDueRetests(services)) {
    try {
      const test = await testConnection(services, shop, "system");
      if (test.kind === "wait") return resumed;
      if (test.kind === "tested" && test.hasResumed) resumed += 1;
    } catch (error) {
      services.log.error(
        { err: error, shopId: String(shop.id) },
        "a paused connection could not be tested",
      );
    }
    await wait(APART_MS);
  }
  return resumed;
}

export async function scheduleRetests(
  services: Services & { queue: Pick<Queue, "schedule"> },
): Promise<void> {
  await services.queue.schedule("retest-connections", EVERY_FIVE_MINUTES, async () => {
    const resumed = await retestConnections(services);
    if (resumed > 0) services.log.warn({ resumed }, "paused connections send again");
  });
}
