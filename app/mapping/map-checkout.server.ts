import { deriveEventId } from "#app/events/event-id.ts";
import type { SkipReason } from "#app/events/event-state.ts";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import type { ShopSettings } from "#app/events/shop-settings.ts";
import type { StoreCheckout } from "#app/events/store-event.ts";
import type { Visit } from "#app/events/visit.ts";
import { explainBrowser } from "#app/mapping/person/read-browser.server.ts";
import { findMoney } from "./choose-money.server.ts";
import { withNotedRefusal } from "./decide-consent.server.ts";
import { isNegativeDecimal } from "./decimal.server.ts";
import { finishEvent } from "./finish-event.server.ts";
import { buildBasketBody, findActionSource } from "./map-basket.server.ts";
import type { ShopPolicy } from "./shop-policy.server.ts";
import { toSource } from "./source/source-names.server.ts";

/** Maps a checkout to `initiate_checkout`, sent once for its token however often it changes. */
export function mapCheckout(
  checkout: StoreCheckout,
  policy: ShopPolicy,
  nowSeconds: number,
  seen: Visit | null = null,
): MappedEvent {
  const visit = withNotedRefusal(seen, checkout);
  const { settings } = policy;
  const money = findMoney(checkout, settings);
  const actionSource = findActionSource(checkout, settings);
  const facts = {
    kind: "initiate_checkout" as const,
    sourceKey: checkout.token,
    eventId: deriveEventId("checkout", checkout.token, "initiate_checkout"),
    source: toSource(checkout.sourceName),
    orderId: null,
    orderName: null,
    actionSource,
    occurredAtSeconds: checkout.occurredAtSeconds,
    value: money?.value ?? null,
    currency: money?.currency ?? null,
    shopper: checkout.shopper,
    visit,
    browserEventId: visit?.startedEventId ?? null,
  };
  return finishEvent(facts, refuse(facts, settings), policy, nowSeconds, () => {
    const body = buildBasketBody(checkout, policy);
    return { ...body, notes: explainBrowser(body.notes, "untold") };
  });
}

function refuse(
  { actionSource, value }: Pick<MappedEvent, "actionSource" | "value">,
  settings: ShopSettings,
): SkipReason | null {
  if (settings["events.initiate_checkout"] === "off") return "event_off";
  if (actionSource === null) return "source_off";
  return value !== null && isNegativeDecimal(value) ? "zero_total" : null;
}
