import { createHash, randomBytes } from "node:crypto";
import type { Database } from "#app/platform/db.server.ts";
import { UnknownShopError } from "./unknown-shop-error.server.ts";
import { writeAuditEntry } from "./write-audit-entry.server.ts";

const KEY_BYTES = 32;

/**
 * Makes an API key for an installed shop and returns it, once: only its SHA-256 is stored, which is
 * enough for a key of 256 random bits. Rejects with UnknownShopError.
 */
export async function createApiKey(
  { db }: { db: Pick<Database, "transaction"> },
  { domain, actor }: { domain: string; actor: string },
): Promise<string> {
  const key = `prk_${randomBytes(KEY_BYTES).toString("base64url")}`;
  await db.transaction(async (client) => {
    const { rows } = await client.query<{ id: bigint; shop_id: bigint }>(
      `insert into shop_api_key (shop_id, key_hash)
        select id, $2 from shop where domain = $1 and state = 'installed' returning id, shop_id`,
      [domain, createHash("sha256").update(key).digest("hex")],
    );
    const stored = rows[0];
    if (stored === undefined) throw new UnknownShopError(domain);
    await writeAuditEntry(client, {
      shopId: stored.shop_id,
      actor,
      action: "api_key.create",
      after: { api_key_id: String(stored.id) },
    });
  });
  return key;
}
