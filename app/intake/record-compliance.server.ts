import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import type { WebhookHeaders } from "./webhook-headers.server.ts";

/**
 * Stores one of Shopify's compliance requests, whole and encrypted, whether or not the shop is
 * still known: `shop/redact` comes two days after the uninstall. The signature covers only the
 * body, so a request whose body names another shop than its header is stored as `disputed`, not
 * trusted.
 */
export async function recordCompliance(
  { db, keyring }: { db: Pick<Database, "pool">; keyring: Keyring },
  { shopDomain, topic, webhookId }: WebhookHeaders,
  raw: Buffer,
  body: Record<string, unknown>,
): Promise<void> {
  const state = body.shop_domain === shopDomain ? "recorded" : "disputed";
  const sealed = keyring.encrypt(raw, `compliance_request:${shopDomain}:${webhookId}`);
  await db.pool.query(
    `insert into compliance_request (shop_domain, topic, webhook_id, state, body)
      values ($1, $2, $3, $4, $5) on conflict do nothing`,
    [shopDomain, topic, webhookId, state, sealed],
  );
}
