import { z } from "zod";
import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import { refreshTags, type TagServices } from "./refresh-tags.server.ts";

/** The Admin API of one shop, as Shopify's library gives it. */
export interface AdminApi {
  graphql(
    query: string,
    options?: { variables?: Record<string, unknown> },
  ): Promise<{ json(): Promise<unknown> }>;
}

/** `previous`: what it was before, so that the choice can be undone. */
export type StoreTagChoice =
  | { kind: "chosen"; previous: string | null }
  | { kind: "unknown_tag" }
  | { kind: "shopify_refused"; message: string }
  | { kind: "shopify_silent" };

/** Where a theme reads it: `{{ app.metafields.settings.tag_id }}`. */
const METAFIELD = { namespace: "settings", key: "tag_id" } as const;

const INSTALLATION = "query AppInstallation { currentAppInstallation { id } }";
const SET = `mutation SetStoreTag($metafields: [MetafieldsSetInput!]!) {
  metafieldsSet(metafields: $metafields) { userErrors { field message } }
}`;
const DELETE = `mutation DropStoreTag($metafields: [MetafieldIdentifierInput!]!) {
  metafieldsDelete(metafields: $metafields) { userErrors { field message } }
}`;

const installationAnswer = z.object({
  data: z.object({ currentAppInstallation: z.object({ id: z.string() }) }),
});
const written = z.object({ userErrors: z.array(z.object({ message: z.string() })) });
const writeAnswer = z.object({
  data: z.union([
    z.object({ metafieldsSet: written }).transform(({ metafieldsSet }) => metafieldsSet),
    z.object({ metafieldsDelete: written }).transform(({ metafieldsDelete }) => metafieldsDelete),
  ]),
});

/**
 * Says which of the ad account's tags the store's theme loads, or with null that it loads none.
 * Shopify is told first: what the theme reads and what we remember then differ only until the same
 * choice is made again.
 */
export async function chooseStoreTag(
  services: TagServices,
  shop: { id: bigint; domain: string },
  { tagId, actor, admin }: { tagId: string | null; actor: string; admin: AdminApi },
): Promise<StoreTagChoice> {
  if (tagId !== null) {
    const { tags } = await refreshTags(services, shop);
    if (!tags?.some(({ id }) => id === tagId)) return { kind: "unknown_tag" };
  }
  const refused = await tellShopify(admin, tagId);
  if (refused !== null) return refused;
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

async function tellShopify(admin: AdminApi, tagId: string | null): Promise<StoreTagChoice | null> {
  try {
    const { data } = installationAnswer.parse(await (await admin.graphql(INSTALLATION)).json());
    const place = { ownerId: data.currentAppInstallation.id, ...METAFIELD };
    const metafields =
      tagId === null ? [place] : [{ ...place, type: "single_line_text_field", value: tagId }];
    const query = tagId === null ? DELETE : SET;
    const response = await admin.graphql(query, { variables: { metafields } });
    const [error] = writeAnswer.parse(await response.json()).data.userErrors;
    return error === undefined ? null : { kind: "shopify_refused", message: error.message };
  } catch {
    // The library's errors may hold tokens; that Shopify did not do it is all there is to say.
    return { kind: "shopify_silent" };
  }
}
