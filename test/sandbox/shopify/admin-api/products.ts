import type { Resolvers } from "../answer-graphql.ts";

export interface SampleProduct {
  id: string;
  title: string;
  status?: "ACTIVE" | "DRAFT";
  variants: { id: string; title: string; sku: string | null }[];
}

/** A small shop's products, the last touched first. */
const SAMPLE_PRODUCTS: readonly SampleProduct[] = [
  {
    id: "7009110022011",
    title: "Linen shirt",
    variants: [
      { id: "41327143321713", title: "M", sku: "LINEN-M" },
      { id: "41327143354481", title: "L", sku: "LINEN-L" },
    ],
  },
  {
    id: "7009110022044",
    title: "Enamel mug",
    variants: [{ id: "41327143387249", title: "Default Title", sku: "MUG-1" }],
  },
  {
    id: "7009110022077",
    title: "Gift card",
    variants: [{ id: "41327143420017", title: "Default Title", sku: null }],
  },
  {
    id: "7009110022099",
    title: "Winter coat",
    status: "DRAFT",
    variants: [{ id: "41327143452785", title: "Default Title", sku: "COAT" }],
  },
];

/** Shopify's limit for a page of any list. */
const MOST_A_PAGE = 250;
const SORT_KEYS =
  /^(CREATED_AT|ID|INVENTORY_TOTAL|PRODUCT_TYPE|PUBLISHED_AT|RELEVANCE|TITLE|UPDATED_AT|VENDOR)$/;

/**
 * The root fields about products: `products`, `product`, `productVariant`, `productVariants`. As
 * Shopify does, they refuse a list without a length, an id that is of another kind, and a sort key
 * that is none.
 */
export function createProductResolvers(
  products: readonly SampleProduct[] = SAMPLE_PRODUCTS,
): Resolvers {
  const variants = products.flatMap((product) =>
    product.variants.map((variant) => ownedVariant(product, variant)),
  );
  return {
    products: (_shop, variables, args) => {
      const count = readCount(args, variables, "products");
      const key = /sortKey : (\w+)/.exec(args)?.[1] ?? "ID";
      if (!SORT_KEYS.test(key)) {
        throw new Error(`Argument 'sortKey' on Field 'products' has an invalid value (${key}).`);
      }
      const wanted = /status:(\w+)/.exec(String(readArgument(args, variables, "query") ?? ""))?.[1];
      const shown = products.filter(
        ({ status = "ACTIVE" }) => wanted === undefined || status === wanted.toUpperCase(),
      );
      return { nodes: shown.slice(0, count).map(productNode) };
    },
    product: (_shop, variables, args) => {
      const id = readId(args, variables, "Product");
      const found = products.find((product) => product.id === id);
      return found === undefined ? null : productNode(found);
    },
    productVariant: (_shop, variables, args) => {
      const id = readId(args, variables, "ProductVariant");
      return variants.find((variant) => variant.legacyResourceId === id) ?? null;
    },
    productVariants: (_shop, variables, args) => {
      const count = readCount(args, variables, "productVariants");
      const query = String(readArgument(args, variables, "query") ?? "");
      const sku = /^sku:"((?:[^"\\]|\\.)*)"$/.exec(query)?.[1]?.replace(/\\(.)/g, "$1");
      // Shopify's search knows no capitals.
      const isWanted = (own: string | null) => own?.toLowerCase() === sku?.toLowerCase();
      return { nodes: variants.filter((variant) => isWanted(variant.sku)).slice(0, count) };
    },
  };
}

function productNode({ id, title, variants }: SampleProduct) {
  return {
    id: `gid://shopify/Product/${id}`,
    legacyResourceId: id,
    title,
    variants: { nodes: variants.map(variantNode) },
  };
}

function variantNode({ id, title, sku }: SampleProduct["variants"][number]) {
  return { id: `gid://shopify/ProductVariant/${id}`, legacyResourceId: id, title, sku };
}

function ownedVariant(product: SampleProduct, variant: SampleProduct["variants"][number]) {
  const { title, id: legacyResourceId } = product;
  return { ...variantNode(variant), product: { title, legacyResourceId } };
}

/** The value of an argument: written out, or given as a variable. */
function readArgument(args: string, variables: Record<string, unknown>, name: string): unknown {
  const found = new RegExp(`\\b${name} : (?:\\$ (\\w+)|("(?:[^"\\\\]|\\\\.)*")|([\\w-]+))`).exec(
    args,
  );
  if (found === null) return undefined;
  const [, variable, text, word] = found;
  if (variable !== undefined) return variables[variable];
  return text === undefined ? word : JSON.parse(text);
}

function readCount(args: string, variables: Record<string, unknown>, field: string): number {
  const first = readArgument(args, variables, "first");
  if (first === undefined) {
    throw new Error("you must provide one of first or last");
  }
  const count = Number(first);
  if (!Number.isInteger(count) || count < 1 || count > MOST_A_PAGE) {
    throw new Error(`Argument 'first' on Field '${field}' must be from 1 to ${MOST_A_PAGE}`);
  }
  return count;
}

function readId(args: string, variables: Record<string, unknown>, type: string): string {
  const given = String(readArgument(args, variables, "id") ?? "");
  const id = new RegExp(`^gid://shopify/${type}/(\\d+)$`).exec(given)?.[1];
  if (id === undefined) throw new Error(`Invalid global id '${given}'`);
  return id;
}
