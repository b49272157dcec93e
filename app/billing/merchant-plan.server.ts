import type { Database } from "#app/platform/db.server.ts";
import { type BillingPlan, readBillingPlan } from "#app/platform/env/billing-env.server.ts";
import type { Config } from "#app/platform/env/env.server.ts";
import type { ShopifyAdmin, ShopifyAnswer } from "#app/shopify/ask-shopify.server.ts";
import {
  createSubscription,
  fetchIsTestStore,
  fetchSubscriptions,
} from "#app/shopify/billing.server.ts";
import { adminUrl } from "#app/shops/admin-url.server.ts";
import { type SavedBilling, saveBilling } from "#app/shops/billing/save-billing.server.ts";

interface MerchantServices {
  db: Pick<Database, "pool" | "transaction">;
  config: Config;
}

/** The part of the signed-in merchant that matters here. */
interface PlanMerchant {
  shop: { id: bigint; domain: string };
  admin: ShopifyAdmin;
  actor: string;
  format: { now: Date };
}

export type StartedPlan =
  /** Shopify's approval page; it must replace the whole admin. */
  | { ok: true; confirmationUrl: string }
  | { ok: false; why: "active" | "refused" | "shopify_silent" };

/** Starts the operator's plan for a merchant; null where the operator asks for no money. */
export async function requestPlan(
  { db, config }: MerchantServices,
  { shop, admin, actor, format }: PlanMerchant,
): Promise<StartedPlan | null> {
  const plan: BillingPlan | null = readBillingPlan(config);
  if (plan === null) return null;
  return startPlan({ db }, admin, {
    shopId: shop.id,
    plan,
    returnUrl: adminUrl(config, shop.domain, "/settings/billing"),
    isSandbox: config.SHOPIFY_SANDBOX_URL !== undefined,
    now: format.now,
    actor,
  });
}

/** Asks Shopify how the plan stands, for a merchant who looks at it. False: Shopify did not answer. */
export async function checkPlan(
  { db, config }: MerchantServices,
  { shop, admin, actor, format }: PlanMerchant,
): Promise<boolean> {
  if (readBillingPlan(config) === null) return true;
  const look = { shopId: shop.id, now: format.now, actor };
  return (await refreshBilling({ db }, admin, look)).ok;
}

/**
 * Asks Shopify for the operator's plan. Nothing is paid before the merchant approves it there. A shop
 * that has a plan gets no second one.
 */
export async function startPlan(
  { db }: { db: Pick<Database, "pool" | "transaction"> },
  admin: ShopifyAdmin,
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
  const known = await refreshBilling({ db }, admin, { shopId, now, actor });
  if (!known.ok) return SILENT;
  if (known.found.billing.state === "active") return { ok: false, why: "active" };
  const isTest = isSandbox ? TEST_STORE : await fetchIsTestStore(admin);
  if (!isTest.ok) return SILENT;
  const created = await createSubscription(admin, { plan, returnUrl, isTest: isTest.found });
  if (!created.ok) return SILENT;
  if (created.found === null) return { ok: false, why: "refused" };
  const seen = await fetchSubscriptions(admin);
  if (!seen.ok) return SILENT;
  await saveBilling({ db }, { shopId, now, actor, seen: seen.found });
  return { ok: true, confirmationUrl: created.found.confirmationUrl };
}

const SILENT = { ok: false, why: "shopify_silent" } as const;
const TEST_STORE = { ok: true, found: true } as const;

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
