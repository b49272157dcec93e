import { listShops } from "#app/commands/reads/shop-list.server.ts";
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
