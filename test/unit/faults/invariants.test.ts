import { expect, test } from "vitest";
import { type InvariantName, judge } from "#test/faults/invariants.ts";
import type { Observation } from "#test/faults/observation.ts";

const shop = { id: 1n, domain: "a.myshopify.com", adAccountId: "549", token: "pina_a" };
const order = {
  shop,
  eventId: "order-7-checkout",
  orderId: "7",
  ends: "sent",
  value: "72.39",
  currency: "USD",
  eventTime: 1_700_000_000,
} as const;
const stored = {
  shopId: 1n,
  eventId: order.eventId,
  orderId: "7",
  state: "accepted",
  reason: null,
  attempts: 1,
  answers: 1,
};
const request = {
  number: 1,
  at: 1_000,
  endedAt: 1_100,
  adAccountId: "549",
  token: "pina_a",
  sizeBytes: 500,
  test: false,
  ids: [order.eventId],
  failedIds: [] as string[],
  status: 200 as number | null,
  retryAfter: null as string | null,
  fault: null,
  error: null,
};
const event = {
  event_id: order.eventId,
  event_name: "checkout",
  event_time: 1_700_000_000,
  custom_data: { order_id: "7", value: "72.39", currency: "USD" },
};
const accepted = {
  adAccountId: "549",
  eventId: order.eventId,
  eventName: "checkout",
  event,
  requestNumber: 1,
  firstAt: 1_000,
  lastAt: 1_000,
  count: 1,
  tagCount: 0,
};
const sound: Observation = {
  shops: [shop],
  acknowledged: new Map([["w", order]]),
  sent: new Map([["w", order]]),
  stored: [stored],
  accepted: [accepted],
  requests: [request],
  peakCallsPerMinute: 1,
  violations: [],
  isHidden: () => false,
  leaks: [],
  clockBehindSeconds: 0,
  miscounts: [],
};
const again = { ...request, number: 2, at: 2_000, endedAt: 2_100 };

test("an order that was sent once breaks nothing", () => {
  expect(judge(sound)).toEqual([]);
  // A repeat after a lost answer is no fault.
  const lost = { ...request, status: null };
  expect(judge({ ...sound, requests: [lost, again] })).toEqual([]);
  expect(judge({ ...sound, requests: [request, again], isHidden: () => true })).toEqual([]);
});

const violation = { adAccountId: "549", eventId: order.eventId, requestNumber: 2 };
const broken: [InvariantName, string, Partial<Observation>][] = [
  ["I1", "acknowledged, not stored", { stored: [] }],
  ["I2", "still pending", { stored: [{ ...stored, state: "pending" }], accepted: [] }],
  ["I2", "accepted here, not there", { accepted: [] }],
  ["I2", "accepted there, not here", { stored: [{ ...stored, state: "expired", reason: "x" }] }],
  ["I2", "ended without a reason", { stored: [{ ...stored, state: "rejected" }], accepted: [] }],
  ["I2", "skipped, and should be sent", { stored: [{ ...stored, state: "skipped", reason: "x" }] }],
  ["I2", "stored, never sent", { sent: new Map(), acknowledged: new Map() }],
  ["I3", "two ids for one order", { stored: [stored, { ...stored, eventId: "order-7-other" }] }],
  ["I3", "an id of no order", { accepted: [{ ...accepted, eventId: "random" }] }],
  ["I4", "repeated after an answer", { requests: [request, again] }],
  ["I4", "repeated after a settled answer", { stored: [{ ...stored, answers: 2 }] }],
  ["I4", "another body", { violations: [{ ...violation, kind: "changed_repeat" }] }],
  ["I5", "two at once", { requests: [request, { ...again, at: 1_050, ids: [] }] }],
  ["I6", "another's token", { requests: [{ ...request, token: "pina_b" }] }],
  ["I6", "another's event", { requests: [{ ...request, ids: ["order-8-checkout"] }] }],
  ["I7", "an address in a log", { leaks: ["a@b.example"] }],
  ["I8", "over the limit", { peakCallsPerMinute: 5_001 }],
  ["I8", "refused by Pinterest", { violations: [{ ...violation, kind: "rate_exceeded" }] }],
  [
    "I8",
    "before Retry-After",
    { requests: [{ ...request, status: 429, retryAfter: "9", ids: [] }, again] },
  ],
  ["I9", "counted wrongly", { miscounts: [{ n: 1n, counted: 2n }] }],
  ["I10", "another value", { accepted: [{ ...accepted, event: { ...event, event_time: 1 } }] }],
];

test.each(broken)("%s is seen to be broken: %s", (name, _what, changes) => {
  expect(judge({ ...sound, ...changes }).map((fault) => fault.split(":")[0])).toContain(name);
});
