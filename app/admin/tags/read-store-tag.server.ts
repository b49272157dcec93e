import type { Database } from "#app/platform/db.server.ts";

/** The tag that the store's theme is given; null when none was chosen. */
export async function readStoreTag(
  { db }: { db: Pick<Database, "readAsShop"> },
  shopId: bigint,
): Promise<string | null> {
  const shop = await db.readAsShop(shopId, (tx) =>
    tx.shop.findUnique({ where: { id: shopId }, select: { storeTagId: true } }),
  );
  return shop?.storeTagId ?? null;
}
