import type { PoolClient } from "pg";
import { findLastSettingsChange } from "#app/audit/read-audit-log.server.ts";
import type { ShopSettings } from "#app/events/shop-settings.ts";
import type { Database } from "#app/platform/db.server.ts";
import {
  judgeSettings,
  judgeSurplus,
  judgeTemplate,
  type SettingsFault,
} from "./judge-settings.server.ts";
import { parseStoredSettings, readSettingsVersion } from "./read-settings.server.ts";
import {
  compareSettings,
  namesOfDifferences,
  type SettingsDifference,
} from "./settings-difference.server.ts";
import {
  type LockedSettings,
  lockSettings,
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
  const faults = judgeSettings(changes);
  if (faults.length > 0) return { ok: false, faults };
  return db.transaction(async (client) => {
    const shop = await lockSettings(client, domain);
    const merged = merge(shop.settings, changes);
    const unfit = [...judgeSurplus(merged, changes), ...judgeTemplate(changes, shop.countryCode)];
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
export async function findConflict(
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
