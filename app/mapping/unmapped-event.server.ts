import { deriveEventId, SOURCE_KINDS } from "#app/events/event-id.ts";
import type { SkipReason } from "#app/events/event-state.ts";
import { lookUp } from "#app/events/look-up.ts";
import type { MappedEvent } from "#app/events/mapped-event.ts";

export type UnmappedFacts = Pick<MappedEvent, "sourceKey" | "orderId" | "eventTimeSeconds"> & {
  eventName: string;
  orderName?: string | null;
};

/**
 * Makes the row that keeps something visible of which no event is made: skipped, under the id that
 * its event would have, so that a readable message of the same order replaces it.
 */
export function unmappedEvent(
  { eventName, sourceKey, orderId, orderName = null, eventTimeSeconds }: UnmappedFacts,
  reason: SkipReason,
): MappedEvent {
  const sourceKind = lookUp(SOURCE_KINDS, eventName) ?? "order";
  return {
    kind: eventName,
    sourceKey,
    eventId: deriveEventId(sourceKind, sourceKey, eventName),
    idSource: "order",
    source: "unknown",
    orderId,
    orderName,
    actionSource: null,
    eventTimeSeconds,
    value: null,
    currency: null,
    keyBits: 0,
    consent: null,
    notes: "",
    outcome: { kind: "skip", reason },
  };
}
