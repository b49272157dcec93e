import { adoptWaitingEvents } from "#app/outbox/adopt-waiting-events.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { SeenSubscription } from "#app/shops/billing/decide-billing.server.ts";
import { type SavedBilling, saveBilling } from "#app/shops/billing/save-billing.server.ts";
import { askSubscriptions, type BillingAdmin } from "./shopify-billing.server.ts";

interface Look {
  shopId: bigint;
  now: Date;
  actor: string;
}

/**
 * Asks Shopify how the shop pays, notes it, and pauses or resumes sending by it. Rejects with
 * ShopifySilentError; nothing is changed then.
 */
export async function refreshBilling(
  { db }: { db: Pick<Database, "pool" | "transaction"> },
  admin: BillingAdmin,
  look: Look,
): Promise<SavedBilling> {
  return noteBilling({ db }, { ...look, seen: await askSubscriptions(admin) });
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
