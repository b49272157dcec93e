import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import type { Database } from "#app/platform/db.server.ts";

/**
 * Forgets a shop's tokens, and what only they could read. Its events stay, and wait for the next
 * connection. False: there was nothing to disconnect.
 */
export async function disconnectPinterest(
  { db }: { db: Pick<Database, "transaction"> },
  shopId: bigint,
  actor: string,
): Promise<boolean> {
  return db.transaction(async (client) => {
    const { rows } = await client.query<{ ad_account_id: string; state: string; kind: string }>(
      "delete from connection where shop_id = $1 returning ad_account_id, state, kind",
      [shopId],
    );
    const signIn = await client.query("delete from pinterest_sign_in where shop_id = $1", [shopId]);
    await client.query("delete from sign_in_attempt where shop_id = $1", [shopId]);
    await client.query("delete from tag_cache where shop_id = $1", [shopId]);
    await client.query("delete from quality_snapshot where shop_id = $1", [shopId]);
    const before = rows[0] ?? null;
    if (before === null && signIn.rowCount === 0) return false;
    await writeAuditEntry(client, { shopId, actor, action: "connection.disconnect", before });
    return true;
  });
}
