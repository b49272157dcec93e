import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { describeOverview } from "#app/components/overview.ts";
import type { OverviewFacts } from "#app/components/overview-facts.ts";

const NOW = new Date("2026-11-24T19:02:00Z");
const CONTEXT = {
  shop: "demo.myshopify.com",
  now: NOW,
  timeZone: "America/New_York",
  pinterestApiUrl: "https://api.pinterest.com/v5",
};
const NONE = { accepted: 0, rejected: 0, skipped: 0, expired: 0, pending: 0 };
const ACTIVE: OverviewFacts = {
  connection: { state: "active", adAccountId: "549755885175", pauseReason: null },
  lastWebhookAt: NOW,
  counts: { ...NONE, received: 0 },
  lastAcceptedAt: null,
  oldestPendingAt: null,
};

const minutesAgo = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000);
const paused = (pauseReason: string): OverviewFacts => ({
  ...ACTIVE,
  connection: { state: "paused", adAccountId: "549755885175", pauseReason },
  counts: { ...NONE, pending: 14, received: 14 },
});
const badge = (facts: OverviewFacts) => describeOverview(facts, CONTEXT).badge;

describe("the first page", () => {
  test("the terms of the sentence add up to what was received", () => {
    const count = fc.integer({ min: 0, max: 2_000_000 });
    const terms = fc.record({
      accepted: count,
      rejected: count,
      skipped: count,
      expired: count,
      pending: count,
    });
    fc.assert(
      fc.property(terms, (given) => {
        const received = Object.values(given).reduce((sum, n) => sum + n, 0);
        const facts = { ...ACTIVE, counts: { ...given, received } };
        const { sentence, counts } = describeOverview(facts, CONTEXT);
        const [total = 0, ...parts] = (sentence.match(/\d[\d,]*/g) ?? []).map(toNumber);
        expect(parts.reduce((sum, n) => sum + n, 0)).toBe(total);
        expect(total).toBe(received);
        if (received > 0) expect(counts.map(({ number }) => toNumber(number))).toEqual(parts);
      }),
    );
  });

  test("a new store is told that nothing has come yet, and sees no row of zeros as a sentence", () => {
    expect(describeOverview(ACTIVE, CONTEXT).sentence).toBe("");
  });

  test("the badge says whether events are being sent", () => {
    const notConnected = { state: "none", adAccountId: null, pauseReason: null } as const;
    expect(badge({ ...ACTIVE, connection: notConnected })).toEqual({ label: "Not connected" });
    expect(badge(ACTIVE)).toEqual({ label: "Sending", tone: "success" });
    expect(badge(paused("merchant"))).toEqual({ label: "Paused", tone: "warning" });
    expect(badge(paused("unauthorized"))).toEqual({ label: "Needs attention", tone: "critical" });
  });

  test("events that wait for more than half an hour are called late, in time to do something", () => {
    expect(badge({ ...ACTIVE, oldestPendingAt: minutesAgo(29) }).label).toBe("Sending");
    expect(badge({ ...ACTIVE, oldestPendingAt: minutesAgo(31) }).label).toBe("Late");
  });

  test("what to do next holds the command, with the store and the account filled in", () => {
    const [step] = describeOverview(paused("unauthorized"), CONTEXT).nextSteps;
    expect(step?.title).toBe("Pinterest no longer accepts this connection");
    expect(step?.text).toContain("14 events are kept.");
    expect(step?.command).toBe(
      "npx pinrelay shop connect --shop demo.myshopify.com --ad-account 549755885175 --token-env PINTEREST_TOKEN",
    );
    expect(describeOverview(ACTIVE, CONTEXT).nextSteps).toEqual([]);
  });

  test("events of a stopped connection are called kept, not queued", () => {
    expect(describeOverview(paused("forbidden"), CONTEXT).sentence).toMatch(
      / \+ 14 kept until you reconnect$/,
    );
  });

  test("times are those of the store, with the day when it is not today", () => {
    const facts = { ...ACTIVE, lastAcceptedAt: new Date("2026-11-24T04:30:00Z") };
    const { checks, zone } = describeOverview(facts, CONTEXT);
    expect(zone).toBe("GMT-5");
    expect(checks.map(({ at }) => at?.text)).toEqual([
      "2:02 PM",
      undefined,
      undefined,
      "Nov 23, 11:30 PM",
    ]);
  });

  test("a page that sends to anything but Pinterest's own address says so", () => {
    const local = { ...CONTEXT, pinterestApiUrl: "http://127.0.0.1:4001/v5" };
    expect(describeOverview(ACTIVE, local).isTestApi).toBe(true);
    expect(describeOverview(ACTIVE, CONTEXT).isTestApi).toBe(false);
  });
});

function toNumber(text: string): number {
  return Number(text.replaceAll(",", ""));
}
