import { expect, test } from "vitest";
import type { SeenSubscription } from "#app/shopify/billing.server.ts";
import {
  type Billing,
  decideBilling,
  isOverdue,
  NO_BILLING,
} from "#app/shops/billing/decide-billing.server.ts";

const START = new Date("2026-11-24T10:00:00Z");
const day = (n: number) => new Date(START.getTime() + n * 86_400_000);
const seen = (status: string, id = "gid://1"): SeenSubscription => ({ id, status, lineId: "line" });

test.each([
  ["ACTIVE", "active"],
  ["PENDING", "pending"],
  ["DECLINED", "declined"],
  ["EXPIRED", "declined"],
  ["FROZEN", "frozen"],
  ["CANCELLED", "cancelled"],
])("Shopify's %s is %s to us, and only an active plan needs no warning", (status, state) => {
  const billing = decideBilling(NO_BILLING, [seen(status)], START);
  expect(billing).toMatchObject({ state, subscriptionId: "gid://1", usageLineId: "line" });
  expect(billing.endsAt).toEqual(status === "ACTIVE" ? null : day(7));
});

test("a shop that never had a plan is warned with the first look, and once", () => {
  const first = decideBilling(NO_BILLING, [], START);
  expect(first).toMatchObject({ state: "none", warnedAt: START, endsAt: day(7) });
  expect(decideBilling(first, [], day(3))).toEqual(first);
  expect(decideBilling(first, [seen("DECLINED")], day(3))).toMatchObject({ endsAt: day(7) });
});

test("sending pauses seven days after the warning and never before", () => {
  const warned = decideBilling(NO_BILLING, [], START);
  expect(isOverdue(NO_BILLING, day(400))).toBe(false);
  expect(isOverdue(warned, new Date(day(7).getTime() - 1))).toBe(false);
  expect(isOverdue(warned, day(7))).toBe(true);
});

test("a plan that ends later gives seven days anew", () => {
  let billing: Billing = decideBilling(NO_BILLING, [], START);
  billing = decideBilling(billing, [seen("ACTIVE")], day(6));
  expect(billing.warnedAt).toBeNull();
  billing = decideBilling(billing, [seen("FROZEN")], day(50));
  expect(billing).toMatchObject({ state: "frozen", warnedAt: day(50), endsAt: day(57) });
  expect(isOverdue(billing, day(56))).toBe(false);
});

test("of several subscriptions what pays counts, then what would pay again, then the newest", () => {
  const declined = seen("DECLINED", "gid://3");
  const frozen = seen("FROZEN", "gid://2");
  const active = seen("ACTIVE", "gid://1");
  const stateOf = (all: SeenSubscription[]) => decideBilling(NO_BILLING, all, START).state;
  expect(stateOf([declined, frozen, active])).toBe("active");
  expect(stateOf([declined, frozen])).toBe("frozen");
  expect(stateOf([declined, seen("CANCELLED")])).toBe("declined");
});

test("a plan that Shopify tells nothing of any more was canceled", () => {
  const active = decideBilling(NO_BILLING, [seen("ACTIVE")], START);
  expect(decideBilling(active, [], day(1))).toMatchObject({ state: "cancelled", endsAt: day(8) });
});
