import type { Country } from "#app/events/country.ts";
import { shopSettings, surplusKeys } from "#app/events/shop-settings.ts";
import { DEFAULT_SETTINGS } from "./read-settings.server.ts";

export interface SettingsFault {
  /** Name of the setting. */
  path: string;
  message: string;
  /** The value itself is valid, but the shop lacks something it needs. */
  code?: "no_country";
}

/** More than all settings with a name of their own and the open ones that a shop may have. */
const MOST_CHANGES = 150;
/** UTF-16 units of one value as JSON: above the longest list of addresses. */
const MAX_VALUE = 16 * 1_024;
const MAX_NAME = 120;
/** Faults that are named of changes that are too many: no reader goes through more. */
const MOST_NAMED = 20;

/** Every fault of changes to settings, whatever the shop. */
export function checkSettings(changes: Record<string, unknown>): SettingsFault[] {
  const entries = Object.entries(changes);
  // Checking each would take long, and thousands of faults help no reader.
  if (entries.length > MOST_CHANGES) {
    return tooMany(entries.slice(MOST_CHANGES).map(([path]) => path));
  }
  return entries.flatMap(([path, value]) => {
    if (path.length > MAX_NAME) return [{ path: shorten(path), message: NOT_A_SETTING }];
    const message = findFault(path, value);
    return message === null ? [] : [{ path, message }];
  });
}

/** Finds the settings that exceed a shop's limits after the changes. */
export function checkSurplus(
  merged: Record<string, unknown>,
  changes: Record<string, unknown>,
): SettingsFault[] {
  return tooMany(surplusKeys(merged).filter((path) => Object.hasOwn(changes, path)));
}

/** A template of the country would leave every product of a shop without one out. */
export function checkTemplate(
  changes: Record<string, unknown>,
  countryCode: Country | null,
): SettingsFault[] {
  const template = String(changes.product_id ?? "");
  if (countryCode !== null || !template.includes("{country}")) return [];
  const message =
    "names {country}, and this shop's country is not known: open the app in Shopify once, or give it with pinrelay shop connect --country";
  return [{ path: "product_id", message, code: "no_country" }];
}

function tooMany(paths: string[]): SettingsFault[] {
  const message = "is one too many: a shop can have 100 sources and regions of its own";
  return paths.slice(0, MOST_NAMED).map((path) => ({ path: shorten(path), message }));
}

function shorten(path: string): string {
  return path.length > MAX_NAME ? `${path.slice(0, MAX_NAME)}…` : path;
}

/**
 * Settings are checked one by one: checked together, the fault of one would hide another's. A value
 * that fits no open family (`source.…`, `consent.…`) is checked as its own family would say.
 */
function findFault(path: string, value: unknown): string | null {
  // As a key of an object literal this would set the prototype instead of a setting.
  if (path === "__proto__") return NOT_A_SETTING;
  if (value === null) return isSetting(path) ? null : NOT_A_SETTING;
  if (measureLength(value) > MAX_VALUE) return "is too long";
  const issue = firstIssue(path, value);
  if (issue?.code !== "invalid_union") return issue?.message ?? null;
  return (firstIssue(path, "send") ?? firstIssue(path, "require"))?.message ?? issue.message;
}

function measureLength(value: unknown): number {
  return typeof value === "string" ? value.length : (JSON.stringify(value) ?? "").length;
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

export interface SettingsForm {
  /** The values by setting, not checked yet. */
  changes: Record<string, unknown>;
  expectedVersion: number;
}

/** Parses the `changes` (JSON) and `version` of a form; null if no form of ours sent them. */
export function parseSettingsForm(form: FormData): SettingsForm | null {
  const parsed = parseChanges(form.get("changes"));
  const version = String(form.get("version"));
  if (parsed === null || !/^\d{1,9}$/.test(version)) return null;
  return { changes: parsed, expectedVersion: Number(version) };
}

/** Changes of settings as JSON; null: they are none. */
export function parseChanges(json: unknown): Record<string, unknown> | null {
  try {
    // Every key is kept, also `__proto__`: a dropped key would look as if it were saved.
    const parsed: unknown = JSON.parse(String(json));
    const isObject = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
    return isObject ? (parsed as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
