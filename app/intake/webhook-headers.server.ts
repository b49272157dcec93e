import type { IncomingHttpHeaders } from "node:http";

/** What Shopify's headers say of a delivery. They are not signed: the body alone is. */
export interface WebhookHeaders {
  topic: string;
  shopDomain: string;
  /** The same for each retry of a delivery. */
  webhookId: string;
  triggeredAt: Date | null;
}

const PRINTABLE = /^[\x21-\x7e]{1,255}$/;

/**
 * By header, what Shopify always sends. Of a topic no more is asked than that it is one word: those
 * with dots, capitals or digits are topics that we do not use, not faults.
 */
const REQUIRED = {
  "x-shopify-topic": PRINTABLE,
  // A label of a host name has 63 characters at most.
  "x-shopify-shop-domain": /^[a-z0-9][a-z0-9-]{0,62}\.myshopify\.com$/i,
  "x-shopify-api-version": /^(\d{4}-\d{2}|unstable)$/,
  "x-shopify-webhook-id": PRINTABLE,
};
const NAMES = Object.keys(REQUIRED) as (keyof typeof REQUIRED)[];

/** The names of headers that Shopify always sends and that are missing or malformed, or all of them. */
export function readWebhookHeaders(
  raw: IncomingHttpHeaders,
): { ok: true; headers: WebhookHeaders } | { ok: false; faulty: string[] } {
  const faulty = NAMES.filter((name) => !REQUIRED[name].test(textOf(raw[name])));
  if (faulty.length > 0) return { ok: false, faulty };
  const triggeredAt = new Date(textOf(raw["x-shopify-triggered-at"]));
  return {
    ok: true,
    headers: {
      topic: textOf(raw["x-shopify-topic"]),
      shopDomain: textOf(raw["x-shopify-shop-domain"]).toLowerCase(),
      webhookId: textOf(raw["x-shopify-webhook-id"]),
      triggeredAt: Number.isNaN(triggeredAt.getTime()) ? null : triggeredAt,
    },
  };
}

/** Node joins a header that comes twice with a comma, which none of these may hold but a webhook's id. */
function textOf(value: string | string[] | undefined): string {
  return typeof value === "string" ? value : "";
}
