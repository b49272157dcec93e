import { cleanText } from "#app/events/clean-text.ts";
import type { Content } from "#app/events/conversion-event.ts";
import { type EventInput, MAX_TEXT } from "./event-input.server.ts";
import { readDecimal } from "./read-decimal.server.ts";

/** The products of an event; `productId` is the first unless it is among `contents` already. */
export function readContents({
  productId,
  contents = [],
}: Pick<EventInput, "productId" | "contents">): Content[] {
  const listed = contents.map(toContent);
  const isListed = productId === undefined || listed.some(({ id }) => id === productId);
  return isListed ? listed : [{ id: productId }, ...listed];
}

/** Pieces in all: what is said, else what the list adds up to, else one. */
export function countItems({
  orderQuantity,
  contents = [],
}: Pick<EventInput, "orderQuantity" | "contents">): number {
  if (orderQuantity !== undefined) return orderQuantity;
  if (contents.length === 0) return 1;
  return contents.reduce((sum, { quantity = 1 }) => sum + quantity, 0);
}

function toContent(given: NonNullable<EventInput["contents"]>[number]): Content {
  const { id, itemPrice, quantity } = given;
  const name = cleanText(given.itemName, MAX_TEXT);
  const category = cleanText(given.itemCategory, MAX_TEXT);
  const brand = cleanText(given.itemBrand, MAX_TEXT);
  return {
    id,
    ...(itemPrice !== undefined && { item_price: readDecimal(itemPrice) }),
    ...(quantity !== undefined && { quantity }),
    ...(name !== null && { item_name: name }),
    ...(category !== null && { item_category: category }),
    ...(brand !== null && { item_brand: brand }),
  };
}
