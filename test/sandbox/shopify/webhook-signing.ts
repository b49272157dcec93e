import { createHmac, randomUUID } from "node:crypto";

/** `X-Shopify-Hmac-Sha256`: HMAC-SHA256 over the raw bytes of the body, base64. */
export function signWebhook(secret: string, body: string | Uint8Array): string {
  return createHmac("sha256", secret).update(body).digest("base64");
}

export interface WebhookHeaderInput {
  /** `orders/create` */
  topic: string;
  /** `demo.myshopify.com` */
  shop: string;
  secret: string;
  body: string | Uint8Array;
  /** Constant over the retries of a delivery. Default: a new one. */
  webhookId?: string;
  /** The same for every delivery of one event. Default: a new one. */
  eventId?: string;
  triggeredAt?: Date;
  apiVersion?: string;
  /** Name of the subscription. */
  name?: string;
}

/** All headers of a classic webhook, in lower case. */
export function webhookHeaders(input: WebhookHeaderInput): Record<string, string> {
  return {
    "content-type": "application/json",
    "user-agent": "Shopify-Captain-Hook",
    "x-shopify-topic": input.topic,
    "x-shopify-shop-domain": input.shop,
    "x-shopify-api-version": input.apiVersion ?? "2026-10",
    "x-shopify-webhook-id": input.webhookId ?? randomUUID(),
    "x-shopify-event-id": input.eventId ?? randomUUID(),
    "x-shopify-triggered-at": (input.triggeredAt ?? new Date()).toISOString(),
    "x-shopify-hmac-sha256": signWebhook(input.secret, input.body),
    ...(input.name === undefined ? {} : { "x-shopify-name": input.name }),
  };
}
