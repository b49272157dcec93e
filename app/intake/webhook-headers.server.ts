import type { IncomingHttpHeaders } from "node:http";
import { z } from "zod";

/** What Shopify's headers say of a delivery. They are not signed: the body alone is. */
export interface WebhookHeaders {
  topic: string;
  shopDomain: string;
  /** The same for each retry of a delivery. */
  webhookId: string;
  triggeredAt: Date | null;
}

const headers = z.object({
  "x-shopify-topic": z.string().regex(/^[a-z_]+(\/[a-z_]+)+$/),
  "x-shopify-shop-domain": z.string().regex(/^[a-z0-9][a-z0-9-]*\.myshopify\.com$/i),
  "x-shopify-api-version": z.string().regex(/^(\d{4}-\d{2}|unstable)$/),
  "x-shopify-webhook-id": z.string().regex(/^[\x21-\x7e]{1,255}$/),
  "x-shopify-triggered-at": z.string().optional(),
});

/** The names of headers that Shopify always sends and that are missing or malformed, or all of them. */
export function readWebhookHeaders(
  raw: IncomingHttpHeaders,
): { ok: true; headers: WebhookHeaders } | { ok: false; faulty: string[] } {
  const parsed = headers.safeParse(raw);
  if (!parsed.success) {
    return { ok: false, faulty: parsed.error.issues.map((issue) => String(issue.path[0])) };
  }
  const triggeredAt = new Date(parsed.data["x-shopify-triggered-at"] ?? "");
  return {
    ok: true,
    headers: {
      topic: parsed.data["x-shopify-topic"],
      shopDomain: parsed.data["x-shopify-shop-domain"].toLowerCase(),
      webhookId: parsed.data["x-shopify-webhook-id"],
      triggeredAt: Number.isNaN(triggeredAt.getTime()) ? null : triggeredAt,
    },
  };
}
