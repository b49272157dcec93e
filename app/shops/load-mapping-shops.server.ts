import type { Pool } from "pg";
import { type Country, readCountry } from "#app/events/country.ts";
import type { ShopSettings } from "#app/events/shop-settings.ts";
import { parseStoredSettings } from "#app/shops/settings/read-settings.server.ts";

/** The facts about a shop that mapping and storing its events need. */
export interface MappingShop {
  /** When it was uninstalled, by Shopify's clock; null while it is installed. */
  uninstalledAt: Date | null;
  id: bigint;
  domain: string;
  /** What its web pixel names itself by; everyone can read it in the shop's pages. */
  pixelKey: string;
  lane: number;
  /** Host name that shoppers see; null until the Admin API has told us. */
  primaryDomain: string | null;
  /** The code is null until a source gives it, and if it is not a real country. */
  countryCode: Country | null;
  settings: Readonly<ShopSettings>;
  settingsVersion: number;
  /** The setting of that name. */
  payloadDays: number;
  connection: { adAccountId: string; state: "active" | "paused" } | null;
  /** The arrival of its webhooks was recorded seconds ago. */
  isNoted: boolean;
  /** Its web pixel was heard within the days for which visits are kept. */
  hasPixel: boolean;
  /** The same, or it came back within those days: what shoppers chose before it left still holds. */
  mayHaveVisits: boolean;
}

interface MappingShopRow {
  id: bigint;
  domain: string;
  pixel_key: string;
  lane: number;
  uninstalled_at: Date | null;
  primary_domain: string | null;
  country_code: string | null;
  settings: string;
  settings_version: number;
  ad_account_id: string | null;
  connection_state: "active" | "paused" | null;
  is_noted: boolean;
  has_pixel: boolean;
  came_back: boolean;
}

/** The installed shops among `domains`, by domain, in one query. */
export async function loadMappingShops(
  pool: Pick<Pool, "query">,
  domains: readonly string[],
): Promise<Map<string, MappingShop>> {
  const shops = await loadKnownShops(pool, domains);
  return new Map([...shops].filter(([, { uninstalledAt }]) => uninstalledAt === null));
}

/** An installed shop; undefined: there is none of the domain. */
export async function loadMappingShop(
  pool: Pick<Pool, "query">,
  domain: string,
): Promise<MappingShop | undefined> {
  return (await loadMappingShops(pool, [domain])).get(domain);
}

/** The same of all that were ever installed. */
export async function loadKnownShops(
  pool: Pick<Pool, "query">,
  domains: readonly string[],
): Promise<Map<string, MappingShop>> {
  const { rows } = await pool.query<MappingShopRow>({
    name: "load-mapping-shops",
    text: `select s.id, s.domain, s.pixel_key, s.lane,
        case when s.state = 'uninstalled' then coalesce(s.uninstalled_at, now()) end as uninstalled_at,
        s.primary_domain, s.country_code, s.settings::text as settings,
        s.settings_version, c.ad_account_id, c.state as connection_state,
        coalesce(s.last_webhook_at > now() - interval '5 seconds', false) as is_noted,
        coalesce(s.last_pixel_at > now() - interval '30 days', false) as has_pixel,
        s.generation > 1 and s.installed_at > now() - interval '30 days' as came_back
      from shop s left join connection c on c.shop_id = s.id
      where s.domain = any($1::text[])`,
    values: [domains],
  });
  return new Map(rows.map((row) => [row.domain, toMappingShop(row)]));
}

function toMappingShop(row: MappingShopRow): MappingShop {
  const { ad_account_id: adAccountId, connection_state: state } = row;
  const settings = parseOnce(row.settings);
  return {
    id: row.id,
    domain: row.domain,
    pixelKey: row.pixel_key,
    lane: row.lane,
    uninstalledAt: row.uninstalled_at,
    primaryDomain: row.primary_domain,
    countryCode: readCountry(row.country_code),
    settings,
    settingsVersion: row.settings_version,
    payloadDays: settings.payload_days,
    isNoted: row.is_noted,
    hasPixel: row.has_pixel,
    mayHaveVisits: row.has_pixel || row.came_back,
    connection: adAccountId === null || state === null ? null : { adAccountId, state },
  };
}

/** Stored texts are cut at this many characters. */
const MAX_KEPT = 4_000_000;
const kept = new Map<string, Readonly<ShopSettings>>();
let keptLength = 0;

/** Parsing takes tens of microseconds, and far longer of a shop that names many sources. */
function parseOnce(text: string): Readonly<ShopSettings> {
  const known = kept.get(text);
  if (known !== undefined) return known;
  if (keptLength + text.length > MAX_KEPT) {
    kept.clear();
    keptLength = 0;
  }
  const settings = parseStoredSettings(JSON.parse(text));
  kept.set(text, settings);
  keptLength += text.length;
  return settings;
}
