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

/** Deletes the entries that are past the time for which they are kept. Returns how many. */
export async function deleteOldEntries(pool: Pick<Pool, "query">): Promise<number> {
  const { rowCount } = await pool.query(
    `delete from audit_entry where created_at < now() - interval '${KEPT_DAYS} days'`,
  );
  return rowCount ?? 0;
}

/**
 * Puts other names in place of some that stand in a shop's entries as whole texts, such as events' ids:
 * what a customer had removed must not stand here.
 */
export async function renameInEntries(
  client: PoolClient,
  shopId: bigint,
  names: ReadonlyMap<string, string>,
): Promise<void> {
  const quoted = [...names].map((pair) => pair.map((name) => JSON.stringify(name)) as Pair);
  const { rows } = await client.query<{ id: bigint; before: string | null; after: string | null }>(
    `select id, before::text, after::text from audit_entry where shop_id = $1 and exists (
        select from regexp_matches(concat(before, after), '"(?:[^"\\\\]|\\\\.)*"', 'g') quoted
          where quoted[1] = any($2::text[]))
      order by id for no key update`,
    [shopId.toString(), quoted.map(([old]) => old)],
  );
  const rename = (text: string | null) =>
    text && quoted.reduce((renamed, [old, name]) => renamed.replaceAll(old, name), text);
  for (const { id, before, after } of rows) {
    await client.query("update audit_entry set before = $2, after = $3 where id = $1", [
      id.toString(),
      rename(before),
      rename(after),
    ]);
  }
  // A search is a part of an address, and may hold a name without its first sign.
  await client.query(
    `update audit_entry set after = after - 'query' where shop_id = $1 and after ? 'query' and exists (
        select from unnest($2::text[]) name where position(ltrim(name, '#') in after ->> 'query') > 0)`,
    [shopId.toString(), [...names.keys()]],
  );
}

type Pair = [old: string, name: string];
