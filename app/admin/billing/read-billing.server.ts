import type { Formatter, Moment } from "#app/admin/shell/formatter.server.ts";
import { findBillingProblem } from "#app/admin/shell/problems/connection-problems.server.ts";
import type { BillingState } from "#app/events/billing-state.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { lookUp } from "#app/events/look-up.ts";
import type { Problem } from "#app/events/notices/notice.ts";
import type { Database } from "#app/platform/db.server.ts";
import { type BillingPlan, readBillingPlan } from "#app/platform/env/billing-env.server.ts";
import { billingTexts } from "./texts.ts";

/** What the page on the plan shows. */
export interface BillingView {
  price: string;
  /** Empty where there is no trial. */
  trial: string;
  state: { label: string; tone: "success" | "attention" | null };
  explanation: string;
  problem: Problem | null;
  /** Null for a plan that does not count. */
  usage: string | null;
  /**
   * The time of the last request to Shopify; null before the first, or after Shopify reported a
   * change.
   */
  asOf: Moment | null;
  canStart: boolean;
}

interface BillingServices {
  db: Pick<Database, "readAsShop">;
  config: Parameters<typeof readBillingPlan>[0];
}

interface Facts {
  state: BillingState;
  endsAt: Date | null;
  updatedAt: Date | null;
  charged: number;
  free: number;
}

const NO_FACTS: Facts = { state: "none", endsAt: null, updatedAt: null, charged: 0, free: 0 };
const TONES = { active: "success", frozen: "attention", pending: "attention" } as const;

/** Reads the shop's plan and its state; null where the operator does not charge. */
export async function readBilling(
  { db, config }: BillingServices,
  shopId: bigint,
  format: Formatter,
): Promise<BillingView | null> {
  const plan = readBillingPlan(config);
  if (plan === null) return null;
  const facts = await readFacts({ db }, shopId);
  const { state, updatedAt, charged, free } = facts;
  const usage = [formatMessage(billingTexts.usage, { charged })];
  if (free > 0) usage.push(formatMessage(billingTexts.usageFree, { free }));
  return {
    price: describePrice(plan, format),
    trial: formatMessage(billingTexts.trial, { days: plan.trialDays }),
    state: {
      label: billingTexts.states[state],
      tone: lookUp(TONES, state) ?? null,
    },
    explanation: billingTexts.explanations[state],
    problem: findBillingProblem(facts, format),
    usage: plan.kind === "usage" && state === "active" ? usage.join(" ") : null,
    asOf: updatedAt === null || updatedAt.getTime() === 0 ? null : format.moment(updatedAt),
    canStart: state !== "active" && state !== "frozen",
  };
}

function describePrice({ kind, price, cap, currency }: BillingPlan, format: Formatter): string {
  return formatMessage(billingTexts.prices[kind], {
    price: format.money(price, currency),
    cap: format.money(cap ?? price, currency),
  });
}

async function readFacts({ db }: Pick<BillingServices, "db">, shopId: bigint): Promise<Facts> {
  return db.readAsShop(shopId, async (tx) => {
    const billing = await tx.shopBilling.findUnique({ where: { shopId } });
    if (billing === null) return NO_FACTS;
    const charged = await tx.usageCharge.count({
      where: { shopId, chargeId: { startsWith: "gid:" } },
    });
    const free = await tx.usageCharge.count({ where: { shopId, chargeId: "over_cap" } });
    const { endsAt, updatedAt } = billing;
    const state = billing.state as BillingState;
    return { state, endsAt, updatedAt, charged, free };
  });
}
