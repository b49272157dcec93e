import { BILLING_WARNING_DAYS, type BillingState } from "#app/events/billing-state.ts";
import type { SeenSubscription } from "#app/shopify/billing.server.ts";

export interface Billing {
  state: BillingState;
  subscriptionId: string | null;
  usageLineId: string | null;
  /** Since when the shop has known that it has no plan; null while it has one. */
  warnedAt: Date | null;
  /** When sending pauses; null while the shop has a plan. */
  endsAt: Date | null;
}

export const NO_BILLING: Billing = {
  state: "none",
  subscriptionId: null,
  usageLineId: null,
  warnedAt: null,
  endsAt: null,
};

const DAY_MS = 86_400_000;

/**
 * Decides a shop's billing state from the stored state and Shopify's answer. The first check
 * without a plan records the warning, and an active plan removes it, so that sending never pauses
 * without seven days of notice.
 */
export function decideBilling(
  known: Billing,
  seen: readonly SeenSubscription[],
  now: Date,
): Billing {
  const chosen = choose(seen);
  const state = chosen === null ? withoutSubscription(known) : toState(chosen.status);
  const subscriptionId = chosen?.id ?? known.subscriptionId;
  const usageLineId = chosen === null ? known.usageLineId : chosen.lineId;
  if (state === "active") {
    return { state, subscriptionId, usageLineId, warnedAt: null, endsAt: null };
  }
  const warnedAt = known.warnedAt ?? now;
  const endsAt = new Date(warnedAt.getTime() + BILLING_WARNING_DAYS * DAY_MS);
  return { state, subscriptionId, usageLineId, warnedAt, endsAt };
}

/** Tells whether sending must pause: only after the warning's seven days. */
export function isOverdue({ state, endsAt }: Billing, now: Date): boolean {
  return state !== "active" && endsAt !== null && endsAt <= now;
}

/**
 * Prefers a paying subscription, then one that will pay again automatically, then the newest.
 * `seen`: newest first.
 */
function choose(seen: readonly SeenSubscription[]): SeenSubscription | null {
  return (
    seen.find(({ status }) => status === "ACTIVE") ??
    seen.find(({ status }) => status === "FROZEN") ??
    seen[0] ??
    null
  );
}

/** Shopify forgets nothing, but after a new installation it may tell of less. */
function withoutSubscription(known: Billing): BillingState {
  return known.subscriptionId === null ? "none" : "cancelled";
}

/** EXPIRED: not answered within two days. (Shopify's AppSubscriptionStatus, 2026-10.) */
function toState(status: string): BillingState {
  switch (status) {
    case "ACTIVE":
      return "active";
    case "FROZEN":
      return "frozen";
    case "PENDING":
    case "ACCEPTED":
      return "pending";
    case "DECLINED":
    case "EXPIRED":
      return "declined";
    default:
      return "cancelled";
  }
}
