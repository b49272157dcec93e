import type { Database } from "#app/platform/db.server.ts";
import { type BillingPlan, billingPlanOf } from "#app/platform/env/billing-env.server.ts";
import type { Config } from "#app/platform/env/env.server.ts";
import { refreshBilling } from "./refresh-billing.server.ts";
import { type BillingAdmin, ShopifySilentError } from "./shopify-billing.server.ts";
import { type StartedPlan, startPlan } from "./start-plan.server.ts";

interface MerchantServices {
  db: Pick<Database, "pool" | "transaction">;
  config: Config;
}

/** Of the merchant who asks. */
interface Asking {
  shop: { id: bigint; domain: string };
  admin: BillingAdmin;
  actor: string;
  format: { now: Date };
}

/** Starts the operator's plan for a merchant; null where the operator asks for no money. */
export async function requestPlan(
  { db, config }: MerchantServices,
  { shop, admin, actor, format }: Asking,
): Promise<StartedPlan | null> {
  const plan: BillingPlan | null = billingPlanOf(config);
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
  { shop, admin, actor, format }: Asking,
): Promise<boolean> {
  if (billingPlanOf(config) === null) return true;
  try {
    await refreshBilling({ db }, admin, { shopId: shop.id, now: format.now, actor });
    return true;
  } catch (error) {
    if (error instanceof ShopifySilentError) return false;
    throw error;
  }
}

/**
 * A page of this app within Shopify's admin; `path` is what follows `/app`. The local Shopify's page
 * opens the app at `/app` by itself.
 */
function adminUrl(
  { SHOPIFY_API_KEY, SHOPIFY_SANDBOX_URL }: Config,
  domain: string,
  path: string,
): string {
  const store = domain.replace(/\.myshopify\.com$/, "");
  return SHOPIFY_SANDBOX_URL === undefined
    ? `https://admin.shopify.com/store/${store}/apps/${SHOPIFY_API_KEY}/app${path}`
    : `${SHOPIFY_SANDBOX_URL}/store/${store}/apps/pinrelay${path}`;
}
