import type { Answer, SandboxRequest } from "../../local-server.ts";
import type { Resolvers } from "../answer-graphql.ts";
import type { LocalShop } from "../installed-shops.ts";

type Status = "PENDING" | "ACTIVE" | "DECLINED" | "FROZEN" | "CANCELLED" | "EXPIRED";

interface Money {
  amount: string;
  currencyCode: string;
}

export interface LocalSubscription {
  /** Shopify's gid. */
  id: string;
  shop: string;
  status: Status;
  test: boolean;
  trialDays: number;
  kind: "recurring" | "usage";
  /** Price of a recurring plan, cap of a usage plan. */
  money: Money;
  returnUrl: string;
  usageRecords: { id: string; idempotencyKey: string | null; description: string; price: Money }[];
}

/** Subscriptions and usage charges of the sandbox's shops. */
export interface LocalBilling {
  resolvers: Resolvers;
  /** The page on which the merchant approves or declines, and what its buttons post. */
  answerPage(request: SandboxRequest): Answer | undefined;
  /** Oldest first. */
  subscriptionsOf(shop: string): LocalSubscription[];
  setStatus(id: string, status: Status): void;
  /** The next usage records are made and their answers lost, as with a cut connection. */
  loseAnswers(count: number): void;
}

const userError = (message: string, field: string[] | null = null) => ({ field, message });
const amountOf = (money: Money) => Number(money.amount);

/**
 * The billing part of the Admin API (2026-10), strict: what Shopify refuses is refused here, and in
 * a store that is for development only test charges are taken (shopify.dev, "Test charges").
 * `baseUrl` is this server's own.
 */
export function createBilling(baseUrl: () => string): LocalBilling {
  const subscriptions: LocalSubscription[] = [];
  let lastId = 1_029_266_900;
  let toLose = 0;
  const nextId = () => {
    lastId += 1;
    return lastId;
  };

  function create(shop: LocalShop, variables: Record<string, unknown>) {
    const fault = faultOf(shop, variables);
    if (fault !== null) {
      return { confirmationUrl: null, appSubscription: null, userErrors: [userError(fault)] };
    }
    const { kind, money } = readLine(variables) as Pick<LocalSubscription, "kind" | "money">;
    const number = nextId();
    const subscription: LocalSubscription = {
      id: `gid://shopify/AppSubscription/${number}`,
      shop: shop.domain,
      status: "PENDING",
      test: variables.test === true,
      trialDays: Number(variables.trialDays ?? 0),
      kind,
      money,
      returnUrl: String(variables.returnUrl),
      usageRecords: [],
    };
    subscriptions.push(subscription);
    return {
      confirmationUrl: `${baseUrl()}/confirm-subscription/${number}`,
      appSubscription: toNode(subscription),
      userErrors: [],
    };
  }

  function charge(shop: LocalShop, variables: Record<string, unknown>) {
    const { lineId, price, key = null, description } = variables;
    const subscription = of(shop.domain).find((known) => lineIdOf(known) === lineId);
    const refuse = (message: string) => ({
      appUsageRecord: null,
      userErrors: [userError(message)],
    });
    if (subscription?.kind !== "usage") return refuse("Subscription line item must be of usage");
    if (subscription.status !== "ACTIVE") return refuse("Subscription is not active");
    const known = subscription.usageRecords.find((record) => record.idempotencyKey === key);
    if (key !== null && known !== undefined) return refuse("Failed to create usage charge");
    const money = price as Money;
    if (money.currencyCode !== subscription.money.currencyCode) {
      return refuse("Currency does not match the capped amount's");
    }
    const used = subscription.usageRecords.reduce((sum, record) => sum + amountOf(record.price), 0);
    if (used + amountOf(money) > amountOf(subscription.money)) {
      return refuse("Total price exceeds balance remaining");
    }
    const id = `gid://shopify/AppUsageRecord/${nextId()}`;
    const record = { id, idempotencyKey: key as string | null, price: money };
    subscription.usageRecords.push({ ...record, description: String(description) });
    if (toLose > 0) {
      toLose -= 1;
      throw new Error("Internal error");
    }
    return { appUsageRecord: { id }, userErrors: [] };
  }

  const of = (shop: string) => subscriptions.filter((known) => known.shop === shop);
  return {
    resolvers: {
      currentAppInstallation: (shop) => ({
        activeSubscriptions: of(shop.domain)
          .filter(({ status }) => status === "ACTIVE")
          .map(toNode),
        allSubscriptions: { nodes: of(shop.domain).toReversed().map(toNode) },
      }),
      appSubscriptionCreate: create,
      appUsageRecordCreate: charge,
    },
    answerPage({ method, url }) {
      const [, number, choice] =
        /^\/confirm-subscription\/(\d+)(?:\/(approve|decline))?$/.exec(url.pathname) ?? [];
      const id = `gid://shopify/AppSubscription/${number}`;
      const subscription = subscriptions.find((known) => known.id === id);
      if (number === undefined || subscription === undefined) return undefined;
      if (choice === undefined) return { status: 200, text: renderPage(subscription, number) };
      if (method !== "POST" || subscription.status !== "PENDING") {
        return { status: 410, text: "This charge was answered already." };
      }
      answerCharge(subscription, choice === "approve", of(subscription.shop));
      const back = new URL(subscription.returnUrl);
      back.searchParams.set("charge_id", number);
      return { status: 303, headers: { location: back.href }, text: "" };
    },
    subscriptionsOf: of,
    setStatus(id, status) {
      const subscription = subscriptions.find((known) => known.id === id);
      if (subscription !== undefined) subscription.status = status;
    },
    loseAnswers: (count) => {
      toLose = count;
    },
  };
}

