import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { orderBody } from "#test/sandbox/sample-orders.ts";
import { createWebhookSender } from "#test/sandbox/shopify/deliver-webhooks.ts";
import { eventually } from "#test/support/poll.ts";

export interface Order {
  id: string;
  shop: string;
  webhookId: string;
  /** Status null: no answer came. The last one is 200 once it is acknowledged. Times in ms since 1970. */
  tries: { startedAt: number; status: number | null }[];
}

/** Shopify's side under load: remembers what the app said it has, and sends the rest again. */
export interface LedgerClient {
  /** Orders that were answered 200. */
  acknowledged: Order[];
  /** Every order that was ever sent. */
  sent: Order[];
  /** Resolves when so many more are acknowledged. */
  untilMore(count: number): Promise<void>;
  /** Makes no new orders, and resolves when the app has acknowledged all there were. */
  finish(): Promise<void>;
  /** Ends at once, whatever is open. */
  close(): Promise<void>;
}

export interface LedgerClientOptions {
  secret: string;
  /** The app's processes that take webhooks, by turns. */
  urls: readonly string[];
  shops: readonly string[];
  /** Webhooks under way at once. */
  connections: number;
  /** Each connection's pause after an order: keeps the number of orders of a long test down. */
  pauseMs: number;
}

const FIRST_ORDER_ID = 820_982_911_946_000_000n;
/** Shopify waits a minute at least; a test has not got that long. */
const RETRY_PAUSE_MS = 100;
/**
 * Orders of one shop before the next has its turn. So few ad accounts are in hand at a time, and a
 * kill, which leaves their leases to run out, leaves the others to go on.
 */
const IN_A_ROW = 25;
const PROGRESS_DEADLINE_MS = 120_000;

export function startLedgerClient(options: LedgerClientOptions): LedgerClient {
  const { secret, urls, shops, connections, pauseMs } = options;
  const sent: Order[] = [];
  const acknowledged: Order[] = [];
  let tries = 0;
  let isFinishing = false;
  let isClosed = false;
  const sender = createWebhookSender({
    secret,
    target: () => `${urls[tries++ % urls.length]}/webhooks`,
    timeScale: 0,
    connections,
  });

  function nextOrder(): Order {
    const shop = shops[Math.floor(sent.length / IN_A_ROW) % shops.length] as string;
    const id = String(FIRST_ORDER_ID + BigInt(sent.length));
    const order = { id, shop, webhookId: randomUUID(), tries: [] };
    sent.push(order);
    return order;
  }

  async function sendUntilAcknowledged(order: Order): Promise<void> {
    const body = JSON.stringify(orderBody({ id: order.id, lineCount: 1 }));
    const { webhookId } = order;
    while (!isClosed) {
      const options = { webhookId, eventId: webhookId, retries: 0 };
      const startedAt = Date.now();
      const { status } = await sender.deliver("orders/create", order.shop, body, options);
      order.tries.push({ startedAt, status });
      if (status === 200) {
        acknowledged.push(order);
        return;
      }
      await wait(RETRY_PAUSE_MS);
    }
  }

  async function sendOrders(): Promise<void> {
    while (!isFinishing && !isClosed) {
      await sendUntilAcknowledged(nextOrder());
      await wait(pauseMs);
    }
  }

  const running = Promise.all(Array.from({ length: connections }, sendOrders));
  return {
    sent,
    acknowledged,
    async untilMore(count) {
      const goal = acknowledged.length + count;
      const deadlineMs = PROGRESS_DEADLINE_MS;
      await eventually(() => acknowledged.length >= goal, { deadlineMs });
    },
    async finish() {
      isFinishing = true;
      await running;
      await sender.close();
    },
    async close() {
      isClosed = true;
      await sender.close();
      await running;
    },
  };
}
