import { cleanText } from "#app/events/clean-text.ts";
import type { Content } from "#app/events/conversion-event.ts";
import { type EventInput, MAX_TEXT } from "./event-input.server.ts";
import { readDecimal } from "./read-decimal.server.ts";

/** The products of an event; `productId` is the first, with what `contents` says of it. */
export function readContents({
  productId,
  contents = [],
}: Pick<EventInput, "productId" | "contents">): Content[] {
  const listed = contents.map(toContent);
  if (productId === undefined) return listed;
  const place = listed.findIndex(({ id }) => id === productId);
  return [listed[place] ?? { id: productId }, ...listed.toSpliced(place, place < 0 ? 0 : 1)];
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
  const { id, itemPrice = given.item_price, quantity } = given;
  const name = cleanText(given.itemName ?? given.item_name, MAX_TEXT);
  const category = cleanText(given.itemCategory ?? given.item_category, MAX_TEXT);
  const brand = cleanText(given.itemBrand ?? given.item_brand, MAX_TEXT);
  return {
    id,
    ...(itemPrice !== undefined && { item_price: readDecimal(itemPrice) }),
    ...(quantity !== undefined && { quantity }),
    ...(name !== null && { item_name: name }),
    ...(category !== null && { item_category: category }),
    ...(brand !== null && { item_brand: brand }),
  };
}
