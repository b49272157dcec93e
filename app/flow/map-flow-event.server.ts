import { deriveEventId, givenSourceKey } from "#app/events/event-id.ts";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import { addNote, leftOut } from "#app/events/match-notes.ts";
import type { Shopper, StoreOrder } from "#app/events/store-event.ts";
import type { Visit } from "#app/events/visit.ts";
import { chooseMoney } from "#app/mapping/choose-money.server.ts";
import { withoutSale } from "#app/mapping/decide-consent.server.ts";
import { finishEvent } from "#app/mapping/finish-event.server.ts";
import { buildBasketBody, findActionSource } from "#app/mapping/map-basket.server.ts";
import { mapOrder, orderAtTrigger } from "#app/mapping/map-order.server.ts";
import { buildUserData, explainBrowser } from "#app/mapping/person/build-user-data.server.ts";
import type { ShopPolicy } from "#app/mapping/shop-policy.server.ts";
import { locateSource } from "#app/mapping/source/locate-source.server.ts";
import type { FlowAction } from "./read-flow-action.server.ts";

/** The person and the order of an event, as Shopify knows them. */
export interface FlowSubject {
  order: StoreOrder | null;
  /** The shopper of the order or the customer; empty without both. */
  shopper: Shopper;
  isSaleOptedOut: boolean;
  /** What the shopper's browser told of the order's checkout. */
  visit: Visit | null;
}

type Body = ReturnType<Parameters<typeof finishEvent>[4]>;

/**
 * Returns the identity of a run's event. The purchase of an order and the sign-up of a customer are
 * the store's own events, whichever source reports them; every other event belongs to its run.
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

/**
 * The event of a run, by the same rules as the store's own events, its consent settings included.
 * The purchase of an order is that order's own event, to the digit: whichever of webhook and
 * workflow comes first, it counts once. Pure.
 *
 * Throws UnfitEventError.
 */
export function mapFlowEvent(
  action: FlowAction,
  subject: FlowSubject,
  policy: ShopPolicy,
  nowSeconds: number,
): MappedEvent {
  const shopper = withEmails(subject.shopper, action.emails);
  const order = subject.order && {
    ...orderAtTrigger(subject.order, policy.settings),
    shopper,
  };
  const mapped =
    order !== null && action.eventName === "checkout"
      ? mapOrder(order, policy, nowSeconds, { visit: subject.visit })
      : mapGiven(action, { ...subject, order, shopper }, policy, nowSeconds);
  return subject.isSaleOptedOut ? withoutSale(mapped) : mapped;
}

function withEmails(shopper: Shopper, emails: string[]): Shopper {
  const given = emails.map((value) => ({ value, from: "workflow" as const }));
  return { ...shopper, emails: [...given, ...shopper.emails] };
}

function mapGiven(
  action: FlowAction,
  { order, shopper, visit }: FlowSubject,
  policy: ShopPolicy,
  nowSeconds: number,
): MappedEvent {
  const money = chooseAmount(action, order, policy);
  const facts = {
    ...identifyFlowEvent(action),
    source: "task",
    orderId: order?.id ?? null,
    orderName: order?.name ?? null,
    // A person who sends a skipped event by hand wants it sent.
    actionSource: (order && findActionSource(order, policy.settings)) ?? ("web" as const),
    occurredAtSeconds: nowSeconds,
    value: money?.value ?? null,
    currency: money?.currency ?? null,
    shopper,
    visit,
  };
  const mapped = finishEvent(facts, null, policy, nowSeconds, () => {
    const { event_source_url, custom_data, ...body } = buildBody(order, shopper, policy);
    const customData = { ...custom_data, ...money };
    return {
      ...body,
      event_source_url: action.sourceUrl ?? event_source_url,
      ...(Object.keys(customData).length > 0 && { custom_data: customData }),
    };
  });
  return { ...mapped, idSource: "given" };
}

/** The given value in the given currency, or the order's; null if there is none. */
function chooseAmount(
  { value, currency }: FlowAction,
  order: StoreOrder | null,
  { settings }: ShopPolicy,
): { value: string; currency: string } | null {
  const own = order === null ? null : chooseMoney(order, settings);
  if (value === null) return own && { value: own.value, currency: own.currency };
  const used = currency ?? own?.currency;
  return used === undefined ? null : { value, currency: used };
}

function buildBody(
  order: StoreOrder | null,
  shopper: Shopper,
  policy: ShopPolicy,
): Body & { event_source_url: string } {
  if (order === null) {
    const { userData, notes } = buildUserData(shopper);
    return {
      event_source_url: locateSource(policy, null),
      user_data: userData,
      notes: explainBrowser(addNote(notes, "click_id", leftOut("untold")), "untold"),
    };
  }
  const body = buildBasketBody(order, policy);
  return {
    ...body,
    custom_data: { ...body.custom_data, order_id: order.id },
    notes: explainBrowser(body.notes, "reread"),
  };
}
