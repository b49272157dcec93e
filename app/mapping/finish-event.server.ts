import { readLocation } from "#app/events/country.ts";
import { isTooOld, type SkipReason } from "#app/events/event-state.ts";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import { canIdentify, computeKeyBits } from "#app/events/match-keys.ts";
import { addCutLines } from "#app/events/match-notes.ts";
import type { Shopper } from "#app/events/store-event.ts";
import type { Visit } from "#app/events/visit.ts";
import { findCountry } from "#app/mapping/person/build-user-data.server.ts";
import { fitEvent } from "./check-event.server.ts";
import { decideConsent } from "./decide-consent.server.ts";
import { joinVisit, type NotedBody } from "./join-visit.server.ts";
import type { ShopPolicy } from "./shop-policy.server.ts";

/** A mapped event before the decision whether it may be sent. */
type EventFacts = Pick<
  MappedEvent,
  "kind" | "sourceKey" | "eventId" | "source" | "orderId" | "orderName" | "value" | "currency"
> & {
  actionSource: MappedEvent["actionSource"];
  occurredAtSeconds: number;
  shopper: Shopper;
  /** What the shopper's browser told; null or absent: nothing. */
  visit?: Visit | null;
  /** The browser's id of the same event, which it has at Pinterest too. */
  browserEventId?: string | null;
};

/**
 * Decides what every kind of event must pass, in the order in which a merchant should see it: the
 * shop's own reasons (`refusal`, found by the caller), age, consent, identity. The payload is
 * built, and personal data hashed, only for an event that passed the first three.
 *
 * Throws UnfitEventError (check-event.server.ts).
 */
export function finishEvent(
  facts: EventFacts,
  refusal: SkipReason | null,
  policy: ShopPolicy,
  nowSeconds: number,
  buildBody: () => NotedBody,
): MappedEvent {
  const { occurredAtSeconds, shopper, visit = null, browserEventId = null, ...shown } = facts;
  const eventTimeSeconds = Math.min(occurredAtSeconds, nowSeconds);
  const identity: Pick<MappedEvent, "eventId" | "idSource"> =
    browserEventId === null
      ? { eventId: facts.eventId, idSource: "order" }
      : { eventId: browserEventId, idSource: "browser" };
  const mapped = { ...shown, ...identity, eventTimeSeconds, keyBits: 0, notes: "" };
  const isLate = isTooOld(eventTimeSeconds, nowSeconds);
  const early = refusal ?? (isLate ? "too_old" : null);
  if (early !== null) return { ...mapped, consent: null, outcome: skip(early) };

  const seen = readLocation(visit?.evidence.location);
  const country = findCountry(shopper) ?? seen?.country ?? policy.countryCode;
  const consent = decideConsent(policy.settings, country, visit?.consent ?? null);
  if (consent.refusal !== null) {
    return { ...mapped, consent: consent.record, outcome: skip(consent.refusal) };
  }
  const built = buildBody();
  const { notes, ...body } = visit === null ? built : joinVisit(built, visit, policy.shopDomain);
  const keyBits = computeKeyBits(body.user_data);
  const judged = { ...mapped, consent: consent.record, keyBits, notes };
  if (!canIdentify(body.user_data)) return { ...judged, outcome: skip("no_match_key") };
  const { event, isCut } = fitEvent(judged, body);
  return {
    ...judged,
    notes: isCut ? addCutLines(notes) : notes,
    outcome: { kind: "send", event },
  };
}

function skip(reason: SkipReason): MappedEvent["outcome"] {
  return { kind: "skip", reason };
}
