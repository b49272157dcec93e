import { z } from "zod";
import { askShopify, type ShopifyAdmin, type ShopifyAnswer } from "./ask-shopify.server.ts";

/** A theme reads the values as `{{ app.metafields.settings.tag_id }}`. */
const NAMESPACE = "settings";

const APP_INSTALLATION = {
  text: "query AppInstallation { currentAppInstallation { id } }",
  data: z.object({ currentAppInstallation: z.object({ id: z.string() }) }),
};

const written = z.object({ userErrors: z.array(z.object({ message: z.string() })) });

const SET = {
  text: `mutation SetAppMetafield($metafields: [MetafieldsSetInput!]!) {
    written: metafieldsSet(metafields: $metafields) { userErrors { field message } }
  }`,
  data: z.object({ written }),
};

const DELETE = {
  text: `mutation DeleteAppMetafield($metafields: [MetafieldIdentifierInput!]!) {
    written: metafieldsDelete(metafields: $metafields) { userErrors { field message } }
  }`,
  data: z.object({ written }),
};

/**
 * Writes the tag that the store's theme loads where the theme reads it; null: it loads none. Returns
 * why Shopify refuses it, in Shopify's words, or null.
 */
export function writeStoreTag(admin: ShopifyAdmin, tagId: string | null) {
  return write(admin, "tag_id", tagId);
}

/** Does the same for where the theme's script tells of sign-ups, and by which key of the store. */
export function writePixelAddress(admin: ShopifyAdmin, endpoint: string, pixelKey: string) {
  return write(admin, "pixel", `${endpoint}#${pixelKey}`);
}

async function write(
  admin: ShopifyAdmin,
  key: "tag_id" | "pixel",
  value: string | null,
): Promise<ShopifyAnswer<string | null>> {
  const installation = await askShopify(admin, APP_INSTALLATION);
  if (!installation.ok) return installation;
  const ownerId = installation.found.currentAppInstallation.id;
  const place = { ownerId, namespace: NAMESPACE, key };
  const asked =
    value === null
      ? await askShopify(admin, DELETE, { metafields: [place] })
      : await askShopify(admin, SET, {
          metafields: [{ ...place, type: "single_line_text_field", value }],
        });
  if (!asked.ok) return asked;
  return { ok: true, found: asked.found.written.userErrors[0]?.message ?? null };
}
