import type { ShopifyAdmin } from "#app/shopify/ask-shopify.server.ts";
import type { ShopifyServices } from "#app/web/shopify.server.ts";

/**
 * Opens the Admin API of shops without their merchants: rejects where there is no session of the
 * shop. Shopify's library is loaded with the first shop that is asked about, and not before.
 */
export function adminOpener(services: ShopifyServices): (domain: string) => Promise<ShopifyAdmin> {
  const opened = openOnce(async () => {
    const { createShopify } = await import("#app/web/shopify.server.ts");
    return createShopify(services);
  });
  return async (domain) => (await (await opened()).unauthenticated.admin(domain)).admin;
}

/** After a failure the next caller tries again: memory or files may be available by then. */
export function openOnce<T>(open: () => Promise<T>): () => Promise<T> {
  let opening: Promise<T> | undefined;
  return () => {
    opening ??= open().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
}
