import type { PoolClient } from "pg";
import { refreshTokenIdentity, tokenIdentity } from "#app/events/connection-identity.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { writeAuditEntry } from "#app/shops/write-audit-entry.server.ts";

interface TokenPair {
  accessToken: string;
  refreshToken: string;
  expiresInSeconds: number;
  refreshExpiresInSeconds?: number | null;
}

export interface RenewalServices {
  db: Pick<Database, "transaction">;
  keyring: Keyring;
  pinterest: {
    refreshOAuthToken(
      refreshToken: string,
    ): Promise<{ ok: true; value: TokenPair } | { ok: false; error: { kind: string } }>;
  };
}

export interface StoredTokens {
  domain: string;
  token: Buffer;
  refresh_token: Buffer | null;
  conversion_token: Buffer | null;
}

/** Faults that say nothing of the refresh token. */
const PASSING_FAULTS = new Set(["rate_limited", "unavailable", "unreadable", "not_found"]);

/** First half of the key of our advisory locks on a connection; the second is the shop's id. */
const REFRESH_LOCK = 1_919_247_457;

/**
 * Reads a shop's tokens, and lets nobody else of all processes do the same before the transaction
 * ends. Not the row's lock: pausing or reconnecting the shop must not wait for Pinterest.
 * `evenPaused`: also of a connection that sends nothing now.
 */
export async function lockTokens(
  client: PoolClient,
  shopId: bigint,
  { evenPaused }: { evenPaused: boolean },
): Promise<StoredTokens | undefined> {
  await client.query("select pg_advisory_xact_lock($1, hashint8($2))", [REFRESH_LOCK, shopId]);
  const { rows } = await client.query<StoredTokens>(
    `select s.domain, c.token, c.refresh_token, c.conversion_token from connection c
      join shop s on s.id = c.shop_id and s.state = 'installed'
      where c.shop_id = $1 and (c.state = 'active' or $2)`,
    [shopId, evenPaused],
  );
  return rows[0];
}

/**
 * Exchanges the refresh token for a new pair and stores the pair before anybody uses it: Pinterest
 * takes the old refresh token no more. Notes since when that fails. Under `lockTokens`.
 */
export async function exchangePair(
  services: RenewalServices,
  client: PoolClient,
  shopId: bigint,
  stored: StoredTokens & { refresh_token: Buffer },
): Promise<"refreshed" | "refused" | "unavailable"> {
  const { keyring, pinterest } = services;
  const refreshToken = keyring.decrypt(stored.refresh_token, refreshTokenIdentity(stored.domain));
  const answer = await pinterest.refreshOAuthToken(refreshToken.toString("utf8"));
  if (!answer.ok) {
    await noteFailure(client, shopId, answer.error.kind);
    return PASSING_FAULTS.has(answer.error.kind) ? "unavailable" : "refused";
  }
  await storePair(services, client, shopId, stored, answer.value);
  return "refreshed";
}

/** Leaves a token alone that the merchant gave while Pinterest was answering: it is newer. */
async function storePair(
  { keyring }: Pick<RenewalServices, "keyring">,
  client: PoolClient,
  shopId: bigint,
  { domain, token }: StoredTokens,
  pair: TokenPair,
): Promise<void> {
  const stored = await client.query(
    `update connection set token = $3, refresh_token = $4,
        token_expires_at = now() + $5 * interval '1 second',
        refresh_expires_at = now() + $6::float8 * interval '1 second',
        renewal_failed_at = null, updated_at = now()
      where shop_id = $1 and token = $2`,
    [
      shopId,
      token,
      keyring.encrypt(pair.accessToken, tokenIdentity(domain)),
      keyring.encrypt(pair.refreshToken, refreshTokenIdentity(domain)),
      pair.expiresInSeconds,
      pair.refreshExpiresInSeconds ?? null,
    ],
  );
  if (stored.rowCount === 0) return;
  await writeAuditEntry(client, { shopId, actor: "system", action: "connection.refresh" });
}

/** The first failure alone is noted: what follows it is the same trouble. */
async function noteFailure(client: PoolClient, shopId: bigint, fault: string): Promise<void> {
  const noted = await client.query(
    `update connection set renewal_failed_at = now(), updated_at = now()
      where shop_id = $1 and renewal_failed_at is null`,
    [shopId],
  );
  if (noted.rowCount === 0) return;
  await writeAuditEntry(client, {
    shopId,
    actor: "system",
    action: "connection.renewal_failed",
    after: { fault },
  });
}
