import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import {
  createWebhookSender,
  RETRY_DELAYS_MS,
  type WebhookSender,
} from "#test/sandbox/shopify/deliver-webhooks.ts";
import { eventually } from "#test/support/poll.ts";

/** A webhook as Shopify sends it, again and again under one id until it is acknowledged. */
export interface Webhook {
  id: string;
  topic: string;
  shop: string;
  body: object | string;
  triggeredAt?: Date;
}

export interface Sent {
  webhook: Webhook;
  /** Status null: no answer came. The last one is 200 once it is acknowledged. Times in ms since 1970. */
  tries: { startedAt: number; endedAt: number; status: number | null }[];
}

/** Shopify's side under load: writes down what the app said it has, and sends the rest again. */
export interface LedgerClient {
  /** Every webhook that was ever sent. */
  sent: Sent[];
  /** The number of webhooks answered 200. */
  acknowledged(): number;
  /** The ids of the webhooks answered 200, read back from the file. */
  readAcknowledged(): Set<string>;
  /** Sends one more beside the load, and resolves when it is acknowledged or given up. */
  send(webhook: Webhook): Promise<void>;
  /** Resolves when so many more are acknowledged, or all of a load that ends. */
  untilMore(count: number): Promise<void>;
  /** Makes no new webhooks, and resolves when those under way are acknowledged or given up. */
  finish(): Promise<void>;
  /** Ends at once, whatever is open. */
  close(): Promise<void>;
}

export interface LedgerClientOptions {
  secret: string;
  /** The app's processes that take webhooks, by turns. */
  urls: readonly string[];
  /** Each acknowledged id is in the file before it is counted. */
  file: string;
  /** The next webhook; null ends the load. */
  next: () => Webhook | null;
  /** Webhooks under way at once. */
  connections: number;
  /** Each connection's pause after a webhook: keeps the number of orders of a long test down. */
  pauseMs: number;
  /** Multiplies Shopify's waits; without it each webhook is sent again until it is acknowledged. */
  timeScale?: number;
}

/** Shopify waits a minute at least; a test has not got that long. */
const RETRY_PAUSE_MS = 100;
const PROGRESS_DEADLINE_MS = 120_000;

export function startLedgerClient(options: LedgerClientOptions): LedgerClient {
  const { secret, urls, next, connections, pauseMs, timeScale } = options;
  const sent: Sent[] = [];
  const file = openSync(options.file, "a");
  let acknowledged = 0;
  let tries = 0;
  let isFinishing = false;
  let isClosed = false;
  const sender: WebhookSender = createWebhookSender({
    secret,
    target: () => `${urls[tries++ % urls.length]}/webhooks`,
    timeScale: 0,
    connections,
  });

  /** The wait before each further try; the list ends where Shopify gives up. */
  function pauseAfter(tried: number): number | undefined {
    if (timeScale === undefined) return RETRY_PAUSE_MS;
    const delayMs = RETRY_DELAYS_MS[tried - 1];
    return delayMs && delayMs * timeScale;
  }

  async function sendUntilAcknowledged(webhook: Webhook): Promise<void> {
    const order: Sent = { webhook, tries: [] };
    sent.push(order);
    const { id, topic, shop, triggeredAt } = webhook;
    const body = typeof webhook.body === "string" ? webhook.body : JSON.stringify(webhook.body);
    while (!isClosed) {
      const given = { webhookId: id, eventId: id, retries: 0, ...(triggeredAt && { triggeredAt }) };
      const startedAt = Date.now();
      const { status } = await sender.deliver(topic, shop, body, given);
      order.tries.push({ startedAt, endedAt: Date.now(), status });
      if (status === 200) {
        writeSync(file, `${id}\n`);
        acknowledged += 1;
        return;
      }
      const pause = pauseAfter(order.tries.length);
      if (pause === undefined) return;
      await wait(pause);
    }
  }

  async function sendOrders(): Promise<void> {
    while (!isFinishing && !isClosed) {
      const webhook = next();
      if (webhook === null) return;
      await sendUntilAcknowledged(webhook);
      await wait(pauseMs);
    }
  }

  let hasEnded = false;
  const running = Promise.all(Array.from({ length: connections }, sendOrders)).finally(() => {
    hasEnded = true;
  });
  async function end(): Promise<void> {
    await running;
    await sender.close();
  }
  let ending: Promise<void> | undefined;
  return {
    sent,
    acknowledged: () => acknowledged,
    send: sendUntilAcknowledged,
    readAcknowledged: () => new Set(readFileSync(options.file, "utf8").split("\n").slice(0, -1)),
    async untilMore(count) {
      const goal = acknowledged + count;
      const isThere = () => acknowledged >= goal || hasEnded;
      await eventually(isThere, { deadlineMs: PROGRESS_DEADLINE_MS });
    },
    async finish() {
      isFinishing = true;
      ending ??= end();
      await ending;
    },
    async close() {
      isClosed = true;
      await sender.close();
      ending ??= end();
      await ending;
      closeSync(file);
    },
  };
}
