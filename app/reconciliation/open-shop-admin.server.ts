import type { ShopifyAdmin } from "#app/shopify/ask-shopify.server.ts";
import { openForEach } from "#app/shopify/pace-admin.server.ts";

/** Opens the Admin API of a shop without its merchant. Rejects when there is no session of it. */
export type OpenAdmin = (domain: string) => Promise<ShopifyAdmin>;

/**
 * The Admin API of a shop, or why there is none. `no_session`: the shop has no session here, so a
 * person has to open the app once. `silent`: the token could not be renewed, which passes or, where
 * nobody opened the app for 90 days, does not.
 */
export async function openShopAdmin(
  openAdmin: OpenAdmin,
  domain: string,
): Promise<ShopifyAdmin | "no_session" | "silent"> {
  try {
    await openAdmin(domain);
    return openForEach(() => openAdmin(domain));
  } catch (error) {
    return (error as Error | null)?.constructor?.name === "SessionNotFoundError"
      ? "no_session"
      : "silent";
  }
}
