/**
 * How a shop stands with the operator's plan. `pending`: the merchant has not answered Shopify's
 * question yet; `frozen`: the shop owes Shopify money, and the plan resumes when that is paid.
 */
export const BILLING_STATES = [
  "none",
  "pending",
  "active",
  "declined",
  "frozen",
  "cancelled",
] as const;

export type BillingState = (typeof BILLING_STATES)[number];

/** Days between the warning and the day on which sending pauses because there is no plan. */
export const BILLING_WARNING_DAYS = 7;

/** The value of `connection.pause_reason`. */
export const BILLING_PAUSE = "billing";

/** Accepted events that one usage charge pays for. */
export const EVENTS_PER_CHARGE = 1_000;
