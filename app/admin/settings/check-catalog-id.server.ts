import { z } from "zod";
import type { ShopPolicy } from "#app/mapping/shop-policy.server.ts";
import { askShopify, type ShopAdmin } from "#app/shopify/ask-shopify.server.ts";
import {
  idOf,
  productNode,
  readProduct,
  type StoreProduct,
  titleOf,
  variantNode,
} from "./preview-products.server.ts";
import { reportFailure } from "./report-failure.server.ts";
import type { CatalogIdCheck, ProductIdFormat } from "./settings-preview.ts";

/** More numbers than this are in no catalog id: country, product and variant are two. */
const MOST_NUMBERS = 3;
/** What Pinterest's and Google's own apps for Shopify put into their catalogs. */
const KNOWN_TEMPLATES = ["shopify_{country}_{product}_{variant}"];

const ownedVariant = variantNode.extend({
  product: z.object({ title: z.string(), legacyResourceId: z.string() }),
});
const VARIANT = "legacyResourceId title sku product { title legacyResourceId }";
const PRODUCT =
  "title legacyResourceId variants(first: 1) { nodes { legacyResourceId title sku } }";

/**
 * Looks for a product of the store that has this id in one of the formats. The numbers in it are
 * looked up as variants and products, the whole of it as a SKU; what is found is then put into each
 * format by mapping's own function, and must give the id to the letter.
 */
export async function checkCatalogId(
  admin: ShopAdmin,
  policy: ShopPolicy,
  given: string,
  template: string,
  signal: AbortSignal,
): Promise<CatalogIdCheck> {
  const id = given.trim();
  const numbers = [...new Set(id.match(/\d{3,19}/g) ?? [])].slice(0, MOST_NUMBERS);
  const asked = await askShopify(
    admin,
    queryFor(numbers.length),
    variablesFor(id, numbers),
    signal,
  );
  if (!asked.ok) return reportFailure(asked.failure);
  const products = readProducts(asked.found);
  if (products === null) return { state: "unavailable" };
  const patterns = patternsToTry(template);
  for (const [format, pattern] of patterns) {
    const match = products.find((product) => idOf(product, policy, pattern) === id);
    if (match !== undefined) return { state: "match", format, title: match.title, pattern };
  }
  return { state: "no_match", tried: patterns.map(([, pattern]) => pattern) };
}

/** The shop's own template first: it is asked about. */
function patternsToTry(template: string): [ProductIdFormat, string][] {
  const templates = [...new Set([template, ...KNOWN_TEMPLATES])].filter((one) => one.includes("{"));
  return [
    ["variant", "variant"],
    ["product", "product"],
    ["sku", "sku"],
    ...templates.map((one): [ProductIdFormat, string] => ["template", one]),
  ];
}

function queryFor(numbers: number): string {
  const places = Array.from({ length: numbers }, (_, place) => place);
  const given = places.map((place) => `, $variant${place}: ID!, $product${place}: ID!`).join("");
  const fields = places.map(
    (place) => `variant${place}: productVariant(id: $variant${place}) { ${VARIANT} }
      product${place}: product(id: $product${place}) { ${PRODUCT} }`,
  );
  return `query CheckCatalogId($sku: String!${given}) {
    skus: productVariants(first: 10, query: $sku) { nodes { ${VARIANT} } }
    ${fields.join("\n")}
  }`;
}

function variablesFor(id: string, numbers: readonly string[]): Record<string, string> {
  const gids = numbers.flatMap((number, place) => [
    [`variant${place}`, `gid://shopify/ProductVariant/${number}`],
    [`product${place}`, `gid://shopify/Product/${number}`],
  ]);
  return { sku: `sku:"${id.replace(/["\\]/g, "\\$&")}"`, ...Object.fromEntries(gids) };
}

function readProducts(found: unknown): StoreProduct[] | null {
  const { data } = found as { data?: unknown };
  if (typeof data !== "object" || data === null) return null;
  const products: StoreProduct[] = [];
  for (const [name, node] of Object.entries(data)) {
    if (node === null) continue;
    if (name.startsWith("product")) {
      const parsed = productNode.safeParse(node);
      if (!parsed.success) return null;
      products.push(readProduct(parsed.data));
    } else {
      const list = name === "skus" ? node.nodes : [node];
      const parsed = z.array(ownedVariant).safeParse(list);
      if (!parsed.success) return null;
      products.push(...parsed.data.map(readVariant));
    }
  }
  return products;
}

function readVariant(node: z.infer<typeof ownedVariant>): StoreProduct {
  return {
    title: titleOf(node.product.title, node.title),
    variantId: node.legacyResourceId,
    productId: node.product.legacyResourceId,
    sku: node.sku || null,
  };
}
