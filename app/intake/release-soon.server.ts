import { setTimeout as wait } from "node:timers/promises";
import { joinHeldEvent } from "#app/mapping/join-visit.server.ts";
import {
  type HeldFor,
  type ReleaseServices,
  releaseHeld,
} from "#app/outbox/append/release-held.server.ts";

/** Rows that somebody else has locked are free again by then, as a rule. */
const AGAIN_AFTER_MS = 1_000;

/**
 * Releases held orders after the commit that stored them, or their visits. Nobody waits for it and
 * it never throws: what fails is tried a second time, and an order that it misses then is sent as it
 * is when its hold is over.
 */
export function releaseSoon(
  services: Omit<ReleaseServices, "join">,
  visits: readonly HeldFor[],
): void {
  if (visits.length === 0) return;
  const release = () => releaseHeld({ ...services, join: joinHeldEvent }, visits);
  release()
    .catch(async () => {
      await wait(AGAIN_AFTER_MS, undefined, { ref: false });
      await release();
    })
    .catch((error: unknown) => {
      services.log.warn({ err: error }, "held orders were not joined to what their browsers told");
    });
}
