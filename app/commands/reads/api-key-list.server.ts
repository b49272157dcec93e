import type { Database } from "#app/platform/db.server.ts";

/** A key of a shop, without the key: that was shown once. */
export interface ApiKeyRow {
  id: string;
  name: string;
  created_at: string;
  last_used_at: string | null;
  revoked_at: string | null;
}

/** The shop's API keys, the newest first, revoked ones included. */
export async function listApiKeys(
  { db }: { db: Pick<Database, "readAsShop"> },
  shopId: bigint,
): Promise<ApiKeyRow[]> {
  const keys = await db.readAsShop(shopId, (tx) =>
    tx.shopApiKey.findMany({ where: { shopId }, orderBy: { id: "desc" } }),
  );
  return keys.map((key) => ({
    id: String(key.id),
    name: key.name,
    created_at: key.createdAt.toISOString(),
    last_used_at: key.lastUsedAt?.toISOString() ?? null,
    revoked_at: key.revokedAt?.toISOString() ?? null,
  }));
}
