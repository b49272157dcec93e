import type { Database } from "#app/platform/db.server.ts";
import type { BillingPlan } from "#app/platform/env/billing-env.server.ts";
import {
  type OpenThousand,
  openThousands,
  settleThousand,
} from "#app/shops/billing/count-usage.server.ts";
import { askUsageRecords, type BillingAdmin, createUsageRecord } from "./shopify-billing.server.ts";

/** As `usage_charge.charge_id` of a thousand that the merchant's cap makes free. */
const OVER_CAP = "over_cap";

/**
 * Charges a shop for each thousand of accepted events that it has started, once. One that may have
 * been charged by a run that was cut off is looked up first: what Shopify does with a key that was
 * used is not documented. Stops at the first that Shopify does not take, for the next run. Rejects
 * with ShopifySilentError. Returns how many were charged.
 */
export async function reportUsage(
  { db }: { db: Pick<Database, "pool" | "transaction"> },
  admin: BillingAdmin,
  { shopId, plan, now }: { shopId: bigint; plan: BillingPlan; now: Date },
): Promise<number> {
  const open = await openThousands({ db }, shopId, now);
  const known = open.some(({ isOld }) => isOld) ? await askUsageRecords(admin) : new Map();
  let charged = 0;
  for (const thousand of open) {
    const key = keyOf(shopId, thousand);
    const chargeId: string | null = known.get(key) ?? (await charge(admin, plan, thousand, key));
    if (chargeId === null) break;
    await settleThousand({ db }, { shopId, thousand: thousand.thousand, chargeId });
    if (chargeId !== OVER_CAP) charged += 1;
  }
  return charged;
}

async function charge(
  admin: BillingAdmin,
  plan: BillingPlan,
  { thousand, usageLineId }: OpenThousand,
  key: string,
): Promise<string | null> {
  const description = `Events accepted by Pinterest, thousand ${thousand + 1n}`;
  const result = await createUsageRecord(admin, { lineId: usageLineId, plan, description, key });
  if (result.ok) return result.chargeId;
  return result.isOverCap ? OVER_CAP : null;
}

function keyOf(shopId: bigint, { subscriptionId, thousand }: OpenThousand): string {
  const subscription = subscriptionId.slice(subscriptionId.lastIndexOf("/") + 1);
  return `pinrelay-${subscription}-${shopId}-${thousand}`;
}
