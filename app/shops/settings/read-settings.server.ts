import type { Pool, PoolClient } from "pg";
import { type ShopSettings, shopSettings, surplusKeys } from "#app/events/shop-settings.ts";
import type { Database } from "#app/platform/db.server.ts";
import { UnknownShopError } from "#app/shops/find-shop.server.ts";

/** The settings of a shop that never changed any. */
export const DEFAULT_SETTINGS: Readonly<ShopSettings> = Object.freeze(shopSettings.parse({}));

/**
 * The settings that a shop's stored ones stand for. One that this version no longer knows counts
 * as not set: a shop must not stop taking orders over it.
 */
export function parseStoredSettings(stored: unknown): Readonly<ShopSettings> {
  // Parsing takes tens of microseconds, for each webhook; most shops never choose.
  if (isEmptyObject(stored)) return DEFAULT_SETTINGS;
  const bounded = withoutSurplus((stored ?? {}) as Record<string, unknown>);
  const parsed = shopSettings.safeParse(bounded);
  if (parsed.success) return parsed.data;
  const known = Object.entries(bounded).filter(
    ([key, value]) => shopSettings.safeParse({ [key]: value }).success,
  );
  return shopSettings.parse(Object.fromEntries(known));
}

/** Versions older than the limit hold more. */
function withoutSurplus(stored: Record<string, unknown>): Record<string, unknown> {
  const surplus = new Set(surplusKeys(stored));
  if (surplus.size === 0) return stored;
  return Object.fromEntries(Object.entries(stored).filter(([key]) => !surplus.has(key)));
}

function isEmptyObject(stored: unknown): boolean {
  return typeof stored === "object" && stored !== null && Object.keys(stored).length === 0;
}

/** A shop's settings, defaults included. Rejects with UnknownShopError. */
export async function readSettings(
  { db }: { db: Pick<Database, "queryAsShop"> },
  { id, domain }: { id: bigint; domain: string },
): Promise<{ settings: Readonly<ShopSettings>; version: number }> {
  const [row] = await db.queryAsShop<{ settings: unknown; version: number }>(id, {
    name: "read-settings",
    text: "select settings, settings_version as version from shop where id = $1",
    values: [id.toString()],
  });
  if (row === undefined) throw new UnknownShopError(domain);
  return { settings: parseStoredSettings(row.settings), version: row.version };
}

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
