import type { ShopPolicy } from "#app/mapping/shop-policy.server.ts";
import type { ShopifyAdmin } from "#app/shopify/ask-shopify.server.ts";
import { findProducts } from "#app/shopify/products.server.ts";
import { buildId } from "./preview-products.server.ts";
import { reportFailure } from "./report-failure.server.ts";
import type { CatalogIdCheck, ProductIdFormat } from "./settings-preview.ts";

/** More numbers than this are in no catalog id: country, product and variant are two. */
const MOST_NUMBERS = 3;
/** What Pinterest's and Google's own apps for Shopify put into their catalogs. */
const KNOWN_TEMPLATES = ["shopify_{country}_{product}_{variant}"];

/**
 * Looks for a product of the store that has this id in one of the formats. The numbers in it are
 * looked up as variants and products, the whole of it as a SKU; what is found is then put into each
 * format by mapping's own function, and must give the id to the letter.
 */
export async function checkCatalogId(
  admin: ShopifyAdmin,
  policy: ShopPolicy,
  given: string,
  template: string,
  signal: AbortSignal,
): Promise<CatalogIdCheck> {
  const id = given.trim();
  const numbers = [...new Set(id.match(/\d{3,19}/g) ?? [])].slice(0, MOST_NUMBERS);
  const asked = await findProducts(admin, { sku: id, numbers }, signal);
  if (!asked.ok) return reportFailure(asked.failure);
  const patterns = patternsToTry(template);
  for (const [format, pattern] of patterns) {
    const match = asked.found.find((product) => buildId(product, policy, pattern) === id);
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
