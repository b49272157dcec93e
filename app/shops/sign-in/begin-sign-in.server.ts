import { randomBytes } from "node:crypto";
import type { Database } from "#app/platform/db.server.ts";
import type { Config } from "#app/platform/env/env.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { hashNonce, SIGN_IN_MINUTES, sealState } from "./sign-in-state.server.ts";

/** Accounts, tags and quality; events and tags made here; who signed in. Nothing else is asked. */
const SCOPES = "ads:read,ads:write,user_accounts:read";

type OAuthConfig = Pick<Config, "PINTEREST_OAUTH_URL" | "PINTEREST_CLIENT_ID" | "SHOPIFY_APP_URL">;

/** As it is registered with Pinterest, which compares it letter for letter. */
export function redirectUriOf({ SHOPIFY_APP_URL }: Pick<OAuthConfig, "SHOPIFY_APP_URL">): string {
  return `${SHOPIFY_APP_URL}/pinterest/callback`;
}

/**
 * The address at Pinterest where the merchant gives access, with a `state` that is good once, for
 * this shop and ten minutes. Null where the installation has no app at Pinterest.
 */
export async function beginSignIn(
  services: {
    db: Pick<Database, "transaction">;
    keyring: Keyring;
    config: OAuthConfig;
    nowMs: () => number;
  },
  { id, domain }: { id: bigint; domain: string },
  actor: string,
): Promise<string | null> {
  const { db, keyring, config, nowMs } = services;
  if (config.PINTEREST_CLIENT_ID === undefined) return null;
  const nonce = randomBytes(32).toString("base64url");
  await db.transaction(async (client) => {
    await client.query("delete from sign_in_attempt where expires_at < now()");
    await client.query(
      `insert into sign_in_attempt (nonce_hash, shop_id, actor, expires_at)
        values ($1, $2, $3, now() + interval '${SIGN_IN_MINUTES} minutes')`,
      [hashNonce(nonce), id, actor],
    );
  });
  const expiresAt = nowMs() + SIGN_IN_MINUTES * 60_000;
  const address = new URL(config.PINTEREST_OAUTH_URL);
  address.search = new URLSearchParams({
    client_id: config.PINTEREST_CLIENT_ID,
    redirect_uri: redirectUriOf(config),
    response_type: "code",
    scope: SCOPES,
    state: sealState(keyring, { shop: domain, nonce, expiresAt }),
  }).toString();
  return address.href;
}
