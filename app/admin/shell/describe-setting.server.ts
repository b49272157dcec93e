import { formatMessage } from "#app/events/format-message.ts";
import { lookUp } from "#app/events/look-up.ts";
import { findSetting, REGION_NAMES, SETTINGS } from "#app/events/settings-table.ts";
import { sourceWords } from "./words.ts";

/** A setting that differs, in words. */
export interface SettingChange {
  name: string;
  label: string;
  before: string;
  after: string;
}

/** Differences of settings in words, in the order in which they are listed. */
export function describeDifference(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): SettingChange[] {
  const listed = Object.keys(SETTINGS);
  const names = [...new Set([...listed, ...Object.keys(before), ...Object.keys(after)])];
  const changed = names.filter((name) => Object.hasOwn(before, name) || Object.hasOwn(after, name));
  return changed.map((name) => ({
    name,
    label: labelOfSetting(name),
    before: describeValue(name, lookUp(before, name)),
    after: describeValue(name, lookUp(after, name)),
  }));
}

function labelOfSetting(name: string): string {
  const setting = findSetting(name);
  if (setting === undefined) return name;
  const [family, rest] = split(name);
  if (family === "source") return formatMessage(setting.name, { name: nameOfSource(rest) });
  if (family === "consent") return formatMessage(setting.name, { name: nameOfRegion(rest) });
  return setting.name;
}

export function nameOfSource(source: string): string {
  return source === "other" ? otherSources : (lookUp(sourceWords, source) ?? source);
}

function nameOfRegion(region: string): string {
  return lookUp(REGION_NAMES, region) ?? region;
}

function describeValue(name: string, value: unknown): string {
  if (name === "alert_webhook_url") return settingWords.changed;
  if (value === undefined || value === null) return settingWords.notSet;
  if (Array.isArray(value)) return value.length === 0 ? settingWords.none : value.join(", ");
  const { unit, values = {} } = findSetting(name) ?? {};
  if (unit !== undefined) return formatMessage(unit, { n: Number(value) });
  const text = String(value);
  return lookUp(values, text) ?? describeOther(name, text);
}

function describeOther(name: string, text: string): string {
  return name === "product_id" ? formatMessage(settingWords.template, { template: text }) : text;
}

/** `source` and `pos` of `source.pos`. */
function split(name: string): [string, string] {
  const at = name.indexOf(".");
  return at === -1 ? [name, ""] : [name.slice(0, at), name.slice(at + 1)];
}

export const settingWords = {
  none: "none",
  notSet: "not set",
  /** The word in place of what must not be shown. */
  changed: "changed",
  template: "template {template}",
} as const;

/** `source.other`: every source that has no rule of its own. */
const otherSources = "Other apps";
