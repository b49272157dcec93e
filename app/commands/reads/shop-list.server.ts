import type { Database } from "#app/platform/db.server.ts";

/** A shop, as `pinrelay shop list --json` prints it. For the operator: it crosses shops. */
export interface ShopListRow {
  shop: string;
  state: "installed" | "uninstalled";
  ad_account_id: string | null;
  connection: "none" | "active" | "paused";
  pause_reason: string | null;
  /** Public key of the shop's web pixel. */
  pixel_key: string;
  /** ISO 8601. */
  installed_at: string;
}

/** All shops by name, or the one of that domain. Tokens are not even read. */
export async function listShops(
  { db }: { db: Pick<Database, "prisma"> },
  domain?: string,
): Promise<ShopListRow[]> {
  const shops = await db.prisma.shop.findMany({
    where: domain === undefined ? {} : { domain },
    orderBy: { domain: "asc" },
    select: {
      domain: true,
      state: true,
      pixelKey: true,
      installedAt: true,
      connection: { select: { state: true, adAccountId: true, pauseReason: true } },
    },
  });
  return shops.map(({ connection, ...shop }) => ({
    shop: shop.domain,
    state: shop.state as ShopListRow["state"],
    ad_account_id: connection?.adAccountId ?? null,
    connection: (connection?.state ?? "none") as ShopListRow["connection"],
    pause_reason: connection?.pauseReason ?? null,
    pixel_key: shop.pixelKey,
    installed_at: shop.installedAt.toISOString(),
  }));
}
