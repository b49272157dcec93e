import type { ConversionEvent } from "#app/events/conversion-event.ts";
import { isTooOld } from "#app/events/event-state.ts";
import { formatMessage } from "#app/events/format-message.ts";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import type { StoreOrder } from "#app/events/store-event.ts";
import type { Visit } from "#app/events/visit.ts";
import { UnfitEventError } from "#app/mapping/check-event.server.ts";
import { withoutSale } from "#app/mapping/decide-consent.server.ts";
import { mapOrder } from "#app/mapping/map-order.server.ts";
import { buildPolicy } from "#app/mapping/shop-policy.server.ts";
import { type EventStanding, readBodies, readStandings } from "#app/outbox/read-outcomes.server.ts";
import { askByOrder, readVisitAsShop } from "#app/outbox/read-visits.server.ts";
import type { ShopifyFailure } from "#app/shopify/ask-shopify.server.ts";
import { fetchOrder } from "#app/shopify/orders.server.ts";
import { UnknownShopError } from "#app/shops/find-shop.server.ts";
import { loadMappingShop } from "#app/shops/load-mapping-shops.server.ts";
import type { ShopTaskServices } from "#app/tasks/shop/run-shop-task.server.ts";
import { nowSeconds } from "./formatter.server.ts";
import type { Merchant } from "./merchant.server.ts";

export const pastOrderFaults = {
  missing: "Enter the number of an order, such as #1042.",
  notFound:
    "Shopify has no order {name} of the last 60 days. Check the number; older orders are not shown to apps.",
  silent: "Shopify did not answer in time. Try again in a moment.",
  denied:
    "Shopify did not let Pinrelay read this order: a permission is missing. Approve it in Shopify.",
  unfit: "This order can't be made into an event: it {why}.",
} as const;

/** A past order as the event that it would be today. */
export interface PastOrder {
  order: StoreOrder;
  mapped: MappedEvent;
  /** The state of the order's stored event, and what was sent, if that is kept. */
  standing: EventStanding | null;
  sent: ConversionEvent | null;
  isSaleOptedOut: boolean;
  /** Recent enough for Pinterest, with time left for delivery. */
  isSendable: boolean;
}

export type FoundOrder = { ok: true; past: PastOrder } | { ok: false; fault: string };

/** The limit is short because a person waits. */
const WITHIN_MS = 8_000;

/** Finds an order by its name, with or without the number sign, or by its id. */
export async function findPastOrder(
  services: ShopTaskServices,
  { shop, admin }: Pick<Merchant, "shop" | "admin">,
  wanted: string | { orderId: string },
): Promise<FoundOrder> {
  const reference = typeof wanted === "string" ? { orderName: wanted.trim() } : wanted;
  const name = "orderName" in reference ? reference.orderName : reference.orderId;
  if (name === "") return { ok: false, fault: pastOrderFaults.missing };
  const asked = await fetchOrder(admin, reference, AbortSignal.timeout(WITHIN_MS));
  if (!asked.ok) return { ok: false, fault: explain(asked.failure, name) };
  const { order, isSaleOptedOut } = asked.found;
  const identity = { kind: "checkout", sourceKey: order.id };
  const [standing = null] = (await readStandings(services, shop, [identity])).values();
  const [sent = null] = (await readBodies(services, shop, [identity])).values();
  try {
    const known = withKnownBrowser(order, sent);
    const visit = await readVisitAsShop(services, askByOrder(shop.id, order));
    const today = await mapToday(services, shop.domain, known, visit);
    const named = withKnownId(today.mapped, standing);
    const mapped = isSaleOptedOut ? withoutSale(named) : named;
    return { ok: true, past: { ...today, order, mapped, standing, sent, isSaleOptedOut } };
  } catch (error) {
    if (!(error instanceof UnfitEventError)) throw error;
    return { ok: false, fault: formatMessage(pastOrderFaults.unfit, { why: error.message }) };
  }
}

/**
 * Maps the order by today's settings. One past Pinterest's days is shown as it would have been sent
 * then.
 */
async function mapToday(
  { db }: ShopTaskServices,
  domain: string,
  order: StoreOrder,
  visit: Visit | null,
): Promise<Pick<PastOrder, "mapped" | "isSendable">> {
  const shop = await loadMappingShop(db.pool, domain);
  if (shop === undefined) throw new UnknownShopError(domain);
  const isSendable = !isTooOld(order.occurredAtSeconds, nowSeconds());
  const now = isSendable ? nowSeconds() : order.occurredAtSeconds;
  return { mapped: mapOrder(order, buildPolicy(shop), now, { visit }), isSendable };
}

/** One order is one event: what the store has of it already keeps its id, also a browser's. */
function withKnownId(mapped: MappedEvent, standing: EventStanding | null): MappedEvent {
  if (standing === null) return mapped;
  const { eventId, idSource } = standing;
  const { outcome } = mapped;
  if (outcome.kind === "skip") return { ...mapped, eventId, idSource };
  const event = { ...outcome.event, event_id: eventId };
  return { ...mapped, eventId, idSource, outcome: { ...outcome, event } };
}

function explain(failure: ShopifyFailure, name: string): string {
  switch (failure) {
    case "denied":
      return pastOrderFaults.denied;
    case "silent":
    case "unreadable":
      return pastOrderFaults.silent;
    case "not_found":
      return formatMessage(pastOrderFaults.notFound, { name });
  }
}

/**
 * The order with what came with it from the shopper's browser. Shopify does not tell it again; the
 * event that was made of the order's own notice has it, for as long as its body is kept. The visit,
 * where there is one, goes before it.
 */
function withKnownBrowser(order: StoreOrder, sent: ConversionEvent | null): StoreOrder {
  if (sent === null) return order;
  const { user_data: person, event_source_url: url } = sent;
  return {
    ...order,
    browser: {
      ip: person.client_ip_address ?? null,
      userAgent: person.client_user_agent ?? null,
    },
    landingSite: url === undefined ? null : readPath(url),
    notedClickId: person.click_id ?? order.notedClickId,
  };
}

/** Returns the path of an address; null where it only names the store. */
function readPath(url: string): string | null {
  const path = url.replace(/^https?:\/\/[^/]+/, "");
  return path === "" ? null : path;
}
