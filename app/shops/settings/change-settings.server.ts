import type { PoolClient } from "pg";
import { findLastSettingsChange } from "#app/audit/read-audit-log.server.ts";
import type { ShopSettings } from "#app/events/shop-settings.ts";
import type { Database } from "#app/platform/db.server.ts";
import {
  checkSettings,
  checkSurplus,
  checkTemplate,
  type SettingsFault,
} from "./check-settings.server.ts";
import { parseStoredSettings, readSettingsVersion } from "./read-settings.server.ts";
import {
  compareSettings,
  type LockedSettings,
  lockSettings,
  namesOfDifferences,
  type SettingsDifference,
  type StoredSettings,
  storeSettings,
} from "./store-settings.server.ts";

export interface SettingsChange {
  domain: string;
  /**
   * The keys are the names of app/events/shop-settings.ts; null resets a setting to its default.
   */
  changes: Record<string, unknown>;
  actor: string;
  /** The version that the changes were made on; without it they go on top of any. */
  expectedVersion?: number;
}

/** Another person saved in the meantime. */
export interface SettingsConflict {
  version: number;
  settings: Readonly<ShopSettings>;
  actor: string;
  /** Null: not known. */
  savedAt: Date | null;
  /** The settings changed since the expected version; null if that version is no longer stored. */
  difference: SettingsDifference | null;
}

export type ChangedSettings =
  | ({ ok: true } & StoredSettings)
  | { ok: false; faults: SettingsFault[]; conflict?: SettingsConflict };

/**
 * Changes a shop's settings: all that are asked for or, if one of them is wrong, none, with every
 * fault named. A change makes a new version; what was so already makes none. Changes made on an old
 * version overwrite nothing. Rejects with UnknownShopError.
 */
export async function changeSettings(
  { db }: { db: Pick<Database, "transaction"> },
  { domain, changes, actor, expectedVersion }: SettingsChange,
): Promise<ChangedSettings> {
  const faults = checkSettings(changes);
  if (faults.length > 0) return { ok: false, faults };
  return db.transaction(async (client) => {
    const shop = await lockSettings(client, domain);
    const merged = merge(shop.settings, changes);
    const unfit = [...checkSurplus(merged, changes), ...checkTemplate(changes, shop.countryCode)];
    if (unfit.length > 0) return { ok: false, faults: unfit };
    const settings = parseStoredSettings(merged);
    const isStale = expectedVersion !== undefined && expectedVersion !== shop.version;
    // A form posted twice finds its own changes: that is no conflict.
    if (isStale && namesOfDifferences(shop.settings, settings).length > 0) {
      return { ok: false, faults: [], conflict: await findConflict(client, shop, expectedVersion) };
    }
    const entry = { actor, action: "settings.change" };
    return { ok: true, ...(await storeSettings(client, shop, settings, entry)) };
  });
}

/** Describes the newer version that was saved: by whom, when, and its changes. */
async function findConflict(
  client: PoolClient,
  shop: LockedSettings,
  expectedVersion: number,
): Promise<SettingsConflict> {
  const last = await findLastSettingsChange(client, shop.shopId);
  const expected = await readSettingsVersion(client, shop.shopId, expectedVersion);
  return {
    version: shop.version,
    settings: shop.settings,
    actor: last?.actor ?? "system",
    savedAt: last?.at ?? null,
    difference: expected && compareSettings(expected, shop.settings),
  };
}

function merge(
  before: Readonly<ShopSettings>,
  changes: Record<string, unknown>,
): Record<string, unknown> {
  const merged = { ...before, ...changes };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
}

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
