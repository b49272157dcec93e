import { isDeepStrictEqual } from "node:util";
import { type ShopSettings, shopSettings } from "#app/events/shop-settings.ts";
import type { Database } from "#app/platform/db.server.ts";
import { UnknownShopError } from "#app/shops/unknown-shop-error.server.ts";
import { writeAuditEntry } from "#app/shops/write-audit-entry.server.ts";
import { DEFAULT_SETTINGS, parseStoredSettings } from "./read-settings.server.ts";

export interface SettingsChange {
  domain: string;
  /** By the names of app/events/shop-settings.ts; null puts one back to its default. */
  changes: Record<string, unknown>;
  actor: string;
}

export interface SettingsFault {
  /** Name of the setting. */
  path: string;
  message: string;
}

export type ChangedSettings =
  | { ok: true; version: number; settings: Readonly<ShopSettings>; changed: string[] }
  | { ok: false; faults: SettingsFault[] };

/**
 * Changes a shop's settings: all that are asked for or, if one of them is wrong, none, with every
 * fault named. A change makes a new version; what was so already makes none. Rejects with
 * UnknownShopError.
 */
export async function changeSettings(
  { db }: { db: Pick<Database, "transaction"> },
  { domain, changes, actor }: SettingsChange,
): Promise<ChangedSettings> {
  const faults = judgeSettings(changes);
  if (faults.length > 0) return { ok: false, faults };
  return db.transaction(async (client) => {
    const { rows } = await client.query<{ id: bigint; settings: unknown; version: number }>(
      `select id, settings, settings_version as version from shop where domain = $1 for update`,
      [domain],
    );
    const shop = rows[0];
    if (shop === undefined) throw new UnknownShopError(domain);
    const before = parseStoredSettings(shop.settings);
    const settings = parseStoredSettings(merge(before, changes));
    const changed = namesOfDifferences(before, settings);
    if (changed.length === 0) return { ok: true, version: shop.version, settings, changed };
    const version = shop.version + 1;
    await client.query("update shop set settings = $2, settings_version = $3 where id = $1", [
      shop.id,
      JSON.stringify(pick(settings, namesOfDifferences(DEFAULT_SETTINGS, settings))),
      version,
    ]);
    await writeAuditEntry(client, {
      shopId: shop.id,
      actor,
      action: "settings.change",
      before: { version: shop.version, ...pick(before, changed) },
      after: { version, ...pick(settings, changed) },
    });
    return { ok: true, version, settings, changed };
  });
}

/** Every fault of changes to settings, whatever the shop. */
export function judgeSettings(changes: Record<string, unknown>): SettingsFault[] {
  return Object.entries(changes).flatMap(([path, value]) => {
    const message = faultOf(path, value);
    return message === null ? [] : [{ path, message }];
  });
}

/**
 * Settings are judged one by one: judged together, the fault of one would hide another's. A value
 * that fits no open family (`source.…`, `consent.…`) is judged by what its own family would say.
 */
function faultOf(path: string, value: unknown): string | null {
  // As a key of an object literal it would set the prototype, and no setting.
  if (path === "__proto__") return NOT_A_SETTING;
  if (value === null) return isSetting(path) ? null : NOT_A_SETTING;
  const issue = firstIssue(path, value);
  if (issue?.code !== "invalid_union") return issue?.message ?? null;
  return (firstIssue(path, "send") ?? firstIssue(path, "require"))?.message ?? issue.message;
}

const NOT_A_SETTING = "is not a setting";

function isSetting(path: string): boolean {
  return (
    Object.hasOwn(DEFAULT_SETTINGS, path) ||
    ["send", "require"].some((value) => firstIssue(path, value) === undefined)
  );
}

function firstIssue(path: string, value: unknown) {
  return shopSettings.safeParse({ [path]: value }).error?.issues[0];
}

function merge(
  before: Readonly<ShopSettings>,
  changes: Record<string, unknown>,
): Record<string, unknown> {
  const merged = { ...before, ...changes };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
}

function namesOfDifferences(left: Readonly<ShopSettings>, right: Readonly<ShopSettings>): string[] {
  const before: Record<string, unknown> = left;
  const after: Record<string, unknown> = right;
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => !isDeepStrictEqual(before[name], after[name]),
  );
}

function pick(settings: Readonly<ShopSettings>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => names.includes(name)));
}
