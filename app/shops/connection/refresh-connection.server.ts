import type { PoolClient } from "pg";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { writeAuditEntry } from "#app/shops/write-audit-entry.server.ts";
import { refreshTokenIdentity, tokenIdentity } from "./connection-identity.server.ts";

/**
 * `refreshed`: the stored token is another than the stale one. `not_refreshable`: there is no
 * refresh token. `refused`: Pinterest took the refresh token no more, or the shop is no longer
 * connected. `unavailable`: nobody knows; try again later.
 */
export type RefreshResult = "refreshed" | "not_refreshable" | "refused" | "unavailable";

interface TokenPair {
  accessToken: string;
  refreshToken: string;
  expiresInSeconds: number;
}

interface RefreshServices {
  db: Pick<Database, "transaction">;
  keyring: Keyring;
  pinterest: {
    refreshOAuthToken(
      refreshToken: string,
    ): Promise<{ ok: true; value: TokenPair } | { ok: false; error: { kind: string } }>;
  };
}

interface StoredTokens {
  domain: string;
  token: Buffer;
  refresh_token: Buffer | null;
}

/** Faults that say nothing of the refresh token. */
const PASSING_FAULTS = new Set(["rate_limited", "unavailable", "unreadable", "not_found"]);

/** First half of the key of our advisory locks on a connection; the second is the shop's id. */
const REFRESH_LOCK = 1_919_247_457;

/**
 * Exchanges a shop's refresh token for a new pair and stores the pair before anybody uses it. Many
 * workers meet a stale token at once; a lock per connection makes one request of it, and the others
 * find the new token.
 */
export async function refreshConnection(
  services: RefreshServices,
  shopId: bigint,
  staleToken: string,
): Promise<RefreshResult> {
  const { db, keyring, pinterest } = services;
  return db.transaction(async (client) => {
    // Not the row's lock: pausing or reconnecting the shop must not wait for Pinterest.
    await client.query("select pg_advisory_xact_lock($1, hashint8($2))", [REFRESH_LOCK, shopId]);
    const stored = await readTokens(client, shopId);
    if (stored === undefined) return "refused";
    const token = keyring.decrypt(stored.token, tokenIdentity(stored.domain)).toString("utf8");
    if (token !== staleToken) return "refreshed";
    if (stored.refresh_token === null) return "not_refreshable";
    const refreshToken = keyring.decrypt(stored.refresh_token, refreshTokenIdentity(stored.domain));
    const answer = await pinterest.refreshOAuthToken(refreshToken.toString("utf8"));
    if (!answer.ok) return PASSING_FAULTS.has(answer.error.kind) ? "unavailable" : "refused";
    await storePair(services, client, shopId, stored, answer.value);
    return "refreshed";
  });
}

async function readTokens(client: PoolClient, shopId: bigint): Promise<StoredTokens | undefined> {
  const { rows } = await client.query<StoredTokens>(
    `select s.domain, c.token, c.refresh_token from connection c
      join shop s on s.id = c.shop_id and s.state = 'installed'
      where c.shop_id = $1 and c.state = 'active'`,
    [shopId],
  );
  return rows[0];
}

/** Leaves a token alone that the merchant gave while Pinterest was answering: it is newer. */
async function storePair(
  { keyring }: Pick<RefreshServices, "keyring">,
  client: PoolClient,
  shopId: bigint,
  { domain, token }: StoredTokens,
  pair: TokenPair,
): Promise<void> {
  const stored = await client.query(
    `update connection set token = $3, refresh_token = $4,
        token_expires_at = now() + $5 * interval '1 second', updated_at = now()
      where shop_id = $1 and token = $2`,
    [
      shopId,
      token,
      keyring.encrypt(pair.accessToken, tokenIdentity(domain)),
      keyring.encrypt(pair.refreshToken, refreshTokenIdentity(domain)),
      pair.expiresInSeconds,
    ],
  );
  if (stored.rowCount === 0) return;
  await writeAuditEntry(client, { shopId, actor: "system", action: "connection.refresh" });
}
