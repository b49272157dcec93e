import { randomBytes } from "node:crypto";
import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import { UnknownShopError } from "#app/shops/unknown-shop-error.server.ts";
import { hashApiKey } from "./hash-api-key.server.ts";

const KEY_BYTES = 32;

/** Makes an API key for an installed shop and returns it, once. Rejects with UnknownShopError. */
export async function createApiKey(
  { db }: { db: Pick<Database, "transaction"> },
  { domain, name, actor }: { domain: string; name: string; actor: string },
): Promise<string> {
  const key = `prk_${randomBytes(KEY_BYTES).toString("base64url")}`;
  await db.transaction(async (client) => {
    const { rows } = await client.query<{ id: bigint; shop_id: bigint }>(
      `insert into shop_api_key (shop_id, key_hash, name)
        select id, $2, $3 from shop where domain = $1 and state = 'installed' returning id, shop_id`,
      [domain, hashApiKey(key), name],
    );
    const stored = rows[0];
    if (stored === undefined) throw new UnknownShopError(domain);
    await writeAuditEntry(client, {
      shopId: stored.shop_id,
      actor,
      action: "api_key.create",
      after: { api_key_id: String(stored.id), name },
    });
  });
  return key;
}
