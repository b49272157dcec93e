import type { BrowserCheckout, BrowserItem, CustomFields } from "#app/events/browser-event.ts";
import type { Content, CustomData } from "#app/events/conversion-event.ts";
import type { ShopSettings } from "#app/events/shop-settings.ts";
import { isNegativeDecimal, shareDecimal } from "#app/mapping/decimal.server.ts";
import { formatProductId } from "#app/mapping/list-contents.server.ts";
import type { ShopPolicy } from "#app/mapping/shop-policy.server.ts";

/** The data of a product that was looked at, or put into the cart. */
export function describeItem(item: BrowserItem, policy: ShopPolicy): CustomData {
  const content = toContent(item, policy);
  const price = item.linePrice ?? multiply(item.unitPrice, item.quantity);
  return {
    ...moneyOf(price, item.currency),
    ...(content !== null && { content_ids: [content.id], contents: [content] }),
    ...(item.name !== null && { content_name: item.name }),
    ...(item.category !== null && { content_category: item.category }),
    ...(item.brand !== null && { content_brand: item.brand }),
    num_items: item.quantity,
  };
}

/**
 * The data of a checkout as the browser shows it. Its amounts are in the shopper's currency alone,
 * and say nothing of the taxes in them: the subtotal is the nearest to what the shop chose.
 */
export function describeCheckout(checkout: BrowserCheckout, policy: ShopPolicy): CustomData {
  const contents = checkout.items.flatMap((item) => toContent(item, policy) ?? []);
  const pieces = checkout.items.reduce((sum, { quantity }) => sum + quantity, 0);
  return {
    ...moneyOf(chooseAmount(checkout, policy.settings), checkout.currency),
    ...(contents.length > 0 && { content_ids: contents.map(({ id }) => id), contents }),
    ...(pieces > 0 && { num_items: pieces }),
  };
}

function chooseAmount({ subtotal, total }: BrowserCheckout, settings: ShopSettings) {
  return settings.value_basis === "total" ? total : subtotal;
}

/** Which products a page lists, of those that have an id in the shop's format. */
export function listProducts(items: readonly BrowserItem[], policy: ShopPolicy): CustomData {
  const ids = items.flatMap((item) => formatProductId(item, policy) ?? []);
  return ids.length === 0 ? {} : { content_ids: ids };
}

/** The data of an event of the page's own; its product ids are sent as they were given. */
export function describeCustom(fields: CustomFields): CustomData {
  const { productIds, quantity, searchText, name, category, brand, orderId } = fields;
  return {
    ...moneyOf(fields.value, fields.currency),
    ...(productIds.length > 0 && {
      content_ids: productIds,
      contents: productIds.map((id) => ({ id })),
    }),
    ...(quantity !== null && { num_items: quantity }),
    ...(searchText !== null && { search_string: searchText }),
    ...(name !== null && { content_name: name }),
    ...(category !== null && { content_category: category }),
    ...(brand !== null && { content_brand: brand }),
    ...(orderId !== null && { order_id: orderId }),
  };
}

/** A number without its currency would be counted in another; one below zero is no worth. */
function moneyOf(value: string | null, currency: string | null): CustomData {
  if (value === null || currency === null || isNegativeDecimal(value)) return {};
  return { value, currency };
}

function toContent(item: BrowserItem, policy: ShopPolicy): (Content & { id: string }) | null {
  const id = formatProductId(item, policy);
  if (id === null) return null;
  return {
    id,
    quantity: item.quantity,
    ...(item.unitPrice !== null && { item_price: item.unitPrice }),
    ...(item.name !== null && { item_name: item.name }),
    ...(item.category !== null && { item_category: item.category }),
    ...(item.brand !== null && { item_brand: item.brand }),
  };
}

function multiply(price: string | null, pieces: number): string | null {
  return price === null ? null : shareDecimal(price, pieces, 1);
}
