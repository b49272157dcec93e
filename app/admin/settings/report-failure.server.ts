import type { ShopifyFailure } from "#app/shopify/ask-shopify.server.ts";

/** What a preview says in place of what Shopify did not give. */
export function reportFailure(failure: ShopifyFailure): { state: "denied" | "unavailable" } {
  return { state: failure === "denied" ? "denied" : "unavailable" };
}
