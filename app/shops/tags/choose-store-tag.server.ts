import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import type { ShopifyAdmin } from "#app/shopify/ask-shopify.server.ts";
import { writeStoreTag } from "#app/shopify/metafields.server.ts";
import { refreshTags, type TagServices } from "./refresh-tags.server.ts";

/** `previous`: what it was before, so that the choice can be undone. */
export type StoreTagChoice =
  | { kind: "chosen"; previous: string | null }
  | { kind: "unknown_tag" }
  | { kind: "shopify_refused"; message: string }
  | { kind: "shopify_silent" };

/**
 * Says which of the ad account's tags the store's theme loads, or with null that it loads none.
 * Shopify is told first: what the theme reads and what we remember then differ only until the same
 * choice is made again.
 */
export async function chooseStoreTag(
  services: TagServices,
  shop: { id: bigint; domain: string },
  { tagId, actor, admin }: { tagId: string | null; actor: string; admin: ShopifyAdmin },
): Promise<StoreTagChoice> {
  if (tagId !== null) {
    const { tags } = await refreshTags(services, shop);
    if (!tags?.some(({ id }) => id === tagId)) return { kind: "unknown_tag" };
  }
  const written = await writeStoreTag(admin, tagId);
  if (!written.ok) return { kind: "shopify_silent" };
  if (written.found !== null) return { kind: "shopify_refused", message: written.found };
  return services.db.transaction(async (client) => {
    const { rows } = await client.query<{ store_tag_id: string | null }>(
      "select store_tag_id from shop where id = $1 for no key update",
      [shop.id],
    );
    const previous = rows[0]?.store_tag_id ?? null;
    if (previous === tagId) return { kind: "chosen", previous };
    await client.query("update shop set store_tag_id = $2 where id = $1", [shop.id, tagId]);
    await writeAuditEntry(client, {
      shopId: shop.id,
      actor,
      action: "tag.choose",
      before: { store_tag_id: previous },
      after: { store_tag_id: tagId },
    });
    return { kind: "chosen", previous };
  });
}
