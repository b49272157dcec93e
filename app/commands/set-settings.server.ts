import { lookUp } from "#app/events/look-up.ts";
import { changeSettings } from "#app/shops/settings/change-settings.server.ts";
import { judgeSettings, type SettingsFault } from "#app/shops/settings/judge-settings.server.ts";
import { DEFAULT_SETTINGS } from "#app/shops/settings/read-settings.server.ts";
import { type CommandContext, CommandError, type CommandResult } from "./command.server.ts";
import { requireShop, withDatabase } from "./with-database.server.ts";

/** `pinrelay shop set`: all of the settings, or none when one is wrong. */
export async function setSettings(
  context: CommandContext,
  { shop: domain, assignments }: { shop: string; assignments: readonly string[] },
): Promise<CommandResult> {
  const { changes, faults: faultsOfForm } = parseAssignments(assignments);
  const faults = [...faultsOfForm, ...judgeSettings(changes)];
  if (faults.length > 0) throw invalidSettings(faults);
  return withDatabase(context, async ({ db }) => {
    await requireShop({ db }, domain);
    const result = await changeSettings({ db }, { domain, changes, actor: "cli" });
    if (!result.ok) throw invalidSettings(result.faults);
    const { changed, settings, version } = result;
    return {
      json: { ok: true, shop: domain, changed, settings, settings_version: version },
      text:
        changed.length === 0
          ? `Nothing to change: ${domain} has these settings already (version ${version}).`
          : `Changed ${changed.join(", ")} of ${domain}: settings are version ${version} now.`,
    };
  });
}

/** `KEY=VALUE`; a list has commas; `default` puts a setting back to its default. */
function parseAssignments(assignments: readonly string[]) {
  const changes: [string, unknown][] = [];
  const faults: SettingsFault[] = [];
  const seen = new Set<string>();
  for (const assignment of assignments) {
    const at = assignment.indexOf("=");
    const path = at === -1 ? assignment : assignment.slice(0, at);
    const value = at === -1 ? "" : assignment.slice(at + 1).trim();
    const isList = Array.isArray(lookUp<unknown>(DEFAULT_SETTINGS, path));
    if (at < 1) faults.push({ path, message: "is not KEY=VALUE" });
    else if (seen.has(path)) faults.push({ path, message: "is given twice" });
    else if (isList) changes.push([path, value === "default" ? null : splitList(value)]);
    else if (value === "") {
      faults.push({ path, message: "has no value; KEY=default means the default" });
    } else changes.push([path, value === "default" ? null : value]);
    seen.add(path);
  }
  return { changes: Object.fromEntries(changes), faults };
}

function splitList(value: string): string[] {
  return value
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function invalidSettings(fields: SettingsFault[]): CommandError {
  const lines = fields.map(({ path, message }) => `  ${path}: ${message}`);
  return new CommandError(
    {
      code: "invalid_input",
      message: `Nothing was changed:\n${lines.join("\n")}`,
      action: "`pinrelay shop show` lists the names and the values that are set.",
      fields,
    },
    2,
  );
}
