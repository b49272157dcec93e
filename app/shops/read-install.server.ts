import type { Database } from "#app/platform/db.server.ts";

/** When the shop installed the app: its orders from before have no webhooks. */
export async function readInstall(
  { db }: { db: Pick<Database, "queryAsShop"> },
  shopId: bigint,
): Promise<{ installedAt: Date }> {
  const [row] = await db.queryAsShop<{ installed_at: Date }>(shopId, {
    name: "read-install",
    text: "select installed_at from shop where id = $1",
    values: [shopId.toString()],
  });
  return { installedAt: row?.installed_at ?? new Date(0) };
}
