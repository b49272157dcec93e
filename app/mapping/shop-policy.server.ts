import type { Country } from "#app/events/country.ts";
import type { ShopSettings } from "#app/events/shop-settings.ts";

/** What mapping must know of a shop. */
export interface ShopPolicy {
  /** The permanent `….myshopify.com` name. */
  shopDomain: string;
  /** Host name that shoppers see; null until the Admin API has told us. */
  primaryDomain: string | null;
  countryCode: Country | null;
  settings: ShopSettings;
}
