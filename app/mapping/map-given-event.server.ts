import type { ConversionEvent, CustomData } from "#app/events/conversion-event.ts";
import { givenSourceKey } from "#app/events/event-id.ts";
import { isTooOld } from "#app/events/event-state.ts";
import type { GivenEvent } from "#app/events/given-event.ts";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import { canIdentify, computeKeyBits } from "#app/events/match-keys.ts";
import { buildGivenUserData } from "#app/mapping/person/build-given-user-data.server.ts";
import { checkEvent } from "./check-event.server.ts";

/**
 * Maps an event given by hand. Pure. An id that has the form of an order's (`order-1-checkout`)
 * names that order's event: it gets the same source key, so that the outbox treats both as one.
 * `event`: the event as it would be sent, even if Pinterest would reject it.
 *
 * Throws UnfitEventError (check-event.server.ts).
 */
export function mapGivenEvent(
  given: GivenEvent,
  eventId: string,
  nowSeconds: number,
): { mapped: MappedEvent; event: ConversionEvent } {
  const { event, notes } = build(given, eventId, nowSeconds);
  const mapped: MappedEvent = {
    kind: given.name,
    sourceKey: givenSourceKey(eventId, given.name),
    eventId,
    idSource: "given",
    source: "task",
    orderId: given.orderId,
    orderName: null,
    actionSource: given.actionSource,
    eventTimeSeconds: event.event_time,
    value: given.value,
    currency: given.value === null ? null : given.currency,
    keyBits: computeKeyBits(event.user_data),
    consent: null,
    notes,
    outcome: judge(event, nowSeconds),
  };
  return { mapped, event };
}

function build(
  given: GivenEvent,
  eventId: string,
  nowSeconds: number,
): { event: ConversionEvent; notes: string } {
  const { name: kind, actionSource, occurredAtSeconds, sourceUrl, optOut } = given;
  // The caller's clock may be a little ahead, but Pinterest rejects events from the future.
  const eventTimeSeconds = Math.min(occurredAtSeconds ?? nowSeconds, nowSeconds);
  const { userData, notes } = buildGivenUserData(given);
  const event = checkEvent(
    { kind, actionSource, eventId, eventTimeSeconds },
    {
      ...(sourceUrl !== null && { event_source_url: sourceUrl }),
      ...(optOut !== null && { opt_out: optOut }),
      user_data: userData,
      custom_data: buildCustomData(given),
    },
  );
  return { event, notes };
}

function judge(event: ConversionEvent, nowSeconds: number): MappedEvent["outcome"] {
  if (isTooOld(event.event_time, nowSeconds)) return { kind: "skip", reason: "too_old" };
  return canIdentify(event.user_data)
    ? { kind: "send", event }
    : { kind: "skip", reason: "no_match_key" };
}

function buildCustomData(given: GivenEvent): CustomData {
  const { contents, value, orderId, optOutType } = given;
  const ids = contents.flatMap(({ id }) => (id === undefined ? [] : [id]));
  return {
    currency: given.currency,
    ...(value !== null && { value }),
    ...(ids.length > 0 && { content_ids: ids }),
    ...(contents.length > 0 && { contents }),
    num_items: given.itemCount,
    ...(orderId !== null && { order_id: orderId }),
    ...(optOutType !== null && { opt_out_type: optOutType }),
  };
}
