import { z } from "zod";
import { askShopify, type ShopifyAdmin, type ShopifyAnswer } from "./ask-shopify.server.ts";

/** The parts of a product id, and the names that a person knows the product by. */
export interface StoreProduct {
  title: string;
  variantId: string | null;
  productId: string | null;
  sku: string | null;
}

/** Shopify's name for the only variant of a product without options. */
const ONLY_VARIANT = "Default Title";

const VARIANT = "legacyResourceId title sku product { title legacyResourceId }";
const PRODUCT =
  "title legacyResourceId variants(first: 1) { nodes { legacyResourceId title sku } }";

const variantNode = z.object({
  legacyResourceId: z.string(),
  title: z.string(),
  sku: z.string().nullable(),
});
const productNode = z.object({
  title: z.string(),
  legacyResourceId: z.string(),
  variants: z.object({ nodes: z.array(variantNode) }),
});
const ownedVariant = variantNode.extend({
  product: z.object({ title: z.string(), legacyResourceId: z.string() }),
});

const LATEST_PRODUCTS = {
  text: `query LatestProducts {
    products(first: 3, sortKey: UPDATED_AT, reverse: true, query: "status:active") {
      nodes { ${PRODUCT} }
    }
  }`,
  data: z.object({ products: z.object({ nodes: z.array(productNode) }) }),
};

/** The three products that were changed last, drafts left out. */
export async function fetchLatestProducts(
  admin: ShopifyAdmin,
  signal: AbortSignal,
): Promise<ShopifyAnswer<StoreProduct[]>> {
  const asked = await askShopify(admin, LATEST_PRODUCTS, {}, signal);
  return asked.ok ? { ok: true, found: asked.found.products.nodes.map(readProduct) } : asked;
}

/** The products that have this SKU, and those that have one of the numbers as their or a variant's id. */
export async function findProducts(
  admin: ShopifyAdmin,
  { sku, numbers }: { sku: string; numbers: readonly string[] },
  signal: AbortSignal,
): Promise<ShopifyAnswer<StoreProduct[]>> {
  const gids = numbers.flatMap((number, place) => [
    [`variant${place}`, `gid://shopify/ProductVariant/${number}`],
    [`product${place}`, `gid://shopify/Product/${number}`],
  ]);
  const search = `sku:"${sku.replace(/["\\]/g, "\\$&")}"`;
  const variables = { sku: search, ...Object.fromEntries(gids) };
  const asked = await askShopify(admin, productsQuery(numbers.length), variables, signal);
  if (!asked.ok) return asked;
  return { ok: true, found: Object.values(asked.found).flatMap(readFound) };
}

const foundNode = z
  .union([z.object({ nodes: z.array(ownedVariant) }), ownedVariant, productNode])
  .nullable();

function productsQuery(numbers: number) {
  const places = Array.from({ length: numbers }, (_, place) => place);
  const given = places.map((place) => `, $variant${place}: ID!, $product${place}: ID!`).join("");
  const fields = places.map(
    (place) => `variant${place}: productVariant(id: $variant${place}) { ${VARIANT} }
      product${place}: product(id: $product${place}) { ${PRODUCT} }`,
  );
  const text = `query FindProducts($sku: String!${given}) {
    skus: productVariants(first: 10, query: $sku) { nodes { ${VARIANT} } }
    ${fields.join("\n")}
  }`;
  return { text, data: z.record(z.string(), foundNode) };
}

function readFound(node: z.infer<typeof foundNode>): StoreProduct[] {
  if (node === null) return [];
  if ("nodes" in node) return node.nodes.map(readVariant);
  return ["variants" in node ? readProduct(node) : readVariant(node)];
}

function readProduct(node: z.infer<typeof productNode>): StoreProduct {
  const variant = node.variants.nodes[0];
  return {
    title: variant === undefined ? node.title : formatTitle(node.title, variant.title),
    variantId: variant?.legacyResourceId ?? null,
    productId: node.legacyResourceId,
    sku: variant?.sku || null,
  };
}

function readVariant(node: z.infer<typeof ownedVariant>): StoreProduct {
  return {
    title: formatTitle(node.product.title, node.title),
    variantId: node.legacyResourceId,
    productId: node.product.legacyResourceId,
    sku: node.sku || null,
  };
}

function formatTitle(product: string, variant: string): string {
  return variant === ONLY_VARIANT ? product : `${product}, ${variant}`;
}
