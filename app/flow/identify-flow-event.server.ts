import { deriveEventId, givenSourceKey } from "#app/events/event-id.ts";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import type { FlowAction } from "./read-flow-action.server.ts";

/**
 * The identity of a run's event. The purchase of an order and the sign-up of a customer are the
 * store's own events, whoever reports them; every other event is that of its run.
 */
export function identifyFlowEvent({
  eventName: kind,
  runId,
  orderId,
  customerId,
}: FlowAction): Pick<MappedEvent, "kind" | "eventId" | "sourceKey"> {
  const own =
    kind === "checkout" && orderId !== null
      ? deriveEventId("order", orderId, kind)
      : kind === "signup" && customerId !== null
        ? deriveEventId("customer", customerId, kind)
        : null;
  const eventId = own ?? `flow-${runId}`;
  return { kind, eventId, sourceKey: givenSourceKey(eventId, kind) };
}
