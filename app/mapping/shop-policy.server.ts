import type { Country } from "#app/events/country.ts";
import type { ShopSettings } from "#app/events/shop-settings.ts";

/** The facts about a shop that mapping needs. */
export interface ShopPolicy {
  /** The permanent `….myshopify.com` name. */
  shopDomain: string;
  /** The host name that shoppers see; null until the Admin API has given it. */
  primaryDomain: string | null;
  countryCode: Country | null;
  settings: ShopSettings;
}

/** Builds the policy of a shop from its row. */
export function buildPolicy({
  domain: shopDomain,
  primaryDomain,
  countryCode,
  settings,
}: Omit<ShopPolicy, "shopDomain"> & { domain: string }): ShopPolicy {
  return { shopDomain, primaryDomain, countryCode, settings };
}
