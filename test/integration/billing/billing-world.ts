import { type BillingServices, checkBilling } from "#app/billing/check-billing.server.ts";
import { startPlan } from "#app/billing/merchant-plan.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { BillingPlan } from "#app/platform/env/billing-env.server.ts";
import { createKeyring } from "#app/platform/keyring.server.ts";
import { createLogger } from "#app/platform/logger.server.ts";
import { type LocalShopify, startLocalShopify } from "#test/sandbox/local-shopify.ts";
import { makeShop } from "#test/support/outbox-fixture.ts";

const DAY_MS = 86_400_000;
const KEY = Buffer.alloc(32, 7);

export const RECURRING: BillingPlan = {
  kind: "recurring",
  price: "19.00",
  currency: "USD",
  cap: null,
  trialDays: 0,
};

export const USAGE: BillingPlan = { ...RECURRING, kind: "usage", price: "2.00", cap: "5.00" };

export interface BillingWorld extends Awaited<ReturnType<typeof openBillingWorld>> {}

/** A local Shopify, shops that have the app, and a clock that stands until it is moved. */
export async function openBillingWorld(db: Database, plan: BillingPlan) {
  const shopify = await startLocalShopify({ apiKey: "key", apiSecret: "secret" });
  const keyring = createKeyring([{ id: "test", key: KEY }]);
  let nowMs = Date.now();
  const services: BillingServices = {
    db,
    plan,
    log: createLogger("silent"),
    openAdmin: async (domain) => adminOf(shopify, domain),
    now: () => new Date(nowMs),
  };
  return {
    shopify,
    services,
    admin: (domain: string) => adminOf(shopify, domain),
    now: services.now,
    passDays: (days: number) => {
      nowMs += days * DAY_MS;
    },
    check: () => checkBilling(services),
    async makeShop() {
      const shop = await makeShop({ db, keyring });
      shopify.installedShops.install({ domain: shop.domain });
      return shop;
    },
    start: (shop: { id: bigint; domain: string }) =>
      startPlan({ db }, adminOf(shopify, shop.domain), {
        shopId: shop.id,
        plan,
        returnUrl: "https://admin.shopify.com/store/demo/apps/pinrelay/app/settings/billing",
        isSandbox: true,
        now: services.now(),
        actor: "user:1",
      }),
    /** What the merchant answers on Shopify's page. */
    async answer(confirmationUrl: string, choice: "approve" | "decline"): Promise<string> {
      const url = `${confirmationUrl}/${choice}`;
      const response = await fetch(url, { method: "POST", redirect: "manual" });
      return response.headers.get("location") ?? `HTTP ${response.status}`;
    },
    close: () => shopify.close(),
  };
}

/** Speaks to the local Shopify as the library would for this shop. */
function adminOf(shopify: LocalShopify, domain: string) {
  const { accessToken } = shopify.installedShops.issueTokens(domain, false);
  return {
    async graphql(query: string, { variables = {} }: { variables?: object } = {}) {
      const response = await fetch(`${shopify.url}/admin/api/2026-10/graphql.json`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "x-shopify-access-token": accessToken,
          "x-shopify-shop-domain": domain,
        },
        body: JSON.stringify({ query, variables }),
      });
      const answer = (await response.json()) as { errors?: unknown };
      // The library throws where GraphQL answers with errors.
      if (answer.errors !== undefined) throw new Error(JSON.stringify(answer.errors));
      return { json: async () => answer };
    },
  };
}
