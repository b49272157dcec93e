import { createLine, type LineRules, PRODUCTS, VARIANTS, variantIds } from "../sample-lines.ts";
import { createPurse, priceIn } from "../sample-money.ts";

/** The goods of the sample shop, as its pages show them and as pixels are told of them. */

export interface Product {
  id: string;
  handle: string;
  title: string;
  vendor: string;
  type: string;
  /** In minor units of the shop's currency. */
  minor: number;
  /** As the pages write it: `$39.95`. */
  price: string;
  variants: Variant[];
}

export interface Variant {
  id: string;
  sku: string;
  title: string;
  product: Product;
}

export interface Collection {
  id: string;
  handle: string;
  title: string;
  products: Product[];
}

export interface Catalogue {
  currency: string;
  products: Product[];
  collections: Collection[];
  variant(id: string): Variant | undefined;
  search(query: string): Product[];
  formatMinor(minor: number): string;
}

const TYPES: Record<string, string> = {
  "Linen Apron": "Kitchen textiles",
  "Walnut Serving Board": "Tableware",
  "Stoneware Mug": "Tableware",
  "Wool Throw": "Blankets",
  "Beeswax Candle": "Candles",
};
const COLLECTIONS = [
  {
    id: "301122330044",
    handle: "kitchen",
    title: "Kitchen",
    types: ["Kitchen textiles", "Tableware"],
  },
  { id: "301122330045", handle: "living", title: "Living room", types: ["Blankets", "Candles"] },
];

export function createCatalogue(currency: string): Catalogue {
  const purse = createPurse(currency, currency);
  const format = new Intl.NumberFormat("en", { style: "currency", currency });
  const formatMinor = (minor: number) => format.format(Number(purse.text(minor)));
  const products = PRODUCTS.map((sample) => {
    const minor = priceIn(currency, sample.dollars);
    const product: Product = {
      id: sample.id,
      handle: sample.title.toLowerCase().replaceAll(" ", "-"),
      title: sample.title,
      vendor: sample.vendor,
      type: TYPES[sample.title] ?? "",
      minor,
      price: formatMinor(minor),
      variants: [],
    };
    product.variants = VARIANTS.map((title, index) => {
      const { variantId: id, sku } = variantIds(sample.id, index);
      return { id, sku, title, product };
    });
    return product;
  });
  const collections = COLLECTIONS.map(({ types, ...collection }) => ({
    ...collection,
    products: products.filter(({ type }) => types.includes(type)),
  }));
  return {
    currency,
    products,
    collections,
    formatMinor,
    variant: (id) =>
      products.flatMap(({ variants }) => variants).find((variant) => variant.id === id),
    search(query) {
      const word = query.trim().toLowerCase();
      const texts = (product: Product) => `${product.title} ${product.type} ${product.vendor}`;
      return products.filter((product) => texts(product).toLowerCase().includes(word));
    },
  };
}

/** What an order's line says of a variant. */
export function sampleLine({ id, product }: Variant, quantity: number, rules: LineRules) {
  const sample = PRODUCTS.find((one) => one.id === product.id) ?? PRODUCTS[0];
  const index = product.variants.findIndex((variant) => variant.id === id);
  return createLine(sample, index, quantity, rules);
}
