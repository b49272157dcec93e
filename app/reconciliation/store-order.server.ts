import type { MappedEvent } from "#app/events/mapped-event.ts";
import { UnfitEventError } from "#app/mapping/check-event.server.ts";
import { UnreadableAmountError } from "#app/mapping/choose-money.server.ts";
import { withoutSale } from "#app/mapping/decide-consent.server.ts";
import { mapOrder } from "#app/mapping/map-order.server.ts";
import { traceCustomer } from "#app/mapping/person/trace-customer.server.ts";
import { buildPolicy } from "#app/mapping/shop-policy.server.ts";
import { unmappedEvent } from "#app/mapping/unmapped-event.server.ts";
import { commitIntake } from "#app/outbox/append/commit-intake.server.ts";
import type { RowOutcome } from "#app/outbox/append/intake-row.server.ts";
import { askByOrder, readVisits } from "#app/outbox/read-visits.server.ts";
import type { Waker } from "#app/outbox/schedule-accounts.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import type { FetchedOrder } from "#app/shopify/order-node.server.ts";
import type { MappingShop } from "#app/shops/load-mapping-shops.server.ts";

export interface StoreOrderServices {
  db: Pick<Database, "pool" | "transaction">;
  keyring: Keyring;
  log: Logger;
  waker: Waker;
  nowMs: () => number;
}

/** What is in a receipt in place of a webhook. */
export interface Cause {
  topic: string;
  id: string;
}

/** It waits as long as a webhook does for rows of its shop that are locked. */
const LOCK_TIMEOUT_MS = 600;

/**
 * Stores an order that the Admin API told, with the visit of its shopper, as its webhook would have
 * been stored: under the same id, and not at all where it has an event by now.
 */
export async function storeOrder(
  services: StoreOrderServices,
  shop: MappingShop,
  fetched: FetchedOrder,
  cause: Cause,
): Promise<{ mapped: MappedEvent; outcome: RowOutcome | undefined }> {
  const mapped = await mapFetchedOrder(services, shop, fetched);
  const event = { kind: "order_created" as const, order: fetched.order };
  const trace = traceCustomer(event, mapped, buildPolicy(shop));
  return { mapped, outcome: await storeMapped(services, shop, mapped, { cause, trace }) };
}

/** Stores what was made of an order. */
export async function storeMapped(
  { db, keyring, waker }: Pick<StoreOrderServices, "db" | "keyring" | "waker">,
  shop: MappingShop,
  mapped: MappedEvent,
  { cause, trace = null }: { cause: Cause; trace?: ReturnType<typeof traceCustomer> },
): Promise<RowOutcome | undefined> {
  const row = {
    // No webhook came.
    shop: { ...shop, isNoted: true },
    topic: cause.topic,
    webhookId: cause.id,
    triggeredAt: null,
    note: null,
    mapped,
    trace,
  };
  const [outcome] = await commitIntake({ db, keyring, waker }, [row], LOCK_TIMEOUT_MS);
  return outcome;
}

/** An order of which no event can be made is kept as one that could not be read. */
export async function mapFetchedOrder(
  { db, keyring, log, nowMs }: Omit<StoreOrderServices, "waker">,
  shop: MappingShop,
  { order, isSaleOptedOut }: FetchedOrder,
): Promise<MappedEvent> {
  const { id: orderId, name: orderName } = order;
  const question = askByOrder(shop.id, order);
  const [visit = null] = await readVisits({ pool: db.pool, keyring, log }, [question]);
  try {
    const now = Math.floor(nowMs() / 1_000);
    const mapped = mapOrder(order, buildPolicy(shop), now, { visit });
    return isSaleOptedOut ? withoutSale(mapped) : mapped;
  } catch (error) {
    if (!(error instanceof UnfitEventError || error instanceof UnreadableAmountError)) throw error;
    log.error({ err: error, shop: shop.domain }, "an order is no event: kept as unreadable");
    const eventTimeSeconds = order.occurredAtSeconds;
    const facts = { eventName: "checkout", sourceKey: orderId, orderId, orderName };
    return unmappedEvent({ ...facts, eventTimeSeconds }, "unreadable");
  }
}
