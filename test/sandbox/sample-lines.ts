import { type Purse, priceIn } from "./sample-money.ts";
import type { Place } from "./sample-people.ts";
import { jsonId, type Random } from "./sample-random.ts";

/** What the sample shop sells. */
export const PRODUCTS = [
  { id: "7788032119674", title: "Linen Apron", vendor: "Atelier Nord", dollars: 39.95 },
  { id: "7788032119675", title: "Walnut Serving Board", vendor: "Atelier Nord", dollars: 64.5 },
  { id: "7788032119676", title: "Stoneware Mug", vendor: "Kiln & Co", dollars: 18 },
  { id: "7788032119677", title: "Wool Throw", vendor: "Kiln & Co", dollars: 119.99 },
  { id: "7788032119678", title: "Beeswax Candle", vendor: "Meadow", dollars: 12.25 },
] as const;
/** Each product comes in these. */
export const VARIANTS = ["Natural", "Charcoal", "Ochre"] as const;

/** A bought product with what was paid for it, in minor units of the shop's currency. */
export interface SampleLine {
  productId: string;
  variantId: string;
  sku: string;
  title: string;
  variantTitle: string;
  vendor: string;
  quantity: number;
  unitMinor: number;
  discountMinor: number;
  taxMinor: number;
}

export interface LineRules {
  place: Place;
  currency: string;
  discountPercent: number;
  taxesIncluded: boolean;
}

function taxOf(paidMinor: number, { place, taxesIncluded }: LineRules): number {
  const { taxRate } = place;
  return Math.round(taxesIncluded ? paidMinor - paidMinor / (1 + taxRate) : paidMinor * taxRate);
}

/** The ids of a variant, by its place in `VARIANTS`. */
export function variantIds(productId: string, variant: number): { variantId: string; sku: string } {
  return {
    variantId: `4300${productId.slice(-6)}${variant}`,
    sku: `SKU-${productId.slice(-3)}-${variant}`,
  };
}

/** A line of `quantity` pieces. */
export function createLine(
  product: (typeof PRODUCTS)[number],
  variant: number,
  quantity: number,
  rules: LineRules,
): SampleLine {
  const unitMinor = priceIn(rules.currency, product.dollars);
  const discountMinor = Math.round((unitMinor * quantity * rules.discountPercent) / 100);
  return {
    productId: product.id,
    ...variantIds(product.id, variant),
    title: product.title,
    variantTitle: VARIANTS[variant] ?? VARIANTS[0],
    vendor: product.vendor,
    quantity,
    unitMinor,
    discountMinor,
    taxMinor: taxOf(unitMinor * quantity - discountMinor, rules),
  };
}

export function createLines(random: Random, count: number, rules: LineRules): SampleLine[] {
  return Array.from({ length: count }, () => {
    const product = random.pick(PRODUCTS);
    const variant = random.integer(0, VARIANTS.length);
    return createLine(product, variant, random.integer(1, 4), rules);
  });
}

export function sumLines(lines: SampleLine[], of: (line: SampleLine) => number): number {
  return lines.reduce((sum, line) => sum + of(line), 0);
}

/** A line in the form of `orders/*`. */
export function orderLine(line: SampleLine, id: bigint, place: Place, purse: Purse) {
  const taxLine = {
    channel_liable: false,
    price: purse.text(line.taxMinor),
    price_set: purse.set(line.taxMinor),
    rate: place.taxRate,
    title: place.taxName,
  };
  const discount = {
    amount: purse.text(line.discountMinor),
    amount_set: purse.set(line.discountMinor),
    discount_application_index: 0,
  };
  return {
    id: jsonId(id),
    admin_graphql_api_id: `gid://shopify/LineItem/${id}`,
    attributed_staffs: [],
    current_quantity: line.quantity,
    fulfillable_quantity: line.quantity,
    fulfillment_service: "manual",
    fulfillment_status: null,
    gift_card: false,
    grams: 400,
    name: `${line.title} - ${line.variantTitle}`,
    price: purse.text(line.unitMinor),
    price_set: purse.set(line.unitMinor),
    product_exists: true,
    product_id: jsonId(line.productId),
    properties: [],
    quantity: line.quantity,
    requires_shipping: true,
    sales_line_item_group_id: null,
    sku: line.sku,
    taxable: true,
    title: line.title,
    total_discount: "0.00",
    total_discount_set: purse.set(0),
    variant_id: jsonId(line.variantId),
    variant_inventory_management: "shopify",
    variant_title: line.variantTitle,
    vendor: line.vendor,
    tax_lines: line.taxMinor > 0 ? [taxLine] : [],
    duties: [],
    discount_allocations: line.discountMinor > 0 ? [discount] : [],
  };
}

/** A line in the form of `checkouts/*`: a key instead of an id, and no money sets. */
export function checkoutLine(line: SampleLine, key: string, place: Place, purse: Purse) {
  const price = purse.text(line.unitMinor);
  return {
    applied_discounts: [],
    discount_allocations: [],
    key,
    destination_location_id: null,
    fulfillment_service: "manual",
    gift_card: false,
    grams: 400,
    origin_location_id: null,
    presentment_title: line.title,
    presentment_variant_title: line.variantTitle,
    product_id: jsonId(line.productId),
    properties: null,
    quantity: line.quantity,
    requires_shipping: true,
    sku: line.sku,
    tax_lines:
      line.taxMinor > 0
        ? [
            {
              price: purse.text(line.taxMinor),
              position: 1,
              rate: place.taxRate,
              title: place.taxName,
              source: "Shopify",
              channel_liable: false,
            },
          ]
        : [],
    taxable: true,
    title: line.title,
    variant_id: jsonId(line.variantId),
    variant_title: line.variantTitle,
    variant_price: price,
    vendor: line.vendor,
    user_id: null,
    unit_price_measurement: null,
    rank: null,
    compare_at_price: null,
    line_price: purse.text(line.unitMinor * line.quantity),
    price,
  };
}
