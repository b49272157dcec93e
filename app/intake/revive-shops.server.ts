import type { Database } from "#app/platform/db.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import { reviveShop } from "#app/shops/install-shop.server.ts";
import { loadKnownShops, type MappingShop } from "#app/shops/load-mapping-shops.server.ts";
import type { WebhookHeaders } from "./webhook-headers.server.ts";
import { feedsEvents } from "./webhook-topics.server.ts";

interface ReviveServices {
  db: Pick<Database, "pool" | "transaction">;
  log: Logger;
  nowMs: () => number;
}

interface Proof {
  at: Date;
  topic: string;
}

/**
 * Marks shops as installed again. A webhook that Shopify triggered after a shop's uninstall proves
 * that the app is installed again: its data must not be discarded until a person opens the app.
 * Returns the shops in their new state. If the shop's row is locked, the webhook is stored anyway,
 * and the next one records the install.
 */
export async function reviveShops(
  services: ReviveServices,
  shops: ReadonlyMap<string, MappingShop>,
  webhooks: readonly { headers: WebhookHeaders }[],
): Promise<ReadonlyMap<string, MappingShop>> {
  const proofs = findProofs(shops, webhooks, services.nowMs);
  if (proofs.size === 0) return shops;
  const { db, log } = services;
  for (const [domain, proof] of proofs) {
    try {
      const isBack = await reviveShop({ db }, { domain, ...proof });
      if (isBack)
        log.warn(
          { shop: domain, topic: proof.topic },
          "a webhook proves that a shop is installed again",
        );
    } catch (error) {
      log.error({ err: error, shop: domain }, "a reinstalled shop could not be recorded");
    }
  }
  const known = await loadKnownShops(db.pool, [...proofs.keys()]);
  const back = [...known].map(
    ([domain, shop]) => [domain, { ...shop, uninstalledAt: null }] as const,
  );
  return new Map([...shops, ...back]);
}

/** Finds the newest webhook of each uninstalled shop, where it is newer than the uninstall. */
function findProofs(
  shops: ReadonlyMap<string, MappingShop>,
  webhooks: readonly { headers: WebhookHeaders }[],
  nowMs: () => number,
): Map<string, Proof> {
  const proofs = new Map<string, Proof>();
  for (const { headers } of webhooks) {
    const { shopDomain: domain, topic, triggeredAt } = headers;
    const uninstalledAt = shops.get(domain)?.uninstalledAt ?? null;
    if (uninstalledAt === null || !feedsEvents(topic)) continue;
    // A message without a time counts as sent now.
    const at = triggeredAt ?? new Date(nowMs());
    if (at > (proofs.get(domain)?.at ?? uninstalledAt)) proofs.set(domain, { at, topic });
  }
  return proofs;
}
