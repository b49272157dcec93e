import type { Country } from "#app/events/country.ts";
import { lookUp } from "#app/events/look-up.ts";
import type { Database } from "#app/platform/db.server.ts";
import { createKeyring } from "#app/platform/keyring.server.ts";
import { connectAdAccount } from "#app/shops/connection/connect-ad-account.server.ts";
import { installShop, saveShopFacts } from "#app/shops/install-shop.server.ts";
import { changeSettings } from "#app/shops/settings/change-settings.server.ts";
import { checkSettings, type SettingsFault } from "#app/shops/settings/check-settings.server.ts";
import { DEFAULT_SETTINGS, readSettings } from "#app/shops/settings/read-settings.server.ts";
import {
  type CommandContext,
  CommandError,
  type CommandResult,
  readToken,
} from "./command.server.ts";
import { formatFields, formatTable } from "./format-table.server.ts";
import { requireShop, withDatabase } from "./with-database.server.ts";

/** `pinrelay shop list` */
export async function listAllShops(context: CommandContext): Promise<CommandResult> {
  return withDatabase(context, async ({ db }) => {
    const shops = await listShops({ db });
    const titles = ["SHOP", "STATE", "CONNECTION", "AD ACCOUNT", "INSTALLED"];
    const rows = shops.map((row) => [
      row.shop,
      row.state,
      row.pause_reason === null ? row.connection : `${row.connection}: ${row.pause_reason}`,
      row.ad_account_id,
      row.installed_at,
    ]);
    const none = "No shop yet. Install the app in one, or use `pinrelay shop connect`.";
    return { json: { shops }, text: shops.length === 0 ? none : formatTable(titles, rows) };
  });
}

/** `pinrelay shop show` */
export async function showShop(
  context: CommandContext,
  { shop: domain }: { shop: string },
): Promise<CommandResult> {
  return withDatabase(context, async ({ db }) => {
    const shop = await requireShop({ db }, domain);
    const [row] = await listShops({ db }, domain);
    const { settings, version } = await readSettings({ db }, shop);
    return {
      json: { ...row, settings, settings_version: version },
      text: [
        formatFields({ ...row, settings_version: version }),
        "",
        ...Object.entries(settings).map(([name, value]) => `${name}=${value}`),
      ].join("\n"),
    };
  });
}

/** A shop, as `pinrelay shop list --json` prints it. For the operator: it crosses shops. */
interface ShopListRow {
  shop: string;
  state: "installed" | "uninstalled";
  ad_account_id: string | null;
  connection: "none" | "active" | "paused";
  pause_reason: string | null;
  /** Public key of the shop's web pixel. */
  pixel_key: string;
  /** ISO 8601. */
  installed_at: string;
}

/** All shops by name, or the one of that domain. Tokens are not even read. */
export async function listShops(
  { db }: { db: Pick<Database, "prisma"> },
  domain?: string,
): Promise<ShopListRow[]> {
  const shops = await db.prisma.shop.findMany({
    where: domain === undefined ? {} : { domain },
    orderBy: { domain: "asc" },
    select: {
      domain: true,
      state: true,
      pixelKey: true,
      installedAt: true,
      connection: { select: { state: true, adAccountId: true, pauseReason: true } },
    },
  });
  return shops.map(({ connection, ...shop }) => ({
    shop: shop.domain,
    state: shop.state as ShopListRow["state"],
    ad_account_id: connection?.adAccountId ?? null,
    connection: (connection?.state ?? "none") as ShopListRow["connection"],
    pause_reason: connection?.pauseReason ?? null,
    pixel_key: shop.pixelKey,
    installed_at: shop.installedAt.toISOString(),
  }));
}

export interface ConnectOptions {
  shop: string;
  adAccount: string;
  /** Name of the environment variable that holds the token. */
  tokenEnv: string;
  /** Events that wait for another ad account stay there. */
  leaveWaiting?: boolean;
  /** The shop's country until Shopify reports one. */
  country?: Country;
}

/** A country from Shopify is not overwritten. */
async function saveCountry(
  { db }: { db: Pick<Database, "pool"> },
  domain: string,
  countryCode: Country,
): Promise<void> {
  const { rowCount } = await db.pool.query(
    "select from shop where domain = $1 and country_code is not null",
    [domain],
  );
  if (rowCount !== 0) return;
  await saveShopFacts(
    { db },
    { domain, countryCode, primaryDomain: null, currency: null, timeZone: null },
  );
}

/**
 * `pinrelay shop connect`: makes the shop one that is installed, connects it, and gives its waiting
 * events the ad account.
 */
export async function connectShop(
  context: CommandContext,
  { shop: domain, adAccount: adAccountId, tokenEnv, leaveWaiting = false, country }: ConnectOptions,
): Promise<CommandResult> {
  const token = readToken(context, tokenEnv);
  return withDatabase(context, async ({ db, config }) => {
    const keyring = createKeyring(config.ENCRYPTION_KEYS);
    const { isNew } = await installShop({ db }, { domain });
    if (country !== undefined) await saveCountry({ db }, domain, country);
    const earlier = leaveWaiting ? "leave" : "send";
    const connection = { domain, adAccountId, token, actor: "cli", earlier } as const;
    const adopted = await connectAdAccount({ db, keyring }, connection);
    const [row] = await listShops({ db }, domain);
    return {
      json: { ok: true, ...row, created: isNew, adopted_events: adopted },
      text: [
        `${domain} is connected to ad account ${adAccountId}.`,
        ...(isNew ? ["The shop was not known before: it counts as installed from now on."] : []),
        ...(adopted > 0 ? [`${adopted} events that waited are sent there now.`] : []),
      ].join("\n"),
    };
  });
}

/** `pinrelay shop set`: all of the settings, or none when one is wrong. */
export async function setSettings(
  context: CommandContext,
  { shop: domain, assignments }: { shop: string; assignments: readonly string[] },
): Promise<CommandResult> {
  const { changes, faults: faultsOfForm } = parseAssignments(assignments);
  const faults = [...faultsOfForm, ...checkSettings(changes)];
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
