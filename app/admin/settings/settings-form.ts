import { lookUp } from "#app/events/look-up.ts";
import { findSetting, SETTINGS } from "#app/events/settings-table.ts";

/** What the fields hold, by setting: lists as lines. A setting that is not there is not set. */
export type FormValues = Readonly<Record<string, string>>;

/** What the field of the template holds, whichever format is chosen. No setting. */
export const TEMPLATE_FIELD = "~template";
const USUAL_TEMPLATE = "shopify_{country}_{product}_{variant}";

export function toFormValues(settings: object): FormValues {
  const values = Object.entries(settings).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join("\n") : String(value),
  ]);
  const fields = Object.fromEntries(values);
  const format = lookUp<string>(fields, "product_id") ?? "";
  return { ...fields, [TEMPLATE_FIELD]: isTemplate(format) ? format : USUAL_TEMPLATE };
}

/** Anything that is not one of the three named formats is a template, also a wrong one. */
export function isTemplate(productId: string): boolean {
  return !Object.hasOwn(SETTINGS.product_id.values, productId);
}

/** What to save, as the settings take it: null puts one back to its default. */
export function listChanges(base: FormValues, values: FormValues): Record<string, unknown> {
  const names = [...new Set([...Object.keys(base), ...Object.keys(values)])];
  const changed = names.filter((name) => name !== TEMPLATE_FIELD && base[name] !== values[name]);
  return Object.fromEntries(changed.map((name) => [name, toSetting(name, values[name])]));
}

function toSetting(name: string, value: string | undefined): unknown {
  if (value === undefined) return null;
  if (findSetting(name)?.isList === undefined) return value;
  return value
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/** Rules of consent that become weaker. */
export function weakensConsent(base: FormValues, values: FormValues): boolean {
  return Object.keys(base).some(
    (name) => name.startsWith("consent.") && base[name] === "require" && values[name] !== "require",
  );
}
