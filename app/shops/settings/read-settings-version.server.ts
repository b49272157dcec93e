import type { Pool, PoolClient } from "pg";
import type { ShopSettings } from "#app/events/shop-settings.ts";
import { parseStoredSettings } from "./read-settings.server.ts";

/** A shop's settings as one of its versions had them; null when that version is not kept. */
export async function readSettingsVersion(
  client: Pick<Pool | PoolClient, "query">,
  shopId: bigint,
  version: number,
): Promise<Readonly<ShopSettings> | null> {
  const { rows } = await (client as Pool).query<{ settings: unknown }>(
    "select settings from settings_version where shop_id = $1 and version = $2",
    [shopId, version],
  );
  return rows[0] === undefined ? null : parseStoredSettings(rows[0].settings);
}
