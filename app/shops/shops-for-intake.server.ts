import type { Pool } from "pg";
import type { ShopSettings } from "#app/events/shop-settings.ts";
import { parseStoredSettings } from "#app/shops/settings/read-settings.server.ts";

/** What taking a shop's events needs to know of it. */
export interface IntakeShop {
  id: bigint;
  domain: string;
  lane: number;
  /** Host name that shoppers see; null until the Admin API has told us. */
  primaryDomain: string | null;
  /** Two letters. */
  countryCode: string | null;
  settings: Readonly<ShopSettings>;
  settingsVersion: number;
  /** The setting of that name. */
  payloadDays: number;
  connection: { adAccountId: string; state: "active" | "paused" } | null;
}

interface IntakeShopRow {
  id: bigint;
  domain: string;
  lane: number;
  primary_domain: string | null;
  country_code: string | null;
  settings: unknown;
  settings_version: number;
  ad_account_id: string | null;
  connection_state: "active" | "paused" | null;
}

/** The installed shops among `domains`, by domain, in one query. */
export async function readShopsForIntake(
  pool: Pick<Pool, "query">,
  domains: readonly string[],
): Promise<Map<string, IntakeShop>> {
  const { rows } = await pool.query<IntakeShopRow>({
    name: "shops-for-intake",
    text: `select s.id, s.domain, s.lane, s.primary_domain, s.country_code, s.settings,
        s.settings_version, c.ad_account_id, c.state as connection_state
      from shop s left join connection c on c.shop_id = s.id
      where s.domain = any($1::text[]) and s.state = 'installed'`,
    values: [domains],
  });
  return new Map(rows.map((row) => [row.domain, toIntakeShop(row)]));
}

function toIntakeShop(row: IntakeShopRow): IntakeShop {
  const { ad_account_id: adAccountId, connection_state: state } = row;
  const settings = parseStoredSettings(row.settings);
  return {
    id: row.id,
    domain: row.domain,
    lane: row.lane,
    primaryDomain: row.primary_domain,
    countryCode: row.country_code,
    settings,
    settingsVersion: row.settings_version,
    payloadDays: settings.payload_days,
    connection: adAccountId === null || state === null ? null : { adAccountId, state },
  };
}
