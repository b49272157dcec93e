import type { Pool, PoolClient } from "pg";

export interface AuditEntry {
  shopId: bigint;
  /** The actor: `cli`, `shopify`, `system`, or a member of the shop's staff. */
  actor: string;
  /** The action, such as `connection.pause`. */
  action: string;
  /** Facts before and after. Never a token: entries are kept in clear for a year. */
  before?: Record<string, unknown> | null;
  after?: Record<string, unknown> | null;
}

const KEPT_DAYS = 365;

/** Notes a change in the transaction that makes it, so that neither stands without the other. */
export async function writeAuditEntry(
  client: PoolClient,
  { shopId, actor, action, before = null, after = null }: AuditEntry,
): Promise<void> {
  await client.query(
    "insert into audit_entry (shop_id, actor, action, before, after) values ($1, $2, $3, $4, $5)",
    [
      shopId,
      actor,
      action,
      before === null ? null : JSON.stringify(before),
      after === null ? null : JSON.stringify(after),
    ],
  );
}

/** First half of the key of our advisory locks on an API key's entries; the second is its id. */
const HOUR_LOCK = 1_886_417_011;

/**
 * Adds counts to the entry of an API key's current hour, or begins it: a caller may come ten times
 * a second, and an entry for each call would bury all others.
 */
export async function addToHourlyEntry(
  client: PoolClient,
  { shopId, actor, action }: AuditEntry,
  apiKeyId: bigint,
  { given, stored }: { given: number; stored: number },
): Promise<void> {
  // Otherwise two calls of one key would both find no entry of this hour.
  await client.query("select pg_advisory_xact_lock($1, hashint8($2))", [HOUR_LOCK, apiKeyId]);
  const { rowCount } = await client.query(
    `update audit_entry set after = after || jsonb_build_object(
        'given', (after->>'given')::bigint + $4, 'stored', (after->>'stored')::bigint + $5)
      where id = (select id from audit_entry where shop_id = $1 and action = $2
        and created_at >= date_trunc('hour', now()) and after->>'api_key' = $3 limit 1)`,
    [shopId.toString(), action, String(apiKeyId), given, stored],
  );
  if (rowCount === 1) return;
  const after = { given, stored, api_key: String(apiKeyId) };
  await writeAuditEntry(client, { shopId, actor, action, after });
}

/** Deletes the entries that are past the time for which they are kept. */
export async function deleteOldEntries(pool: Pick<Pool, "query">): Promise<void> {
  await pool.query(
    `delete from audit_entry where created_at < now() - interval '${KEPT_DAYS} days'`,
  );
}
