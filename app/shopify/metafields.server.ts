import { z } from "zod";
import { askShopify, type ShopifyAdmin, type ShopifyAnswer } from "./ask-shopify.server.ts";

/** A theme reads the value as `{{ app.metafields.settings.tag_id }}`. */
const TAG_METAFIELD = { namespace: "settings", key: "tag_id" } as const;

const APP_INSTALLATION = {
  text: "query AppInstallation { currentAppInstallation { id } }",
  data: z.object({ currentAppInstallation: z.object({ id: z.string() }) }),
};

const written = z.object({ userErrors: z.array(z.object({ message: z.string() })) });

const SET_STORE_TAG = {
  text: `mutation SetStoreTag($metafields: [MetafieldsSetInput!]!) {
    written: metafieldsSet(metafields: $metafields) { userErrors { field message } }
  }`,
  data: z.object({ written }),
};

const DELETE_STORE_TAG = {
  text: `mutation DeleteStoreTag($metafields: [MetafieldIdentifierInput!]!) {
    written: metafieldsDelete(metafields: $metafields) { userErrors { field message } }
  }`,
  data: z.object({ written }),
};

/**
 * Writes the tag that the store's theme loads where the theme reads it; null: it loads none. Returns
 * why Shopify refuses it, in Shopify's words, or null.
 */
export async function writeStoreTag(
  admin: ShopifyAdmin,
  tagId: string | null,
): Promise<ShopifyAnswer<string | null>> {
  const installation = await askShopify(admin, APP_INSTALLATION);
  if (!installation.ok) return installation;
  const place = { ownerId: installation.found.currentAppInstallation.id, ...TAG_METAFIELD };
  const asked =
    tagId === null
      ? await askShopify(admin, DELETE_STORE_TAG, { metafields: [place] })
      : await askShopify(admin, SET_STORE_TAG, {
          metafields: [{ ...place, type: "single_line_text_field", value: tagId }],
        });
  if (!asked.ok) return asked;
  return { ok: true, found: asked.found.written.userErrors[0]?.message ?? null };
}
