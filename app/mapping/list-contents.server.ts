import type { Content, CustomData } from "#app/events/conversion-event.ts";
import { lookUp } from "#app/events/look-up.ts";
import type { BasketLine } from "#app/events/store-event.ts";
import { UnreadableAmountError } from "./choose-money.server.ts";
import type { ShopPolicy } from "./shop-policy.server.ts";

type ContentData = Pick<CustomData, "content_ids" | "contents" | "num_items">;

/**
 * Lists the lines as Pinterest's catalogue knows them. A line without an id in the shop's format (a
 * custom item has no variant) cannot match a product: it is not listed, but counted. A line that is
 * not goods, such as a tip, is neither listed nor counted.
 *
 * Throws UnreadableAmountError.
 */
export function listContents(
  lines: BasketLine[],
  unitPrices: readonly (string | null)[],
  policy: ShopPolicy,
): ContentData {
  const contents: (Content & { id: string })[] = [];
  let pieces = 0;
  lines.forEach((line, index) => {
    if (!line.isGoods || line.quantity === 0) return;
    pieces += line.quantity;
    const id = formatProductId(line, policy);
    if (id === null) return;
    const price = unitPrices[index] ?? null;
    if (price === null) throw new UnreadableAmountError(`line_items.${index}.price`);
    contents.push({ id, item_price: price, quantity: line.quantity });
  });
  const counted = { num_items: pieces };
  if (contents.length === 0) return counted;
  return { content_ids: contents.map((content) => content.id), contents, ...counted };
}

/** Formats a product's id as the shop chose; null when the product lacks what the format names. */
export function formatProductId(
  line: Pick<BasketLine, "variantId" | "productId" | "sku">,
  policy: Pick<ShopPolicy, "settings" | "countryCode">,
): string | null {
  const fields = {
    variant: line.variantId,
    product: line.productId,
    sku: line.sku,
    country: policy.countryCode,
  };
  const format = policy.settings.product_id;
  if (!format.includes("{")) return lookUp(fields, format) ?? null;
  let isComplete = true;
  const id = format.replace(/\{(\w+)\}/g, (_field, name: string) => {
    const value = lookUp(fields, name) ?? null;
    if (value === null) isComplete = false;
    return value ?? "";
  });
  return isComplete ? id : null;
}
