import type { EventCounts } from "#app/events/event-state.ts";

/** What the first page is made from. */
export interface OverviewFacts {
  connection: {
    state: "none" | "active" | "paused";
    adAccountId: string | null;
    pauseReason: string | null;
  };
  lastWebhookAt: Date | null;
  counts: EventCounts;
  lastAcceptedAt: Date | null;
  oldestPendingAt: Date | null;
}
