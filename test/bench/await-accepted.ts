import { eventually } from "#test/support/poll.ts";
import type { PinterestSummary } from "./processes/local-pinterest.ts";
import type { BenchProcess } from "./start-process.ts";

/** What Pinterest has seen once it has accepted so many events; rejects past the deadline. */
export function awaitAccepted(
  pinterest: BenchProcess<unknown>,
  count: number,
  deadlineMs: number,
): Promise<PinterestSummary> {
  return eventually(
    async () => {
      const summary = await pinterest.ask<PinterestSummary>("summary");
      if (summary.accepted >= count) return summary;
      throw new Error(`Pinterest has accepted ${summary.accepted} of ${count} events`);
    },
    { deadlineMs },
  );
}
