import { z } from "zod";
import type { BillingPlan } from "#app/platform/env/billing-env.server.ts";
import { askShopify, type ShopifyAdmin, type ShopifyAnswer } from "./ask-shopify.server.ts";

/** A subscription of the app, as Shopify shows it. */
export interface SeenSubscription {
  /** Shopify's gid. */
  id: string;
  /** Shopify's AppSubscriptionStatus. */
  status: string;
  /** The line that usage is charged to; the first line of the subscription. */
  lineId: string | null;
}

const subscription = z.object({
  id: z.string(),
  status: z.string(),
  lineItems: z.array(z.object({ id: z.string() })),
});
const userErrors = z.array(z.object({ message: z.string() }));
const records = z.object({
  nodes: z.array(z.object({ id: z.string(), idempotencyKey: z.string().nullable() })),
});

const SUBSCRIPTIONS = {
  text: `query BillingState {
    currentAppInstallation {
      allSubscriptions(first: 20, reverse: true, sortKey: CREATED_AT) {
        nodes { id status lineItems { id } }
      }
    }
  }`,
  data: z.object({
    currentAppInstallation: z.object({
      allSubscriptions: z.object({ nodes: z.array(subscription) }),
    }),
  }),
};

const STORE_PLAN = {
  text: "query StorePlan { shop { plan { partnerDevelopment } } }",
  data: z.object({ shop: z.object({ plan: z.object({ partnerDevelopment: z.boolean() }) }) }),
};

const START_PLAN = {
  text: `mutation StartPlan($name: String!, $lineItems: [AppSubscriptionLineItemInput!]!,
      $returnUrl: URL!, $trialDays: Int, $test: Boolean) {
    appSubscriptionCreate(name: $name, lineItems: $lineItems, returnUrl: $returnUrl,
        trialDays: $trialDays, test: $test) {
      confirmationUrl
      appSubscription { id status lineItems { id } }
      userErrors { message }
    }
  }`,
  data: z.object({
    appSubscriptionCreate: z.object({
      confirmationUrl: z.string().nullable(),
      appSubscription: subscription.nullable(),
      userErrors,
    }),
  }),
};

const CHARGE_USAGE = {
  text: `mutation ChargeUsage($lineId: ID!, $price: MoneyInput!, $description: String!,
      $key: String) {
    appUsageRecordCreate(subscriptionLineItemId: $lineId, price: $price, description: $description,
        idempotencyKey: $key) {
      appUsageRecord { id }
      userErrors { message }
    }
  }`,
  data: z.object({
    appUsageRecordCreate: z.object({
      appUsageRecord: z.object({ id: z.string() }).nullable(),
      userErrors,
    }),
  }),
};

const LAST_CHARGES = {
  text: `query LastCharges {
    currentAppInstallation {
      activeSubscriptions {
        lineItems { id usageRecords(first: 50, reverse: true, sortKey: CREATED_AT) {
          nodes { id idempotencyKey }
        } }
      }
    }
  }`,
  data: z.object({
    currentAppInstallation: z.object({
      activeSubscriptions: z.array(
        z.object({ lineItems: z.array(z.object({ id: z.string(), usageRecords: records })) }),
      ),
    }),
  }),
};

/** The app's subscriptions of the shop, newest first. */
export async function fetchSubscriptions(
  admin: ShopifyAdmin,
): Promise<ShopifyAnswer<SeenSubscription[]>> {
  const asked = await askShopify(admin, SUBSCRIPTIONS);
  if (!asked.ok) return asked;
  const { nodes } = asked.found.currentAppInstallation.allSubscriptions;
  return { ok: true, found: nodes.map(toSeen) };
}

/** Tells whether Shopify allows only test charges for this store. */
export async function fetchIsTestStore(admin: ShopifyAdmin): Promise<ShopifyAnswer<boolean>> {
  const asked = await askShopify(admin, STORE_PLAN);
  return asked.ok ? { ok: true, found: asked.found.shop.plan.partnerDevelopment } : asked;
}

/** Null: Shopify refuses the plan. */
export type CreatedSubscription = { confirmationUrl: string } | null;

/** Asks Shopify for a subscription that the merchant then approves. */
export async function createSubscription(
  admin: ShopifyAdmin,
  { plan, returnUrl, isTest }: { plan: BillingPlan; returnUrl: string; isTest: boolean },
): Promise<ShopifyAnswer<CreatedSubscription>> {
  const asked = await askShopify(admin, START_PLAN, {
    name: "Pinrelay",
    lineItems: [{ plan: toLineItem(plan) }],
    returnUrl,
    trialDays: plan.trialDays,
    test: isTest,
  });
  if (!asked.ok) return asked;
  const { confirmationUrl, appSubscription } = asked.found.appSubscriptionCreate;
  const isCreated = confirmationUrl !== null && appSubscription !== null;
  return { ok: true, found: isCreated ? { confirmationUrl } : null };
}

function toLineItem({ kind, price, currency, cap }: BillingPlan): object {
  const money = (amount: string) => ({ amount, currencyCode: currency });
  if (kind === "recurring") {
    return { appRecurringPricingDetails: { price: money(price), interval: "EVERY_30_DAYS" } };
  }
  const terms = `${price} ${currency} per started 1,000 events accepted by Pinterest`;
  return { appUsagePricingDetails: { cappedAmount: money(cap ?? price), terms } };
}

export type Charged = { ok: true; chargeId: string } | { ok: false; isOverCap: boolean };

/** Charges one thousand, by a key that names it. */
export async function createUsageRecord(
  admin: ShopifyAdmin,
  charge: { lineId: string; plan: BillingPlan; description: string; key: string },
): Promise<ShopifyAnswer<Charged>> {
  const { lineId, plan, description, key } = charge;
  const price = { amount: plan.price, currencyCode: plan.currency };
  const asked = await askShopify(admin, CHARGE_USAGE, { lineId, price, description, key });
  if (!asked.ok) return asked;
  const { appUsageRecord, userErrors: faults } = asked.found.appUsageRecordCreate;
  if (appUsageRecord !== null) {
    return { ok: true, found: { ok: true, chargeId: appUsageRecord.id } };
  }
  // Shopify's words, from its documentation of this mutation; there is no code.
  const isOverCap = faults.some(({ message }) => /exceeds balance/i.test(message));
  return { ok: true, found: { ok: false, isOverCap } };
}

/** The newest charges of the shop's plan by their keys. */
export async function fetchUsageRecords(
  admin: ShopifyAdmin,
): Promise<ShopifyAnswer<Map<string, string>>> {
  const asked = await askShopify(admin, LAST_CHARGES);
  if (!asked.ok) return asked;
  const nodes = asked.found.currentAppInstallation.activeSubscriptions.flatMap(({ lineItems }) =>
    lineItems.flatMap(({ usageRecords }) => usageRecords.nodes),
  );
  return {
    ok: true,
    found: new Map(nodes.map(({ id, idempotencyKey }) => [idempotencyKey ?? "", id])),
  };
}

function toSeen({ id, status, lineItems }: z.infer<typeof subscription>): SeenSubscription {
  return { id, status, lineId: lineItems[0]?.id ?? null };
}
