import { isDeepStrictEqual } from "node:util";
import type { ShopSettings } from "#app/events/shop-settings.ts";

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

export function pickSettings(
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
