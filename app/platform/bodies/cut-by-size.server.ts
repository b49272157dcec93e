export interface PortionLimits<Item> {
  items: number;
  bytes: number;
  countBytes(item: Item): number;
}

/**
 * Cuts items into portions, in order, as large as both limits allow. An item that exceeds a limit
 * alone is a portion of its own.
 */
export function cutBySize<Item>(
  items: readonly Item[],
  { items: mostItems, bytes: mostBytes, countBytes }: PortionLimits<Item>,
): Item[][] {
  const portions: Item[][] = [];
  let portion: Item[] = [];
  let bytes = 0;
  for (const item of items) {
    const more = countBytes(item);
    if (portion.length === mostItems || (portion.length > 0 && bytes + more > mostBytes)) {
      portions.push(portion);
      portion = [];
      bytes = 0;
    }
    portion.push(item);
    bytes += more;
  }
  if (portion.length > 0) portions.push(portion);
  return portions;
}
