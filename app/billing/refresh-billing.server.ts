import { adoptWaitingEvents } from "#app/outbox/adopt-waiting-events.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { ShopifyAdmin, ShopifyAnswer } from "#app/shopify/ask-shopify.server.ts";
import { fetchSubscriptions, type SeenSubscription } from "#app/shopify/billing.server.ts";
import { type SavedBilling, saveBilling } from "#app/shops/billing/save-billing.server.ts";

interface Look {
  shopId: bigint;
  now: Date;
  actor: string;
}

/**
 * Asks Shopify how the shop pays, stores it, and pauses or resumes sending by it. A failure changes
 * nothing.
 */
export async function refreshBilling(
  { db }: { db: Pick<Database, "pool" | "transaction"> },
  admin: ShopifyAdmin,
  look: Look,
): Promise<ShopifyAnswer<SavedBilling>> {
  const asked = await fetchSubscriptions(admin);
  if (!asked.ok) return asked;
  return { ok: true, found: await noteBilling({ db }, { ...look, seen: asked.found }) };
}

/** The same with what is known already; `seen` null: only the time has gone on. */
export async function noteBilling(
  { db }: { db: Pick<Database, "pool" | "transaction"> },
  look: Look & { seen: readonly SeenSubscription[] | null },
): Promise<SavedBilling> {
  const saved = await saveBilling({ db }, look);
  if (saved.effect === "resumed") await adoptWaitingEvents({ db }, look.shopId);
  return saved;
}
