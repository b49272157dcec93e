import { deriveEventId } from "#app/events/event-id.ts";
import type { SkipReason } from "#app/events/event-state.ts";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import type { StoreCheckout } from "#app/events/store-event.ts";
import { noteBrowser } from "#app/mapping/person/read-browser.server.ts";
import { chooseMoney } from "./choose-money.server.ts";
import { finishEvent } from "./finish-event.server.ts";
import { actionSourceOf, buildBasketBody } from "./map-basket.server.ts";
import type { ShopPolicy } from "./shop-policy.server.ts";

/** A checkout that was begun: `initiate_checkout`, once for its token however often it changes. */
export function mapCheckout(
  checkout: StoreCheckout,
  policy: ShopPolicy,
  nowSeconds: number,
): MappedEvent {
  const { settings } = policy;
  const money = chooseMoney(checkout, settings);
  const actionSource = actionSourceOf(checkout, settings);
  const facts = {
    kind: "initiate_checkout" as const,
    sourceKey: checkout.token,
    eventId: deriveEventId("checkout", checkout.token, "initiate_checkout"),
    source: checkout.sourceName,
    orderId: null,
    orderName: null,
    actionSource,
    occurredAtSeconds: checkout.occurredAtSeconds,
    value: money.value,
    currency: money.currency,
    shopper: checkout.shopper,
  };
  const isOff = settings["events.initiate_checkout"] === "off";
  const sourceOff: SkipReason | null = actionSource === null ? "source_off" : null;
  return finishEvent(facts, isOff ? "event_off" : sourceOff, policy, nowSeconds, () => {
    const body = buildBasketBody(checkout, money, policy);
    return { ...body, notes: noteBrowser(body.notes, "untold") };
  });
}
