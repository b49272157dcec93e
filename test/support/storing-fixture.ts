import { createPixelStore, type PixelResult } from "#app/intake/pixel/store-pixel-bodies.server.ts";
import {
  type StoredAs,
  storeWebhooks,
  type VerifiedWebhook,
} from "#app/intake/store-webhooks.server.ts";
import { createWaker } from "#app/outbox/schedule-accounts.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { createLogger } from "#app/platform/logger.server.ts";
import { type PixelParts, pixelBody, pixelOwner } from "./pixel-server.ts";

interface Shop {
  domain: string;
}

/** What stores webhooks and pixels' bodies as intake does, without its HTTP. */
export interface Storing {
  webhook(shop: Shop, topic: string, body: object): VerifiedWebhook;
  /** Stores webhooks as one group; `database`: in place of the test's. */
  store(
    group: readonly VerifiedWebhook[],
    database?: Pick<Database, "pool" | "transaction">,
  ): Promise<StoredAs[]>;
  /** Stores what a browser tells. */
  tell(shop: Shop, name: string, parts: PixelParts, ip?: string): Promise<PixelResult["as"]>;
}

export function openStoring({ db, keyring }: { db: Database; keyring: Keyring }): Storing {
  const log = createLogger("silent");
  const services = { keyring, log, waker: createWaker({ db, log }), nowMs: Date.now };
  const storeBodies = createPixelStore({ ...services, db });
  let made = 0;
  return {
    webhook({ domain: shopDomain }, topic, body) {
      made += 1;
      const headers = { shopDomain, topic, webhookId: `webhook-${made}`, triggeredAt: null };
      return { headers, body: Buffer.from(JSON.stringify(body)) };
    },
    store: (group, database = db) =>
      storeWebhooks({ ...services, db: database, serialize: (work) => work() }, group),
    async tell({ domain }, name, parts, ip = "203.0.113.9") {
      const body = pixelBody(await pixelOwner(db, domain), name, parts);
      const arrival = { address: ip, userAgent: null, atMs: Date.now() };
      const bytes = Buffer.from(JSON.stringify(body));
      const [stored] = await storeBodies([{ ...arrival, body: bytes }], "patient");
      return stored?.as ?? "failed";
    },
  };
}
