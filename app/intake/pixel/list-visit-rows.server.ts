import type { BrowserEvent } from "#app/events/browser-event.ts";
import { visitKey } from "#app/events/visit.ts";
import { formVisitKey, nameBrowser } from "#app/mapping/person/sign-up-form.server.ts";
import type { VisitRow } from "#app/outbox/append/insert-visits.server.ts";

const DAY_MS = 86_400_000;

/**
 * Lists the rows of a visit that an event writes, one for each key that its checkout is known by.
 * An event without a checkout and without a cart writes none: a look at a page is no evidence of
 * any order. A form for an account or a newsletter writes that of the sign-up it leads to.
 */
export function listVisitRows(
  { id: shopId, domain }: { id: bigint; domain: string },
  event: BrowserEvent,
): VisitRow[] {
  const { action, checkoutToken, cartToken, consent, evidence } = event;
  if (action.kind === "signup_form") {
    // No later than it came: a stranger's form of another year would stay newer than the shopper's own.
    const toldAtMs = Math.min(event.browserMs, event.happenedAtMs);
    const key = formVisitKey(domain, action.emailDigest);
    const startedEventId = nameBrowser(evidence);
    const visit = { startedEventId, completedEventId: null, consent, evidence };
    return [{ shopId, key, visit, cartToken: null, toldAtMs }];
  }
  const isCompleted = action.kind === "checkout_completed";
  const visit = {
    startedEventId: action.kind === "checkout_started" ? event.id : null,
    completedEventId: isCompleted ? event.id : null,
    consent,
    evidence,
  };
  const keys = [
    ...(checkoutToken === null ? [] : [visitKey("checkout", checkoutToken)]),
    ...(isCompleted && action.orderId !== null ? [visitKey("order", action.orderId)] : []),
  ];
  // By the browser's clock, however wrong: else a late copy of a consent, or one from a clock that is
  // ahead, would be newer than the refusal that followed it. An invented future ends after a day.
  const toldAtMs = Math.min(event.browserMs, event.happenedAtMs + DAY_MS);
  const rows = keys.map((key) => ({ shopId, key, visit, cartToken, toldAtMs }));
  if (cartToken === null) return rows;
  // A cart may become several checkouts. An id belongs to one, and two events under it count once.
  const ofCart = checkoutToken === null ? visit : { ...visit, ...NO_IDS };
  const key = visitKey("cart", cartToken);
  return [...rows, { shopId, key, visit: ofCart, cartToken: null, toldAtMs }];
}

const NO_IDS = { startedEventId: null, completedEventId: null };
