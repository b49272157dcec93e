import type { Database } from "#app/platform/db.server.ts";
import { hashApiKey } from "./hash-api-key.server.ts";

/** Whose key it is, and whether it may be used now. */
export type Authentication =
  | { kind: "ok"; keyId: bigint; shop: { id: bigint; domain: string; lane: number } }
  /** No such key, a revoked one, or the shop is not installed. */
  | { kind: "unknown" }
  | { kind: "limited"; retryAfterSeconds: number };

interface KeyRow {
  id: bigint;
  shop_id: bigint;
  domain: string;
  lane: number;
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
        select k.id, k.shop_id, s.domain, s.lane,
          least(${BURST}, k.tokens + ${PER_SECOND} * greatest(0, extract(epoch from now() - k.tokens_at)))::real
            as available
        from shop_api_key k join shop s on s.id = k.shop_id and s.state = 'installed'
        where k.key_hash = $1 and k.revoked_at is null for no key update of k)
      update shop_api_key k set last_used_at = now(), tokens_at = greatest(k.tokens_at, now()),
        tokens = available - case when available >= 1 then 1 else 0 end
      from used where k.id = used.id
      returning used.id, used.shop_id, used.domain, used.lane, used.available`,
    values: [hashApiKey(key)],
  });
  const [row] = rows;
  if (row === undefined) return { kind: "unknown" };
  if (row.available < 1) {
    const seconds = (1 - row.available) / PER_SECOND;
    return { kind: "limited", retryAfterSeconds: Math.ceil(seconds) };
  }
  const { id: keyId, shop_id: id, domain, lane } = row;
  return { kind: "ok", keyId, shop: { id, domain, lane } };
}
