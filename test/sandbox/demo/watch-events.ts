import { type EventListRow, listEvents } from "#app/commands/events.server.ts";
import type { EventCounts } from "#app/events/event-state.ts";
import type { Database } from "#app/platform/db.server.ts";
import { findShop } from "#app/shops/find-shop.server.ts";
import type { Say } from "./send-day.ts";

/** The demo's knowledge of a shop's events. */
export interface Watched {
  events: EventListRow[];
  counts: EventCounts;
}

export interface Watch {
  /** Says what has happened since the last look. */
  look(): Promise<Watched>;
  /** Looks until nothing waits any more, or the deadline is over. */
  untilSettled(deadlineMs: number): Promise<Watched>;
  stop(): Promise<void>;
}

const LOOK_MS = 500;
const LIMIT = 10_000;

/** Follows a shop's events, by the read model that the list of events has. */
export async function watchEvents(db: Database, domain: string, say: Say): Promise<Watch> {
  const shop = await findShop({ db }, domain);
  if (shop === null) throw new Error(`${domain} is not installed.`);
  const said = new Map<string, string>();
  let isStopped = false;

  async function look(): Promise<Watched> {
    const watched = await listEvents({ db }, shop?.id ?? 0n, { limit: LIMIT });
    for (const event of [...watched.events].reverse()) {
      const outcome = describe(event);
      if (outcome === null || said.get(event.event_id) === outcome) continue;
      said.set(event.event_id, outcome);
      say(outcome);
    }
    return watched;
  }

  async function follow(): Promise<void> {
    while (!isStopped) {
      await look();
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
  const following = follow();

  return {
    look,
    async untilSettled(deadlineMs) {
      const deadline = Date.now() + deadlineMs;
      for (;;) {
        const watched = await look();
        if (watched.counts.pending === 0 || Date.now() > deadline) return watched;
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    },
    async stop() {
      isStopped = true;
      await following;
    },
  };
}

function describe(event: EventListRow): string | null {
  const name = event.event_name.padEnd(17);
  const value = event.value === null ? "" : `${event.value} ${event.currency}`;
  const what = `${name} ${value.padStart(15)}  ${event.source.padEnd(20)} ${event.event_id}`;
  switch (event.state) {
    case "accepted":
      return `accepted  ${what}${event.attempts > 1 ? ` (attempt ${event.attempts})` : ""}`;
    case "skipped":
      return `skipped   ${what}: ${event.reason}`;
    case "rejected":
      return `rejected  ${what}: ${event.reason}`;
    case "expired":
      return `expired   ${what}`;
    default:
      return null;
  }
}
