import { z } from "zod";

/** What a shop pays, as the operator chose it. Amounts are the decimal strings that were given. */
export interface BillingPlan {
  /** `recurring`: every 30 days. `usage`: for each started thousand of accepted events. */
  kind: "recurring" | "usage";
  price: string;
  /** ISO 4217. */
  currency: string;
  /** The most that a usage plan charges in 30 days; null for a recurring one. */
  cap: string | null;
  trialDays: number;
}

type Environment = Record<string, string | undefined>;

const amount = z
  .string()
  .refine((value) => /^(0|[1-9]\d{0,6})(\.\d{1,3})?$/.test(value) && Number(value) > 0, {
    error: "must be an amount above zero such as 19.00",
  });

export const BILLING_VARIABLES = {
  PINRELAY_BILLING: z.enum(["recurring", "usage"], "must be recurring or usage").optional(),
  PINRELAY_BILLING_PRICE: amount.optional(),
  PINRELAY_BILLING_CURRENCY: z
    .string()
    .regex(/^[A-Z]{3}$/, "must be a currency of three letters such as USD")
    .default("USD"),
  PINRELAY_BILLING_CAP: amount.optional(),
  PINRELAY_BILLING_TRIAL_DAYS: z
    .string()
    .default("0")
    .transform(Number)
    .refine((days) => Number.isInteger(days) && days >= 0 && days <= 365, {
      error: "must be a whole number of days from 0 to 365",
    }),
};

/** Checks rules between the variables; each variable's own rule is checked separately. */
export function findBillingFaults(given: Environment): [name: string, fault: string][] {
  const { PINRELAY_BILLING: kind } = given;
  const needed: string[] = [];
  if (kind === "usage" || kind === "recurring") needed.push("PINRELAY_BILLING_PRICE");
  if (kind === "usage") needed.push("PINRELAY_BILLING_CAP");
  const faults: [string, string][] = needed
    .filter((name) => given[name] === undefined)
    .map((name) => [name, `is missing, while PINRELAY_BILLING is ${kind}`]);
  const stray = Object.keys(BILLING_VARIABLES).find((name) => given[name] !== undefined);
  if (kind === undefined && stray !== undefined) {
    faults.push(["PINRELAY_BILLING", `is missing, while ${stray} is set: recurring or usage`]);
  }
  const { PINRELAY_BILLING_PRICE: price, PINRELAY_BILLING_CAP: cap } = given;
  if (kind === "recurring" && cap !== undefined) {
    faults.push(["PINRELAY_BILLING_CAP", "must not be set for a recurring price"]);
  }
  if (kind === "usage" && Number(cap) < Number(price)) {
    faults.push(["PINRELAY_BILLING_CAP", "must be at least PINRELAY_BILLING_PRICE"]);
  }
  return faults;
}

/** The operator's plan; null when Pinrelay is free, and nothing about billing is shown. */
export function readBillingPlan(
  config: z.infer<z.ZodObject<typeof BILLING_VARIABLES>>,
): BillingPlan | null {
  const { PINRELAY_BILLING: kind, PINRELAY_BILLING_PRICE: price } = config;
  if (kind === undefined || price === undefined) return null;
  return {
    kind,
    price,
    currency: config.PINRELAY_BILLING_CURRENCY,
    cap: kind === "usage" ? (config.PINRELAY_BILLING_CAP ?? null) : null,
    trialDays: config.PINRELAY_BILLING_TRIAL_DAYS,
  };
}
