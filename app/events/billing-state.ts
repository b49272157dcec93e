/**
 * How a shop stands with the operator's plan. `pending`: asked for, and the merchant has not
 * answered Shopify yet; `frozen`: the shop owes Shopify money, and it comes back when that is paid.
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

/** Days between the warning and the day on which sending pauses for want of a plan. */
export const BILLING_WARNING_DAYS = 7;

/** As `connection.pause_reason`. */
export const BILLING_PAUSE = "billing";

/** Accepted events that one usage charge pays for. */
export const EVENTS_PER_CHARGE = 1_000;