/** An approved subscription ends the one before it. */
function answerCharge(
  subscription: LocalSubscription,
  isApproved: boolean,
  all: LocalSubscription[],
): void {
  if (isApproved) {
    for (const other of all) if (other.status === "ACTIVE") other.status = "CANCELLED";
  }
  subscription.status = isApproved ? "ACTIVE" : "DECLINED";
}

function lineIdOf({ id }: LocalSubscription): string {
  const number = id.slice(id.lastIndexOf("/") + 1);
  return `gid://shopify/AppSubscriptionLineItem/${number}?v=1&index=0`;
}

function toNode(subscription: LocalSubscription) {
  const { id, status, test, trialDays, usageRecords } = subscription;
  const nodes = usageRecords.toReversed();
  const lineItems = [{ id: lineIdOf(subscription), usageRecords: { nodes } }];
  return { id, name: "Pinrelay", status, test, trialDays, lineItems };
}

/** The one line of a new subscription; null when it has not exactly one that can be read. */
function readLine({ lineItems }: Record<string, unknown>) {
  const lines = lineItems as { plan: Record<string, Record<string, unknown>> }[];
  const plan = lines.length === 1 ? lines[0]?.plan : undefined;
  const recurring = plan?.appRecurringPricingDetails;
  if (recurring !== undefined) {
    const isKnown = ["EVERY_30_DAYS", "ANNUAL"].includes(String(recurring.interval));
    return isKnown ? { kind: "recurring" as const, money: recurring.price as Money } : null;
  }
  const usage = plan?.appUsagePricingDetails;
  if (typeof usage?.terms !== "string") return null;
  return { kind: "usage" as const, money: usage.cappedAmount as Money };
}

function faultOf(shop: LocalShop, variables: Record<string, unknown>): string | null {
  const line = readLine(variables);
  if (line === null) return "Line items are not valid";
  if (!(amountOf(line.money) > 0)) return "Price must be greater than 0";
  if (!["USD", shop.currencyCode].includes(line.money.currencyCode)) {
    return "Currency must be USD or the shop's billing currency";
  }
  if (!URL.canParse(String(variables.returnUrl))) return "Return url is not valid";
  if (variables.test !== true) return "A development store takes test charges only";
  return null;
}

function renderPage({ shop, kind, money, test }: LocalSubscription, number: string): string {
  const price = `${money.amount} ${money.currencyCode}`;
  const button = (choice: string, label: string) =>
    `<form method="post" action="/confirm-subscription/${number}/${choice}"><button>${label}</button></form>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><link rel="icon" href="data:,"><title>Approve subscription</title></head>
<body><h1>Approve subscription</h1>
<p>Pinrelay asks ${shop} for ${kind === "usage" ? `up to ${price}` : price} every 30 days${test ? " (test)" : ""}.</p>
${button("approve", "Approve")}${button("decline", "Decline")}</body></html>`;
}
