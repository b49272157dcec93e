import { z } from "zod";
import type { BillingPlan } from "#app/platform/env/billing-env.server.ts";
import type { SeenSubscription } from "#app/shops/billing/decide-billing.server.ts";

/** The Admin API of one shop, as Shopify's library gives it. */
export interface BillingAdmin {
  graphql(
    query: string,
    options?: { variables?: Record<string, unknown> },
  ): Promise<{ json(): Promise<unknown> }>;
}

/** Shopify did not answer, or not in the form that it describes. Holds no word of the answer. */
export class ShopifySilentError extends Error {
  override name = "ShopifySilentError";
  code = "shopify_unavailable";
}

const STATE_QUERY = `query BillingState {
  currentAppInstallation {
    allSubscriptions(first: 20, reverse: true, sortKey: CREATED_AT) {
      nodes { id status lineItems { id } }
    }
  }
}`;

const STORE_QUERY = "query StorePlan { shop { plan { partnerDevelopment } } }";

const START_MUTATION = `mutation StartPlan($name: String!, $lineItems: [AppSubscriptionLineItemInput!]!,
    $returnUrl: URL!, $trialDays: Int, $test: Boolean) {
  appSubscriptionCreate(name: $name, lineItems: $lineItems, returnUrl: $returnUrl,
      trialDays: $trialDays, test: $test) {
    confirmationUrl
    appSubscription { id status lineItems { id } }
    userErrors { message }
  }
}`;

const CHARGE_MUTATION = `mutation ChargeUsage($lineId: ID!, $price: MoneyInput!, $description: String!,
    $key: String) {
  appUsageRecordCreate(subscriptionLineItemId: $lineId, price: $price, description: $description,
      idempotencyKey: $key) {
    appUsageRecord { id }
    userErrors { message }
  }
}`;

const RECORDS_QUERY = `query LastCharges {
  currentAppInstallation {
    activeSubscriptions {
      lineItems { id usageRecords(first: 50, reverse: true, sortKey: CREATED_AT) {
        nodes { id idempotencyKey }
      } }
    }
  }
}`;

const subscription = z.object({
  id: z.string(),
  status: z.string(),
  lineItems: z.array(z.object({ id: z.string() })),
});
const userErrors = z.array(z.object({ message: z.string() }));

const stateAnswer = z.object({
  data: z.object({
    currentAppInstallation: z.object({
      allSubscriptions: z.object({ nodes: z.array(subscription) }),
    }),
  }),
});
const storeAnswer = z.object({
  data: z.object({ shop: z.object({ plan: z.object({ partnerDevelopment: z.boolean() }) }) }),
});
const startAnswer = z.object({
  data: z.object({
    appSubscriptionCreate: z.object({
      confirmationUrl: z.string().nullable(),
      appSubscription: subscription.nullable(),
      userErrors,
    }),
  }),
});
const chargeAnswer = z.object({
  data: z.object({
    appUsageRecordCreate: z.object({
      appUsageRecord: z.object({ id: z.string() }).nullable(),
      userErrors,
    }),
  }),
});
const records = z.object({
  nodes: z.array(z.object({ id: z.string(), idempotencyKey: z.string().nullable() })),
});
const recordsAnswer = z.object({
  data: z.object({
    currentAppInstallation: z.object({
      activeSubscriptions: z.array(
        z.object({ lineItems: z.array(z.object({ id: z.string(), usageRecords: records })) }),
      ),
    }),
  }),
});

/** The app's subscriptions of the shop, newest first. Rejects with ShopifySilentError. */
export async function askSubscriptions(admin: BillingAdmin): Promise<SeenSubscription[]> {
  const { data } = await ask(admin, stateAnswer, STATE_QUERY);
  return data.currentAppInstallation.allSubscriptions.nodes.map(toSeen);
}

/** Whether Shopify takes nothing but test charges from this store. Rejects with ShopifySilentError. */
export async function askIsTestStore(admin: BillingAdmin): Promise<boolean> {
  return (await ask(admin, storeAnswer, STORE_QUERY)).data.shop.plan.partnerDevelopment;
}

export type CreatedSubscription =
  | { ok: true; confirmationUrl: string; subscription: SeenSubscription }
  | { ok: false; message: string };

/** Asks Shopify for a subscription that the merchant then approves. Rejects with ShopifySilentError. */
export async function createSubscription(
  admin: BillingAdmin,
  { plan, returnUrl, isTest }: { plan: BillingPlan; returnUrl: string; isTest: boolean },
): Promise<CreatedSubscription> {
  const { data } = await ask(admin, startAnswer, START_MUTATION, {
    name: "Pinrelay",
    lineItems: [{ plan: toLineItem(plan) }],
    returnUrl,
    trialDays: plan.trialDays,
    test: isTest,
  });
  const { confirmationUrl, appSubscription, userErrors: faults } = data.appSubscriptionCreate;
  if (confirmationUrl === null || appSubscription === null) {
    return { ok: false, message: faults.map(({ message }) => message).join("; ") };
  }
  return { ok: true, confirmationUrl, subscription: toSeen(appSubscription) };
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

/** Charges one thousand, by a key that names it. Rejects with ShopifySilentError. */
export async function createUsageRecord(
  admin: BillingAdmin,
  charge: { lineId: string; plan: BillingPlan; description: string; key: string },
): Promise<Charged> {
  const { lineId, plan, description, key } = charge;
  const price = { amount: plan.price, currencyCode: plan.currency };
  const { data } = await ask(admin, chargeAnswer, CHARGE_MUTATION, {
    lineId,
    price,
    description,
    key,
  });
  const { appUsageRecord, userErrors: faults } = data.appUsageRecordCreate;
  if (appUsageRecord !== null) return { ok: true, chargeId: appUsageRecord.id };
  // Shopify's words, from its documentation of this mutation; there is no code.
  return { ok: false, isOverCap: faults.some(({ message }) => /exceeds balance/i.test(message)) };
}

/** The newest charges of the shop's plan by their keys. Rejects with ShopifySilentError. */
export async function askUsageRecords(admin: BillingAdmin): Promise<Map<string, string>> {
  const { data } = await ask(admin, recordsAnswer, RECORDS_QUERY);
  const nodes = data.currentAppInstallation.activeSubscriptions.flatMap(({ lineItems }) =>
    lineItems.flatMap(({ usageRecords }) => usageRecords.nodes),
  );
  return new Map(nodes.map(({ id, idempotencyKey }) => [idempotencyKey ?? "", id]));
}

function toSeen({ id, status, lineItems }: z.infer<typeof subscription>): SeenSubscription {
  return { id, status, lineId: lineItems[0]?.id ?? null };
}

/** The library's errors may hold tokens in their texts, and it throws Responses too. */
async function ask<Answer>(
  admin: BillingAdmin,
  schema: z.ZodType<Answer>,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<Answer> {
  try {
    const response = await admin.graphql(query, { variables });
    return schema.parse(await response.json());
  } catch {
    throw new ShopifySilentError("Shopify did not answer what was asked of its billing");
  }
}
