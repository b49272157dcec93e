import { deriveEventId, SOURCE_KINDS } from "#app/events/event-id.ts";
import { lookUp } from "#app/events/look-up.ts";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import type { StoreEvent } from "#app/events/store-event.ts";
import type { Unreadable } from "#app/intake/read/read-webhook.server.ts";

export type SourceIdentity = Pick<Unreadable, "sourceKey" | "orderId"> & { eventName: string };

export function toIdentity(event: StoreEvent): SourceIdentity {
  switch (event.kind) {
    case "order_created":
    case "order_paid":
    case "order_cancelled":
      return { eventName: "checkout", sourceKey: event.order.id, orderId: event.order.id };
    case "checkout_started":
      return { eventName: "initiate_checkout", sourceKey: event.checkout.token, orderId: null };
    case "customer_created":
      return { eventName: "signup", sourceKey: event.customer.id, orderId: null };
  }
}

/**
 * Makes the row that keeps an unreadable webhook visible: skipped, under the id that its event
 * would have, so that a readable webhook of the same order replaces it.
 */
export function unreadableEvent(
  { eventName, sourceKey, orderId }: SourceIdentity,
  webhookId: string,
  nowSeconds: number,
): MappedEvent {
  const sourceKind = lookUp(SOURCE_KINDS, eventName) ?? "order";
  const key = sourceKey ?? `webhook-${webhookId}`;
  return {
    kind: eventName,
    sourceKey: key,
    eventId: deriveEventId(sourceKind, key, eventName),
    idSource: "order",
    source: "unknown",
    orderId,
    orderName: null,
    actionSource: null,
    eventTimeSeconds: nowSeconds,
    value: null,
    currency: null,
    keyBits: 0,
    consent: null,
    notes: "",
    outcome: { kind: "skip", reason: "unreadable" },
  };
}
