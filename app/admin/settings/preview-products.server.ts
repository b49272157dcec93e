import { formatProductId } from "#app/mapping/list-contents.server.ts";
import type { ShopPolicy } from "#app/mapping/shop-policy.server.ts";
import type { ShopifyAdmin, ShopifyFailure } from "#app/shopify/ask-shopify.server.ts";
import { fetchLatestProducts, type StoreProduct } from "#app/shopify/products.server.ts";
import type { ProductPreview, ProductsPreview } from "./settings-preview.ts";

/** Three real products, with their ids in each format. `template`: one that is not saved yet. */
export async function previewProducts(
  admin: ShopifyAdmin,
  policy: ShopPolicy,
  template: string,
  signal: AbortSignal,
): Promise<ProductsPreview> {
  const asked = await fetchLatestProducts(admin, signal);
  if (!asked.ok) return reportFailure(asked.failure);
  if (asked.found.length === 0) return { state: "none" };
  return { state: "found", products: asked.found.map((one) => withIds(one, policy, template)) };
}

function withIds(product: StoreProduct, policy: ShopPolicy, template: string): ProductPreview {
  const idIn = (format: string) => buildId(product, policy, format);
  return {
    title: product.title,
    ids: {
      variant: idIn("variant"),
      product: idIn("product"),
      sku: idIn("sku"),
      template: idIn(template),
    },
  };
}

/** The id that events of this product carry in a format: mapping's own. */
export function buildId(product: StoreProduct, policy: ShopPolicy, format: string): string | null {
  return formatProductId(product, {
    ...policy,
    settings: { ...policy.settings, product_id: format },
  });
}

/** What a preview says in place of what Shopify did not give. */
export function reportFailure(failure: ShopifyFailure): { state: "denied" | "unavailable" } {
  return { state: failure === "denied" ? "denied" : "unavailable" };
}
