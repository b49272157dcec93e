import { z } from "zod";
import { productIdOf } from "#app/mapping/list-contents.server.ts";
import type { ShopPolicy } from "#app/mapping/shop-policy.server.ts";
import { askShopify, type ShopAdmin } from "#app/shopify/ask-shopify.server.ts";
import { reportFailure } from "./report-failure.server.ts";
import type { ProductPreview, ProductsPreview } from "./settings-preview.ts";

/** What a product id is made of, and what a person knows the product by. */
export interface StoreProduct {
  title: string;
  variantId: string | null;
  productId: string | null;
  sku: string | null;
}

const QUERY = `query PreviewProducts {
  products(first: 3, sortKey: UPDATED_AT, reverse: true, query: "status:active") {
    nodes { title legacyResourceId variants(first: 1) { nodes { legacyResourceId title sku } } }
  }
}`;

export const variantNode = z.object({
  legacyResourceId: z.string(),
  title: z.string(),
  sku: z.string().nullable(),
});

export const productNode = z.object({
  title: z.string(),
  legacyResourceId: z.string(),
  variants: z.object({ nodes: z.array(variantNode) }),
});

const nodes = z.array(productNode);
const answer = z.object({ data: z.object({ products: z.object({ nodes }) }) });

/** What Shopify calls the one variant of a product that has no options. */
const ONLY_VARIANT = "Default Title";

/** Three real products, with their ids in each format. `template`: one that is not saved yet. */
export async function previewProducts(
  admin: ShopAdmin,
  policy: ShopPolicy,
  template: string,
  signal: AbortSignal,
): Promise<ProductsPreview> {
  const asked = await askShopify(admin, QUERY, {}, signal);
  if (!asked.ok) return reportFailure(asked.failure);
  const parsed = answer.safeParse(asked.found);
  if (!parsed.success) return { state: "unavailable" };
  const products = parsed.data.data.products.nodes.map(readProduct);
  if (products.length === 0) return { state: "none" };
  return { state: "found", products: products.map((one) => withIds(one, policy, template)) };
}

export function readProduct(node: z.infer<typeof productNode>): StoreProduct {
  const variant = node.variants.nodes[0];
  return {
    title: variant === undefined ? node.title : titleOf(node.title, variant.title),
    variantId: variant?.legacyResourceId ?? null,
    productId: node.legacyResourceId,
    sku: variant?.sku || null,
  };
}

export function titleOf(product: string, variant: string): string {
  return variant === ONLY_VARIANT ? product : `${product}, ${variant}`;
}

function withIds(product: StoreProduct, policy: ShopPolicy, template: string): ProductPreview {
  const idIn = (format: string) => idOf(product, policy, format);
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
export function idOf(product: StoreProduct, policy: ShopPolicy, format: string): string | null {
  return productIdOf(product, { ...policy, settings: { ...policy.settings, product_id: format } });
}
