import { isDeepStrictEqual } from "node:util";
import type { PoolClient } from "pg";
import { findLastSettingsChange } from "#app/audit/read-audit-log.server.ts";
import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import { type Country, readCountry } from "#app/events/country.ts";
import type { ShopSettings } from "#app/events/shop-settings.ts";
import { UnknownShopError } from "#app/shops/find-shop.server.ts";
import { DEFAULT_SETTINGS, parseStoredSettings } from "./read-settings.server.ts";

/** A shop whose settings are locked until the transaction ends. */
export interface LockedSettings {
  shopId: bigint;
  version: number;
  /** The value is null until a source gives it. */
  countryCode: Country | null;
  /** The settings as the table stores them. */
  stored: unknown;
  settings: Readonly<ShopSettings>;
}

export interface StoredSettings {
  version: number;
  settings: Readonly<ShopSettings>;
  /** Names; none: nothing was written. */
  changed: string[];
}

/** Rejects with UnknownShopError. */
export async function lockSettings(client: PoolClient, domain: string): Promise<LockedSettings> {
  const { rows } = await client.query<
    Omit<LockedSettings, "settings" | "countryCode"> & { countryCode: string | null }
  >(
    `select id as "shopId", settings_version as version, country_code as "countryCode",
        settings as stored
      from shop where domain = $1 for no key update`,
    [domain],
  );
  const row = rows[0];
  if (row === undefined) throw new UnknownShopError(domain);
  return {
    ...row,
    countryCode: readCountry(row.countryCode),
    settings: parseStoredSettings(row.stored),
  };
}

/**
 * Makes `settings` the shop's next version, with its entry in the audit log; none when nothing
 * differs. `facts` go into the entry beside what changed.
 */
export async function storeSettings(
  client: PoolClient,
  shop: LockedSettings,
  settings: Readonly<ShopSettings>,
  entry: { actor: string; action: string; facts?: Record<string, unknown> },
): Promise<StoredSettings> {
  const changed = namesOfDifferences(shop.settings, settings);
  if (changed.length === 0) return { version: shop.version, settings, changed };
  const version = shop.version + 1;
  const stored = pickSettings(settings, namesOfDifferences(DEFAULT_SETTINGS, settings));
  await keepVersionBefore(client, shop);
  await client.query("update shop set settings = $2, settings_version = $3 where id = $1", [
    shop.shopId,
    JSON.stringify(stored),
    version,
  ]);
  await client.query(
    "insert into settings_version (shop_id, version, settings, actor) values ($1, $2, $3, $4)",
    [shop.shopId, version, JSON.stringify(stored), entry.actor],
  );
  await writeAuditEntry(client, {
    shopId: shop.shopId,
    actor: entry.actor,
    action: entry.action,
    before: { version: shop.version, ...withoutSecrets(pickSettings(shop.settings, changed)) },
    after: { version, ...entry.facts, ...withoutSecrets(pickSettings(settings, changed)) },
  });
  return { version, settings, changed };
}

/** Versions were not always kept: the one that ends now is kept late, or it could not be restored. */
async function keepVersionBefore(client: PoolClient, shop: LockedSettings): Promise<void> {
  const last = await findLastSettingsChange(client, shop.shopId);
  await client.query(
    `insert into settings_version (shop_id, version, settings, actor, created_at)
      select id, $2, $3, $4, coalesce($5, installed_at) from shop where id = $1
      on conflict do nothing`,
    [
      shop.shopId,
      shop.version,
      JSON.stringify(shop.stored),
      last?.actor ?? "system",
      last?.at ?? null,
    ],
  );
}

/** A webhook's address is a secret: anyone who knows it can post to it. */
function withoutSecrets(settings: Record<string, unknown>): Record<string, unknown> {
  return "alert_webhook_url" in settings ? { ...settings, alert_webhook_url: "changed" } : settings;
}

/** Two sides of the settings that differ, by name; one that is on one side alone is open there. */
export interface SettingsDifference {
  before: Record<string, unknown>;
  after: Record<string, unknown>;
}

export function namesOfDifferences(
  left: Readonly<ShopSettings>,
  right: Readonly<ShopSettings>,
): string[] {
  const before: Record<string, unknown> = left;
  const after: Record<string, unknown> = right;
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => !isDeepStrictEqual(before[name], after[name]),
  );
}

function pickSettings(
  settings: Readonly<ShopSettings>,
  names: readonly string[],
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => names.includes(name)));
}

export function compareSettings(
  left: Readonly<ShopSettings>,
  right: Readonly<ShopSettings>,
): SettingsDifference {
  const names = namesOfDifferences(left, right);
  return { before: pickSettings(left, names), after: pickSettings(right, names) };
}
