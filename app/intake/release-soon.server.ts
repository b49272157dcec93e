import { joinHeldEvent } from "#app/mapping/join-visit.server.ts";
import {
  type HeldCheckout,
  type ReleaseServices,
  releaseHeld,
} from "#app/outbox/append/release-held.server.ts";

/**
 * Releases held orders after the commit that stored them, or their visits. Nobody waits for it and
 * it never throws: an order that it misses is sent as it is when its hold is over.
 */
export function releaseSoon(
  services: Omit<ReleaseServices, "join">,
  checkouts: readonly HeldCheckout[],
): void {
  if (checkouts.length === 0) return;
  releaseHeld({ ...services, join: joinHeldEvent }, checkouts).catch((error: unknown) => {
    services.log.warn({ err: error }, "held orders were not joined to what their browsers told");
  });
}
