import type { Database } from "#app/platform/db.server.ts";
import { findConflict, type SettingsConflict } from "./change-settings.server.ts";
import { parseStoredSettings, readSettingsVersion } from "./read-settings.server.ts";
import { compareSettings, type SettingsDifference } from "./settings-difference.server.ts";
import { lockSettings, type StoredSettings, storeSettings } from "./store-settings.server.ts";

export interface SettingsRestore {
  domain: string;
  /** The version to have again. */
  version: number;
  actor: string;
  /** The version that the difference was shown against; without it, any. */
  expectedVersion?: number;
}

export type RestoredSettings =
  | ({ ok: true } & StoredSettings)
  /** No conflict: the version is not kept. */
  | { ok: false; conflict: SettingsConflict | null };

/**
 * Makes an old version of a shop's settings its newest one. Rejects with UnknownShopError.
 */
export async function restoreSettings(
  { db }: { db: Pick<Database, "transaction"> },
  { domain, version, actor, expectedVersion }: SettingsRestore,
): Promise<RestoredSettings> {
  return db.transaction(async (client) => {
    const shop = await lockSettings(client, domain);
    const settings = await readSettingsVersion(client, shop.shopId, version);
    if (settings === null) return { ok: false, conflict: null };
    const { before } = compareSettings(shop.settings, settings);
    const isStale = expectedVersion !== undefined && expectedVersion !== shop.version;
    if (isStale && Object.keys(before).length > 0) {
      return { ok: false, conflict: await findConflict(client, shop, expectedVersion) };
    }
    const entry = { actor, action: "settings.restore", facts: { restored: version } };
    return { ok: true, ...(await storeSettings(client, shop, settings, entry)) };
  });
}

/**
 * What restoring a version would change, against the shop's version of now; null when the version
 * is not kept.
 */
export async function previewRestore(
  { db }: { db: Pick<Database, "queryAsShop"> },
  { shopId, version }: { shopId: bigint; version: number },
): Promise<{ currentVersion: number; difference: SettingsDifference } | null> {
  const [row] = await db.queryAsShop<{ version: number; settings: unknown; wanted: unknown }>(
    shopId,
    {
      name: "preview-restore",
      text: `select s.settings_version as version, s.settings, v.settings as wanted
        from shop s join settings_version v on v.shop_id = s.id where s.id = $1 and v.version = $2`,
      values: [shopId.toString(), version],
    },
  );
  if (row === undefined) return null;
  const now = parseStoredSettings(row.settings);
  const difference = compareSettings(now, parseStoredSettings(row.wanted));
  return { currentVersion: row.version, difference };
}
