import { lookUp } from "#app/events/look-up.ts";
import { OPEN_DEFAULTS, REGION_NAMES, SETTINGS, type Setting } from "#app/events/settings-table.ts";
import { formatTable } from "./format-table.server.ts";

interface SettingLine {
  name: string;
  values: string;
  byDefault: string;
  about: string;
}

/** The settings as `pinrelay shop set --help` lists them. */
export function settingsHelp(): string {
  const lines = listSettings().map(({ name, values, byDefault }) => [name, values, byDefault]);
  return `\n${formatTable(["SETTING", "VALUES", "DEFAULT"], lines)}`;
}

/** The page docs/settings.md. */
export function settingsPage(): string {
  const rows = listSettings().map(
    ({ name, values, byDefault, about }) =>
      `| \`${name}\` | ${values} | \`${byDefault}\` | ${about} |`,
  );
  return [
    "# Settings of a shop",
    "",
    "A merchant finds them on the pages Settings and Customer data; an operator sets them with",
    "`pinrelay shop set --shop SHOP KEY=VALUE`. `KEY=default` puts one back to its default. A change",
    "holds for events that come in afterwards.",
    "",
    "| setting | values | default | what it is |",
    "|---|---|---|---|",
    ...rows,
    "",
    "<!-- Made from app/events/settings-table.ts: npx vitest run --project unit -u test/unit/commands/settings -->",
    "",
  ].join("\n");
}

function listSettings(): SettingLine[] {
  return Object.entries<Setting>(SETTINGS).flatMap(([key, setting]) => {
    const line = { values: describeValues(key, setting), about: describe(setting) };
    if (setting.default !== undefined) {
      return [{ ...line, name: key, byDefault: String(setting.default) || "none" }];
    }
    return Object.entries(OPEN_DEFAULTS)
      .filter(([name]) => name.startsWith(`${key}.`))
      .map(([name, byDefault]) => {
        const [, rest = ""] = name.split(".");
        const where = lookUp(OPEN_NAMES, rest) ?? rest;
        return { ...line, name, byDefault, about: line.about.replace("{name}", where) };
      });
  });
}

function describeValues(key: string, { values, range, isList }: Setting): string {
  if (range !== undefined) return `${range[0]} to ${range[1]}`;
  if (isList === true) return "a list";
  const named = Object.keys(values ?? {}).join(", ");
  return key === "product_id" ? `${named}, or a template` : named;
}

/** The part of an open key behind its point, as it stands in a sentence. */
const OPEN_NAMES = {
  web: "the online store",
  pos: "Point of Sale",
  other: "every other app",
  ...REGION_NAMES,
} as const;

function describe({ name, field }: Setting): string {
  return field?.help === undefined ? `${name}.` : `${name}. ${field.help}`;
}
