import type { Database } from "#app/platform/db.server.ts";
import type { Config } from "#app/platform/env/env.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { hashNonce, openState, SIGN_IN_MINUTES, sealGrant } from "./sign-in-state.server.ts";

interface Services {
  db: Pick<Database, "pool">;
  keyring: Keyring;
  config: Pick<Config, "SHOPIFY_API_KEY">;
  nowMs: () => number;
}

/**
 * What Pinterest sends the merchant back with. Returns the address in the Shopify admin where the
 * sign-in goes on, or null: the `state` is not ours, ran out, or was used before, and nothing was
 * changed.
 *
 * The code is not exchanged here: this page knows nobody. Whoever lured a stranger through
 * Pinterest's consent with a `state` of their own shop would else get the stranger's tokens. In the
 * admin Shopify says who asks, and only who began a sign-in finishes it.
 */
export async function takeSignInAnswer(
  { db, keyring, config, nowMs }: Services,
  answer: URLSearchParams,
): Promise<string | null> {
  const state = openState(keyring, answer.get("state") ?? "");
  const code = answer.get("code");
  const isDenied = answer.has("error");
  if (state === null || state.expiresAt < nowMs() || (code === null && !isDenied)) return null;
  const { rows } = await db.pool.query<{ actor: string }>(
    `delete from sign_in_attempt a using shop s
      where a.nonce_hash = $1 and a.expires_at > now() and s.id = a.shop_id and s.domain = $2
      returning a.actor`,
    [hashNonce(state.nonce), state.shop],
  );
  const attempt = rows[0];
  if (attempt === undefined) return null;
  const { shop } = state;
  if (isDenied || code === null) return adminAddress(config, shop, "sign_in_ended=denied");
  const expiresAt = nowMs() + SIGN_IN_MINUTES * 60_000;
  const grant = sealGrant(keyring, { shop, actor: attempt.actor, code, expiresAt });
  return adminAddress(config, shop, `sign_in=${grant}`);
}

/** The connection's page inside the Shopify admin, where it was left. */
function adminAddress(
  { SHOPIFY_API_KEY }: Services["config"],
  shop: string,
  search: string,
): string {
  const store = shop.replace(/\.myshopify\.com$/, "");
  const app = `https://admin.shopify.com/store/${store}/apps/${encodeURIComponent(SHOPIFY_API_KEY)}`;
  return `${app}/app/settings/connection?${search}`;
}
