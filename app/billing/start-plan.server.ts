import type { Database } from "#app/platform/db.server.ts";
import type { BillingPlan } from "#app/platform/env/billing-env.server.ts";
import { noteBilling, refreshBilling } from "./refresh-billing.server.ts";
import {
  askIsTestStore,
  askSubscriptions,
  type BillingAdmin,
  createSubscription,
  ShopifySilentError,
} from "./shopify-billing.server.ts";

export type StartedPlan =
  /** Where Shopify asks the merchant; to be opened in place of the whole admin. */
  | { ok: true; confirmationUrl: string }
  | { ok: false; why: "active" | "refused" | "shopify_silent" };

/**
 * Asks Shopify for the operator's plan. Nothing is paid before the merchant approves it there. A shop
 * that has a plan gets no second one.
 */
export async function startPlan(
  { db }: { db: Pick<Database, "pool" | "transaction"> },
  admin: BillingAdmin,
  {
    plan,
    isSandbox,
    ...start
  }: {
    shopId: bigint;
    plan: BillingPlan;
    returnUrl: string;
    isSandbox: boolean;
    now: Date;
    actor: string;
  },
): Promise<StartedPlan> {
  const { shopId, returnUrl, now, actor } = start;
  try {
    const { billing } = await refreshBilling({ db }, admin, { shopId, now, actor });
    if (billing.state === "active") return { ok: false, why: "active" };
    const isTest = isSandbox || (await askIsTestStore(admin));
    const created = await createSubscription(admin, { plan, returnUrl, isTest });
    if (!created.ok) return { ok: false, why: "refused" };
    const seen = await askSubscriptions(admin);
    await noteBilling({ db }, { shopId, now, actor, seen });
    return { ok: true, confirmationUrl: created.confirmationUrl };
  } catch (error) {
    if (error instanceof ShopifySilentError) return { ok: false, why: "shopify_silent" };
    throw error;
  }
}
