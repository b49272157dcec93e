import type { Country } from "#app/events/country.ts";
import type { Database } from "#app/platform/db.server.ts";

/** The Admin API's facts about a shop; null: it gave none. */
export interface ShopFacts {
  domain: string;
  /** Host name that shoppers see. */
  primaryDomain: string | null;
  countryCode: Country | null;
  currency: string | null;
  /** IANA name. */
  timeZone: string | null;
}

/** Stores what the Admin API says of a shop. What it did not say stays as it was. */
export async function saveShopFacts(
  { db }: { db: Pick<Database, "pool"> },
  { domain, primaryDomain, countryCode, currency, timeZone }: ShopFacts,
): Promise<void> {
  await db.pool.query(
    `update shop set primary_domain = coalesce($2, primary_domain),
        country_code = coalesce($3, country_code), currency = coalesce($4, currency),
        time_zone = coalesce($5, time_zone)
      where domain = $1`,
    [domain, primaryDomain, countryCode, currency, timeZone],
  );
}
