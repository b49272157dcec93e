import { randomBytes } from "node:crypto";
import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import { API_KEY_SCOPES, type ApiKeyScope } from "#app/events/api-key-scope.ts";
import type { Database } from "#app/platform/db.server.ts";
import { digest } from "#app/platform/digest.server.ts";
import { UnknownShopError } from "./find-shop.server.ts";

const KEY_BYTES = 32;

/** Makes an API key for an installed shop and returns it, once. Rejects with UnknownShopError. */
export async function createApiKey(
  { db }: { db: Pick<Database, "transaction"> },
  {
    domain,
    name,
    actor,
    scopes = API_KEY_SCOPES,
  }: { domain: string; name: string; actor: string; scopes?: readonly ApiKeyScope[] },
): Promise<string> {
  const key = `prk_${randomBytes(KEY_BYTES).toString("base64url")}`;
  await db.transaction(async (client) => {
    const { rows } = await client.query<{ id: bigint; shop_id: bigint }>(
      `insert into shop_api_key (shop_id, key_hash, name, scopes)
        select id, $2, $3, $4 from shop where domain = $1 and state = 'installed' returning id, shop_id`,
      [domain, hashApiKey(key), name, scopes],
    );
    const stored = rows[0];
    if (stored === undefined) throw new UnknownShopError(domain);
    await writeAuditEntry(client, {
      shopId: stored.shop_id,
      actor,
      action: "api_key.create",
      after: { api_key_id: String(stored.id), name, scopes: scopes.join(", ") },
    });
  });
  return key;
}

/** Whose key it is, and whether it may be used now. */
export type Authentication =
  | {
      kind: "ok";
      keyId: bigint;
      scopes: readonly ApiKeyScope[];
      shop: { id: bigint; domain: string; lane: number };
    }
  /** No such key, a revoked one, or the shop is not installed. */
  | { kind: "unknown" }
  | { kind: "limited"; retryAfterSeconds: number };

interface KeyRow {
  id: bigint;
  shop_id: bigint;
  domain: string;
  lane: number;
  scopes: ApiKeyScope[];
  available: number;
}

/** Requests a second for one key, and how many may come at once. */
const PER_SECOND = 10;
const BURST = 100;

/**
 * Authenticates a request, notes the key's use and takes a token of its bucket, in one statement:
 * the limit holds over all processes.
 */
export async function authenticateApiKey(
  { db }: { db: Pick<Database, "pool"> },
  key: string,
): Promise<Authentication> {
  const { rows } = await db.pool.query<KeyRow>({
    name: "authenticate-api-key",
    text: `with used as (
        select k.id, k.shop_id, k.scopes, s.domain, s.lane,
          least(${BURST}, k.tokens + ${PER_SECOND} * greatest(0, extract(epoch from now() - k.tokens_at)))::real
            as available
        from shop_api_key k join shop s on s.id = k.shop_id and s.state = 'installed'
        where k.key_hash = $1 and k.revoked_at is null for no key update of k)
      update shop_api_key k set last_used_at = now(), tokens_at = greatest(k.tokens_at, now()),
        tokens = available - case when available >= 1 then 1 else 0 end
      from used where k.id = used.id
      returning used.id, used.shop_id, used.scopes, used.domain, used.lane, used.available`,
    values: [hashApiKey(key)],
  });
  const [row] = rows;
  if (row === undefined) return { kind: "unknown" };
  if (row.available < 1) {
    const seconds = (1 - row.available) / PER_SECOND;
    return { kind: "limited", retryAfterSeconds: Math.ceil(seconds) };
  }
  const { id: keyId, shop_id: id, scopes, domain, lane } = row;
  return { kind: "ok", keyId, scopes, shop: { id, domain, lane } };
}

/** Ends a key for good. False when the shop has no such key, or it was revoked before. */
export async function revokeApiKey(
  { db }: { db: Pick<Database, "transaction"> },
  { shopId, keyId, actor }: { shopId: bigint; keyId: bigint; actor: string },
): Promise<boolean> {
  return db.transaction(async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `update shop_api_key set revoked_at = now()
        where id = $1::numeric and shop_id = $2 and revoked_at is null returning name`,
      [keyId.toString(), shopId.toString()],
    );
    const [revoked] = rows;
    if (revoked === undefined) return false;
    const before = { api_key_id: String(keyId), name: revoked.name };
    await writeAuditEntry(client, { shopId, actor, action: "api_key.revoke", before });
    return true;
  });
}

/** A key as it is stored: SHA-256 is enough for one of 256 random bits. */
function hashApiKey(key: string): string {
  return digest(key);
}
