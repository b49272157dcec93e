import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import type { Database } from "#app/platform/db.server.ts";

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
