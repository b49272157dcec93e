import { z } from "zod";
import { askShopify, type ShopifyAdmin, type ShopifyAnswer } from "./ask-shopify.server.ts";

const GRANTED_SCOPES = {
  text: "query GrantedScopes { currentAppInstallation { accessScopes { handle } } }",
  data: z.object({
    currentAppInstallation: z.object({ accessScopes: z.array(z.object({ handle: z.string() })) }),
  }),
};

/** Returns the granted scopes. Of a read and a write scope Shopify lists only the write scope. */
export async function fetchGrantedScopes(
  admin: ShopifyAdmin,
  signal: AbortSignal,
): Promise<ShopifyAnswer<string[]>> {
  const asked = await askShopify(admin, GRANTED_SCOPES, {}, signal);
  if (!asked.ok) return asked;
  const { accessScopes } = asked.found.currentAppInstallation;
  return { ok: true, found: accessScopes.map(({ handle }) => handle) };
}
