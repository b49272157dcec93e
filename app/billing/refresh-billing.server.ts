import type { Database } from "#app/platform/db.server.ts";
import type { ShopifyAdmin, ShopifyAnswer } from "#app/shopify/ask-shopify.server.ts";
import { fetchSubscriptions } from "#app/shopify/billing.server.ts";
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
  return { ok: true, found: await saveBilling({ db }, { ...look, seen: asked.found }) };
}
