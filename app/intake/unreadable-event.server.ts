import type { MappedEvent } from "#app/events/mapped-event.ts";
import type { StoreEvent } from "#app/events/store-event.ts";
import type { Unreadable } from "#app/intake/read/read-webhook.server.ts";
import { unmappedEvent } from "#app/mapping/unmapped-event.server.ts";

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

/** Makes the row of an unreadable webhook. */
export function unreadableEvent(
  { sourceKey, ...identity }: SourceIdentity,
  webhookId: string,
  nowSeconds: number,
): MappedEvent {
  const facts = { ...identity, sourceKey: sourceKey ?? `webhook-${webhookId}` };
  return unmappedEvent({ ...facts, eventTimeSeconds: nowSeconds }, "unreadable");
}
