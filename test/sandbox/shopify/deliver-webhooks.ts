import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { Agent, request } from "undici";
import { webhookHeaders } from "./webhook-signing.ts";

const CONNECT_MS = 1000;
const TOTAL_MS = 5000;
const RETRIES = 8;
const RETRY_SPAN_MS = 4 * 60 * 60 * 1000;

/**
 * Waits before the eight retries: doubling, four hours in all. Shopify publishes the number and the
 * span (changelog of 2024-09-10), not the steps.
 */
export const RETRY_DELAYS_MS: readonly number[] = Array.from(
  { length: RETRIES },
  (_, index) => (RETRY_SPAN_MS * 2 ** index) / (2 ** RETRIES - 1),
);

export interface DeliverOptions {
  webhookId?: string;
  eventId?: string;
  triggeredAt?: Date;
  apiVersion?: string;
  name?: string;
  /** Signs with another secret, as a forger would. */
  secret?: string;
  /** Replaces headers; undefined leaves one out. */
  headers?: Record<string, string | undefined>;
  /** Default 8; 0 for a single try. */
  retries?: number;
}

export interface Delivery {
  topic: string;
  shop: string;
  webhookId: string;
  eventId: string;
  /** The status of the last try; null if no answer came within Shopify's limits. */
  status: number | null;
  /** The status of every try, in order. */
  statuses: (number | null)[];
  tries: number;
}

export interface WebhookSender {
  /** Resolves when a try got a 2xx answer or no retry is left. `body`: text, bytes, or an object. */
  deliver(
    topic: string,
    shop: string,
    body: string | Uint8Array | object,
    options?: DeliverOptions,
  ): Promise<Delivery>;
  /** The same without waiting. */
  send(...delivery: Parameters<WebhookSender["deliver"]>): void;
  /** Waits until all that was sent is settled; returns it in the order of sending. */
  drain(): Promise<Delivery[]>;
  close(): Promise<void>;
}

export interface SenderOptions {
  secret: string;
  target: () => string;
  /** Multiplies the waits between tries: 0.0001 makes four hours 1.44 seconds. */
  timeScale: number;
  /** Connections to the app at most. */
  connections: number;
}

function encode(body: string | Uint8Array | object): string | Uint8Array {
  return typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
}

async function tryOnce(
  agent: Agent,
  url: string,
  body: string | Uint8Array,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<number | null> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(TOTAL_MS)]);
  try {
    const response = await request(url, {
      method: "POST",
      body,
      headers,
      dispatcher: agent,
      signal: limit,
    });
    await response.body.dump();
    return response.statusCode;
  } catch {
    return null;
  }
}

function replaceHeaders(
  headers: Record<string, string>,
  changes: DeliverOptions["headers"] = {},
): Record<string, string> {
  const replaced: Record<string, string | undefined> = { ...headers };
  for (const [name, value] of Object.entries(changes)) replaced[name.toLowerCase()] = value;
  const kept = Object.entries(replaced).filter((entry): entry is [string, string] => {
    return entry[1] !== undefined;
  });
  return Object.fromEntries(kept);
}

/**
 * Delivers webhooks as Shopify does: 1 s to connect, 5 s in all, any 2xx is success, a redirect is
 * not, up to eight retries with the same bytes and the same webhook id.
 */
export function createWebhookSender(options: SenderOptions): WebhookSender {
  const agent = new Agent({
    connect: { timeout: CONNECT_MS },
    connections: options.connections,
  });
  const closing = new AbortController();
  let pending: Promise<Delivery>[] = [];

  const deliver: WebhookSender["deliver"] = async (topic, shop, body, given = {}) => {
    const { webhookId = randomUUID(), eventId = randomUUID(), secret = options.secret } = given;
    const bytes = encode(body);
    const signed = webhookHeaders({
      ...given,
      topic,
      shop,
      secret,
      body: bytes,
      webhookId,
      eventId,
    });
    const headers = replaceHeaders(signed, given.headers);
    const statuses: (number | null)[] = [];
    const delays = RETRY_DELAYS_MS.slice(0, given.retries ?? RETRIES);
    for (const delay of [0, ...delays]) {
      if (statuses.length > 0) {
        await wait(delay * options.timeScale, undefined, { signal: closing.signal }).catch(
          () => {},
        );
      }
      if (closing.signal.aborted) break;
      const status = await tryOnce(agent, options.target(), bytes, headers, closing.signal);
      statuses.push(status);
      if (status !== null && status >= 200 && status < 300) break;
    }
    const tries = statuses.length;
    return { topic, shop, webhookId, eventId, status: statuses.at(-1) ?? null, statuses, tries };
  };

  return {
    deliver,
    send: (...delivery) => void pending.push(deliver(...delivery)),
    async drain() {
      const settled: Delivery[] = [];
      while (pending.length > 0) {
        const batch = pending;
        pending = [];
        settled.push(...(await Promise.all(batch)));
      }
      return settled;
    },
    async close() {
      closing.abort();
      await agent.destroy();
    },
  };
}
