import type { Database } from "#app/platform/db.server.ts";
import { readSettings } from "#app/shops/settings/read-settings.server.ts";
import type { CommandContext, CommandResult } from "./command.server.ts";
import { formatFields, formatTable } from "./format-table.server.ts";
import { requireShop, withDatabase } from "./with-database.server.ts";

/** `pinrelay shop list` */
export async function listAllShops(context: CommandContext): Promise<CommandResult> {
  return withDatabase(context, async ({ db }) => {
    const shops = await listShops({ db });
    const titles = ["SHOP", "STATE", "CONNECTION", "AD ACCOUNT", "INSTALLED"];
    const rows = shops.map((row) => [
      row.shop,
      row.state,
      row.pause_reason === null ? row.connection : `${row.connection}: ${row.pause_reason}`,
      row.ad_account_id,
      row.installed_at,
    ]);
    const none = "No shop yet. Install the app in one, or use `pinrelay shop connect`.";
    return { json: { shops }, text: shops.length === 0 ? none : formatTable(titles, rows) };
  });
}

/** `pinrelay shop show` */
export async function showShop(
  context: CommandContext,
  { shop: domain }: { shop: string },
): Promise<CommandResult> {
  return withDatabase(context, async ({ db }) => {
    const shop = await requireShop({ db }, domain);
    const [row] = await listShops({ db }, domain);
    const { settings, version } = await readSettings({ db }, shop);
    return {
      json: { ...row, settings, settings_version: version },
      text: [
        formatFields({ ...row, settings_version: version }),
        "",
        ...Object.entries(settings).map(([name, value]) => `${name}=${value}`),
      ].join("\n"),
    };
  });
}

/** A shop, as `pinrelay shop list --json` prints it. For the operator: it crosses shops. */
interface ShopListRow {
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
