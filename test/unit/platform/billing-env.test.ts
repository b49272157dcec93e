import { expect, test } from "vitest";
import { readBillingPlan } from "#app/platform/env/billing-env.server.ts";
import { ConfigError, parseEnv } from "#app/platform/env/env.server.ts";

const SANDBOX = { SHOPIFY_SANDBOX_URL: "http://127.0.0.1:4000" };

function planFor(env: Record<string, string>) {
  return readBillingPlan(parseEnv({ ...SANDBOX, ...env }));
}

function faultsOf(env: Record<string, string>): string[] {
  try {
    planFor(env);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message
      .split("\n")
      .slice(1)
      .map((line) => line.trim());
  }
}

test("nothing set: Pinrelay costs nothing", () => {
  expect(planFor({})).toBeNull();
});

test("a recurring price, and a usage price with its cap", () => {
  expect(planFor({ PINRELAY_BILLING: "recurring", PINRELAY_BILLING_PRICE: "19.00" })).toEqual({
    kind: "recurring",
    price: "19.00",
    currency: "USD",
    cap: null,
    trialDays: 0,
  });
  expect(
    planFor({
      PINRELAY_BILLING: "usage",
      PINRELAY_BILLING_PRICE: "0.50",
      PINRELAY_BILLING_CURRENCY: "EUR",
      PINRELAY_BILLING_CAP: "40",
      PINRELAY_BILLING_TRIAL_DAYS: "14",
    }),
  ).toEqual({ kind: "usage", price: "0.50", currency: "EUR", cap: "40", trialDays: 14 });
});

test.each([
  [{ PINRELAY_BILLING: "monthly" }, ["PINRELAY_BILLING must be recurring or usage"]],
  [
    { PINRELAY_BILLING: "usage" },
    [
      "PINRELAY_BILLING_PRICE is missing, while PINRELAY_BILLING is usage",
      "PINRELAY_BILLING_CAP is missing, while PINRELAY_BILLING is usage",
    ],
  ],
  [
    { PINRELAY_BILLING_PRICE: "5" },
    ["PINRELAY_BILLING is missing, while PINRELAY_BILLING_PRICE is set: recurring or usage"],
  ],
  [
    { PINRELAY_BILLING: "recurring", PINRELAY_BILLING_PRICE: "5", PINRELAY_BILLING_CAP: "9" },
    ["PINRELAY_BILLING_CAP must not be set for a recurring price"],
  ],
  [
    { PINRELAY_BILLING: "usage", PINRELAY_BILLING_PRICE: "5", PINRELAY_BILLING_CAP: "4" },
    ["PINRELAY_BILLING_CAP must be at least PINRELAY_BILLING_PRICE"],
  ],
  [
    {
      PINRELAY_BILLING: "recurring",
      PINRELAY_BILLING_PRICE: "-5",
      PINRELAY_BILLING_CURRENCY: "usd",
      PINRELAY_BILLING_TRIAL_DAYS: "1.5",
    },
    [
      "PINRELAY_BILLING_PRICE must be an amount above zero such as 19.00",
      "PINRELAY_BILLING_CURRENCY must be a currency of three letters such as USD",
      "PINRELAY_BILLING_TRIAL_DAYS must be a whole number of days from 0 to 365",
    ],
  ],
])("every fault of %j is named", (env, faults) => {
  expect(faultsOf(env as unknown as Record<string, string>)).toEqual(faults);
});
