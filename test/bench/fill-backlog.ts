import { createSerializer } from "#app/intake/serializer.server.ts";
import { storeWebhooks, type VerifiedWebhook } from "#app/intake/store-webhooks.server.ts";
import { createWaker } from "#app/outbox/schedule-accounts.server.ts";
import { createLogger } from "#app/platform/logger.server.ts";
import type { Installation } from "./installation.ts";
import type { OrderSource } from "./order-source.ts";

const GROUP = 500;
const WAKE_WITHIN_MS = 10_000;
const TOPIC = "orders/create";
/** One of twenty shops has this share of the backlog: its neighbours must not wait for it. */
const SHARE_OF_ONE_SHOP = 0.9;

/** Stores orders as intake does, so that they wait for a worker: 90 % of them in one shop. */
export async function fillBacklog(
  { db, keyring, shops }: Installation,
  orders: OrderSource,
  count: number,
): Promise<void> {
  const log = createLogger("warn");
  const waker = createWaker({ db, log });
  const services = {
    db,
    keyring,
    log,
    waker,
    nowMs: Date.now,
    serialize: createSerializer(),
  };
  const [big = "", ...small] = shops;
  for (let stored = 0; stored < count; stored += GROUP) {
    const bodies = orders.bodies(Math.min(GROUP, count - stored));
    const webhooks = bodies.map((body, index): VerifiedWebhook => {
      const isOfBig = index < bodies.length * SHARE_OF_ONE_SHOP;
      const shopDomain = isOfBig ? big : (small[index % small.length] ?? big);
      const webhookId = `backlog-${stored + index}`;
      return { headers: { topic: TOPIC, shopDomain, webhookId, triggeredAt: null }, body };
    });
    const outcomes = await storeWebhooks(services, webhooks);
    if (outcomes.some((outcome) => outcome !== "stored"))
      throw new Error("an order was not stored");
  }
  await waker.settle(WAKE_WITHIN_MS);
}
