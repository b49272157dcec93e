import { randomUUID } from "node:crypto";
import { orderBody } from "#test/sandbox/sample-orders.ts";
import type { Random } from "#test/sandbox/sample-random.ts";
import type { Webhook } from "./ledger-client.ts";
import type { SceneShop } from "./scene-shops.ts";

/** What must become of a webhook that was acknowledged. */
export interface Expected {
  shop: SceneShop;
  /** The event that it stands for. */
  eventId: string;
  /** The id that the shopper's browser gave the purchase: the event has this one or the order's. */
  browserId?: string;
  orderId: string;
  /**
   * `sent`: Pinterest has it once; `kept`: it ended in the outbox, sent or with a reason; `any`: the
   * same, under this id or as unreadable, and its amounts and time are nobody's to say.
   */
  ends: "sent" | "kept" | "any";
  value: string;
  currency: string;
  eventTime: number;
}

/** Where consent is not asked for, so that each order is sent, and money of 0, 2 and 3 decimals. */
const MARKETS = [
  { country: "US" },
  { country: "JP" },
  { country: "AU" },
  { country: "US", currency: "KWD" },
];
/**
 * Orders of one shop before the next has its turn. So few ad accounts are in hand at a time, and a
 * kill, which leaves their leases to run out, leaves the others to go on.
 */
const IN_A_ROW = 10;

/** The ids that the purchase may have; it has one of them, for ever. */
export function idsOf({ eventId, browserId }: Expected): string[] {
  return browserId === undefined ? [eventId] : [eventId, browserId];
}

let made = 0n;

/** An order id that no other cell of the run has. */
export function nextOrderId(): string {
  made += 1n;
  return String(820_982_911_946_000_000n + made * 1_000n);
}

interface OrderFacts {
  id: unknown;
  subtotal_price: string;
  currency: string;
  processed_at: string;
}

export function expectOrder(
  shop: SceneShop,
  order: object,
  ends: Expected["ends"] = "sent",
): Expected {
  const body = order as OrderFacts;
  // An id past 2^53 is no number, and prints as itself.
  const orderId = JSON.stringify(body.id);
  return {
    shop,
    eventId: `order-${orderId}-checkout`,
    orderId,
    ends,
    value: body.subtotal_price,
    currency: body.currency,
    eventTime: Math.floor(Date.parse(body.processed_at) / 1_000),
  };
}

export function webhookOf(shop: SceneShop, body: object, topic = "orders/create"): Webhook {
  return { id: randomUUID(), topic, shop: shop.domain, body };
}

/** Orders without end, of the shops by turns; what is expected of each is noted under its webhook's id. */
export function orderTraffic(
  shops: readonly SceneShop[],
  random: Random,
  expected: Map<string, Expected>,
): () => Webhook {
  let count = 0;
  return () => {
    const shop = shops[Math.floor(count / IN_A_ROW) % shops.length] as SceneShop;
    count += 1;
    const body = orderBody({ id: nextOrderId(), lineCount: 1, ...random.pick(MARKETS) });
    const webhook = webhookOf(shop, body);
    expected.set(webhook.id, expectOrder(shop, body));
    return webhook;
  };
}
