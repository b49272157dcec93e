import type { IncomingHttpHeaders } from "node:http";

/** Shopify's headers of a delivery. They are not signed: only the body is. */
export interface WebhookHeaders {
  topic: string;
  shopDomain: string;
  /** The id, which is the same for each retry of a delivery. */
  webhookId: string;
  triggeredAt: Date | null;
}

const PRINTABLE = /^[\x21-\x7e]{1,255}$/;

/**
 * The values that Shopify always sends, by header. A topic must only be a single word: topics with
 * dots, capitals or digits are unknown to us, but not faults.
 */
const REQUIRED = {
  "x-shopify-topic": PRINTABLE,
  // A label of a host name has 63 characters at most.
  "x-shopify-shop-domain": /^[a-z0-9][a-z0-9-]{0,62}\.myshopify\.com$/i,
  "x-shopify-api-version": /^(\d{4}-\d{2}|unstable)$/,
  "x-shopify-webhook-id": PRINTABLE,
};
const NAMES = Object.keys(REQUIRED) as (keyof typeof REQUIRED)[];

/** Reads the headers, or lists those that Shopify always sends and that are missing or malformed. */
export function readWebhookHeaders(
  raw: IncomingHttpHeaders,
): { ok: true; headers: WebhookHeaders } | { ok: false; faulty: string[] } {
  const faulty = NAMES.filter((name) => !REQUIRED[name].test(toText(raw[name])));
  if (faulty.length > 0) return { ok: false, faulty };
  const triggeredAt = new Date(toText(raw["x-shopify-triggered-at"]));
  return {
    ok: true,
    headers: {
      topic: toText(raw["x-shopify-topic"]),
      shopDomain: toText(raw["x-shopify-shop-domain"]).toLowerCase(),
      webhookId: toText(raw["x-shopify-webhook-id"]),
      triggeredAt: Number.isNaN(triggeredAt.getTime()) ? null : triggeredAt,
    },
  };
}

/** Node joins a repeated header with a comma, which only a webhook's id may contain. */
function toText(value: string | string[] | undefined): string {
  return typeof value === "string" ? value : "";
}
